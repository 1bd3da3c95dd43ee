import { AccountProfile } from './account-profile';
import {
  countKnownFrauds,
  type Experience,
  experienceOfAccount,
  type MerchantFraud,
} from './fraud-experience';
import { computeFeatures, type Features, type LoginView, unitsPerDollar } from './features';
import { isWithin, weekOf } from './merchant-activity';
import { counterpartyCode, kindCode, type Movement, placeCode } from './movement';
import type { Judged } from './recollection';

/** A transaction of a history that is played from its beginning, as a data set, a simulator or the baseline gives it. */
export interface ReplayedTransaction {
  transaction_id: number;
  type: string;
  channel: string | null;
  currency: string;
  /** Minor units, above zero. */
  amount_minor: number;
  minor_per_major: number;
  is_high_value: boolean;
  /** Accounts of customers, above zero; null: the bank's own. */
  debit_account: number | null;
  credit_account: number | null;
  /** Above zero. */
  merchant_id: number | null;
  mcc: string | null;
  merchant_country: string | null;
  /** Microseconds since 1970. */
  effective_us: number;
  posted_us: number;
  /** First login of the person who asked for it; null: nobody did over the API. */
  person_since_us: number | null;
  logins: LoginView | null;
}

interface Account {
  profile: AccountProfile;
  balance_minor: number;
  opened_us: number;
}

/**
 * The bank's memory of a history that is played in the order of posting: what FeatureReader reads from the database, kept by
 * the same code. Ask for the features of a transaction before it is observed.
 */
export class FeatureReplay {
  private readonly accounts = new Map<number, Account>();
  private readonly confirmed = new Map<number, number>();
  private readonly merchantWeeks = new Map<number, Map<number, number>>();
  private readonly merchantFrauds = new Map<number, MerchantFraud[]>();
  private firstConfirmed_us = Infinity;

  /** Accounts that are not opened here begin empty, with the first transaction they take part in. */
  open(account: number, opened_us: number, balance_minor = 0): void {
    this.accounts.set(account, { profile: new AccountProfile(), balance_minor, opened_us });
  }

  /** Minor units. */
  balanceOf(account: number): number {
    return this.accounts.get(account)?.balance_minor ?? 0;
  }

  /** As of the moment before the transaction counts. */
  featuresOf(transaction: ReplayedTransaction): Features {
    const { debit_account: debited, credit_account: credited } = transaction;
    const sender = debited ?? credited;
    const receiver = transaction.type === 'transfer' && debited !== null ? credited : null;
    const senderAccount = sender === null ? null : this.accountOf(sender, transaction);
    const receiverAccount = receiver === null ? null : this.accountOf(receiver, transaction);
    const ofReceiver = receiverAccount && {
      judged: judgedOf(transaction, receiver),
      history: receiverAccount.profile.historyOf(receiverAccount.profile.nextSeq),
    };
    return computeFeatures({
      type: transaction.type,
      channel: transaction.channel,
      currency: transaction.currency,
      mcc: transaction.mcc,
      merchant_country: transaction.merchant_country,
      amount_minor: transaction.amount_minor,
      minor_per_major: transaction.minor_per_major,
      is_high_value: transaction.is_high_value,
      effective_us: transaction.effective_us,
      sender: senderAccount && {
        judged: judgedOf(transaction, sender),
        history: senderAccount.profile.historyOf(senderAccount.profile.nextSeq),
        balance_before_minor: senderAccount.balance_minor,
        opened_us: senderAccount.opened_us,
      },
      receiver: ofReceiver,
      experience: this.experienceOf(transaction, ofReceiver),
      logins: transaction.logins,
    });
  }

  /** From now on the transaction counts. */
  observe(transaction: ReplayedTransaction): void {
    for (const account of [transaction.debit_account, transaction.credit_account]) {
      if (account === null) continue;
      const own = this.accountOf(account, transaction);
      const movement = movementOf(transaction, account);
      own.profile.observe(movement);
      own.profile.trim();
      own.balance_minor += movement.amount_minor;
    }
    if (transaction.merchant_id === null) return;
    const weeks = this.merchantWeeks.get(transaction.merchant_id) ?? new Map<number, number>();
    const week = weekOf(transaction.effective_us);
    weeks.set(week, (weeks.get(week) ?? 0) + 1);
    this.merchantWeeks.set(transaction.merchant_id, weeks);
  }

  /** An analyst confirms that the transaction was fraud: known for what is posted after that. */
  confirm(transaction: ReplayedTransaction, confirmed_us: number): void {
    this.confirmed.set(transaction.transaction_id, confirmed_us);
    this.firstConfirmed_us = Math.min(this.firstConfirmed_us, confirmed_us);
    if (transaction.merchant_id === null) return;
    const frauds = this.merchantFrauds.get(transaction.merchant_id) ?? [];
    frauds.push({ effective_us: transaction.effective_us, confirmed_us });
    this.merchantFrauds.set(transaction.merchant_id, frauds);
  }

  private accountOf(account: number, { effective_us }: ReplayedTransaction): Account {
    if (!this.accounts.has(account)) this.open(account, effective_us);
    return this.accounts.get(account) as Account;
  }

  private experienceOf(
    transaction: ReplayedTransaction,
    receiver: { judged: Judged; history: ReturnType<AccountProfile['historyOf']> } | null,
  ): Experience | null {
    if (this.firstConfirmed_us >= transaction.posted_us) return null;
    if (receiver)
      return experienceOfAccount(receiver.history, receiver.judged, (id) => this.confirmed.get(id));
    if (transaction.merchant_id === null) return null;
    const week = weekOf(transaction.effective_us);
    const frauds = this.merchantFrauds.get(transaction.merchant_id) ?? [];
    let transactions = 0;
    for (const [other, count] of this.merchantWeeks.get(transaction.merchant_id) ?? []) {
      if (isWithin(other, week)) transactions += count;
    }
    return { transactions, confirmed_frauds: countKnownFrauds(frauds, transaction) };
  }
}

function movementOf(transaction: ReplayedTransaction, account: number): Movement {
  const isDebited = transaction.debit_account === account;
  const other = isDebited ? transaction.credit_account : transaction.debit_account;
  return {
    transaction_id: transaction.transaction_id,
    effective_us: transaction.effective_us,
    posted_us: transaction.posted_us,
    amount_minor: isDebited ? -transaction.amount_minor : transaction.amount_minor,
    counterparty: counterpartyCode(transaction.type, other, transaction.merchant_id),
    kind: kindCode(transaction.type, transaction.channel),
    place: placeCode(transaction.mcc, transaction.merchant_country),
  };
}

function judgedOf(transaction: ReplayedTransaction, account: number | null): Judged {
  const movement = movementOf(transaction, account ?? 0);
  return {
    transaction_id: movement.transaction_id,
    effective_us: movement.effective_us,
    posted_us: movement.posted_us,
    amount_minor: movement.amount_minor,
    counterparty: movement.counterparty,
    kind: movement.kind,
    place: movement.place,
    minor_per_major: transaction.minor_per_major,
    units_per_dollar: unitsPerDollar(transaction.currency),
    person_since_us: transaction.person_since_us,
  };
}
