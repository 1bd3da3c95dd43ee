import { AccountProfile } from '../../worker/features/account-profile';
import { computeFeatures, MODEL_FEATURES, toModelRow } from '../../worker/features/features';
import { type Experience, EXPERIENCE_DAYS } from '../../worker/features/fraud-experience';
import { counterpartyCode, kindCode, placeCode } from '../../worker/features/movement';

const DAY_US = 86_400_000_000;
const EXPERIENCE_US = EXPERIENCE_DAYS * DAY_US;
/** How long after a payment its label is known. */
export const LABEL_DELAY_DAYS = 7;
const LABEL_DELAY_US = LABEL_DELAY_DAYS * DAY_US;
const MINOR_PER_MAJOR = 100;
const CHANNEL = 'card';

/** A card payment of the Fraud Detection Handbook. */
export interface Payment {
  /** Microseconds since 1970. */
  at_us: number;
  customer: string;
  terminal: string;
  amount_minor: number;
  is_fraud: boolean;
}

/** What is known of a terminal. */
interface Terminal {
  /** Within the experience, oldest first; those before `labelled` have a label by now. */
  payments: Payment[];
  labelled: number;
  confirmed_frauds: number;
}

/**
 * The bank's own features of the handbook's payments, computed by the code that scores the bank's transactions. The handbook has
 * no balances, places, devices or logins: these are missing. A terminal is the merchant.
 */
export class HandbookFeatures {
  private readonly customers = new Map<string, AccountProfile>();
  private readonly terminals = new Map<string, Terminal>();
  private isAnyFraudKnown = false;
  private count = 0;

  /** The model's row of the next payment, in the order of their time; then the payment counts. */
  next(payment: Payment): Float32Array {
    const profile = getOrCreate(this.customers, payment.customer, () => new AccountProfile());
    const movement = {
      transaction_id: (this.count += 1),
      effective_us: payment.at_us,
      posted_us: payment.at_us,
      amount_minor: -payment.amount_minor,
      // Merchants are counted from 1, and so are terminals here.
      counterparty: counterpartyCode('payment', null, String(Number(payment.terminal) + 1)),
      kind: kindCode('payment', CHANNEL),
      place: placeCode(null, null),
    };
    const judged = {
      ...movement,
      minor_per_major: MINOR_PER_MAJOR,
      units_per_dollar: 1,
      person_since_us: null,
    };
    const features = computeFeatures({
      type: 'payment',
      channel: CHANNEL,
      currency: 'USD',
      mcc: null,
      merchant_country: null,
      amount_minor: payment.amount_minor,
      minor_per_major: MINOR_PER_MAJOR,
      is_high_value: false,
      effective_us: payment.at_us,
      sender: {
        judged,
        history: profile.historyOf(profile.nextSeq),
        balance_before_minor: 0,
        opened_us: Infinity,
      },
      receiver: null,
      experience: this.experienceOf(payment),
      logins: null,
    });
    profile.observe(movement);
    profile.trim();
    return toModelRow(features);
  }

  private experienceOf(payment: Payment): Experience | null {
    const terminal = getOrCreate(this.terminals, payment.terminal, newTerminal);
    learnLabels(terminal, payment.at_us);
    this.isAnyFraudKnown ||= terminal.confirmed_frauds > 0;
    const experience = {
      transactions: terminal.payments.length,
      confirmed_frauds: terminal.confirmed_frauds,
    };
    terminal.payments.push(payment);
    return this.isAnyFraudKnown ? experience : null;
  }
}

function newTerminal(): Terminal {
  return { payments: [], labelled: 0, confirmed_frauds: 0 };
}

function learnLabels(terminal: Terminal, now_us: number): void {
  const { payments } = terminal;
  for (
    let next = payments[terminal.labelled];
    next && next.at_us <= now_us - LABEL_DELAY_US;
    next = payments[terminal.labelled]
  ) {
    if (next.is_fraud) terminal.confirmed_frauds += 1;
    terminal.labelled += 1;
  }
  while (payments[0] && payments[0].at_us <= now_us - EXPERIENCE_US) {
    if ((payments.shift() as Payment).is_fraud) terminal.confirmed_frauds -= 1;
    terminal.labelled -= 1;
  }
}

function getOrCreate<V>(map: Map<string, V>, key: string, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}

export const COUNTERPARTY_COLUMN = MODEL_FEATURES.indexOf('counterparty_fraud_rate');
