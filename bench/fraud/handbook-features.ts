import { FeatureReplay, type ReplayedTransaction } from '../../worker/features/feature-replay';
import { MODEL_FEATURES, toModelRow } from '../../worker/features/features';

const DAY_US = 86_400_000_000;
/** How long after a payment its label is known. */
export const LABEL_DELAY_DAYS = 7;
const LABEL_DELAY_US = LABEL_DELAY_DAYS * DAY_US;

/** A card payment of the Fraud Detection Handbook. */
export interface Payment {
  /** Microseconds since 1970. */
  at_us: number;
  customer: string;
  terminal: string;
  amount_minor: number;
  is_fraud: boolean;
}

/**
 * The bank's own features of the handbook's payments, computed by the code that scores the bank's transactions. The handbook has
 * no balances, places, devices or logins: these are missing. A terminal is the merchant.
 */
export class HandbookFeatures {
  private readonly bank = new FeatureReplay();
  private readonly opened = new Set<number>();
  /** Frauds whose label is not known yet, oldest first. */
  private unconfirmed: ReplayedTransaction[] = [];
  private count = 0;

  /** The model's row of the next payment, in the order of their time; then the payment counts. */
  next(payment: Payment): Float32Array {
    this.learnLabels(payment.at_us);
    const paid = this.toReplayed(payment);
    const customer = paid.debit_account ?? 0;
    if (!this.opened.has(customer)) {
      this.opened.add(customer);
      // Since when there is the account is not known.
      this.bank.open(customer, Infinity);
    }
    const row = toModelRow(this.bank.featuresOf(paid));
    this.bank.observe(paid);
    if (payment.is_fraud) this.unconfirmed.push(paid);
    return row;
  }

  private learnLabels(now_us: number): void {
    const known = this.unconfirmed.filter(({ effective_us }) => effective_us + LABEL_DELAY_US < now_us);
    for (const fraud of known) this.bank.confirm(fraud, fraud.effective_us + LABEL_DELAY_US);
    this.unconfirmed = this.unconfirmed.slice(known.length);
  }

  /** Customers and terminals are counted from 0 there, and from 1 here. */
  private toReplayed({ at_us, customer, terminal, amount_minor }: Payment): ReplayedTransaction {
    this.count += 1;
    return {
      transaction_id: this.count,
      type: 'payment',
      channel: 'card',
      currency: 'USD',
      amount_minor,
      minor_per_major: 100,
      is_high_value: false,
      debit_account: Number(customer) + 1,
      credit_account: null,
      merchant_id: Number(terminal) + 1,
      mcc: null,
      merchant_country: null,
      effective_us: at_us,
      posted_us: at_us,
      person_since_us: null,
      logins: null,
    };
  }
}

export const COUNTERPARTY_COLUMN = MODEL_FEATURES.indexOf('counterparty_fraud_rate');
