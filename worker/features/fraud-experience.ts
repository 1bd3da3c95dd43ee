import type { History } from './account-profile';
import { AMOUNT, COUNTERPARTY, EFFECTIVE, STRIDE, TRANSACTION } from './account-profile';
import { NOBODY } from './movement';
import type { Judged } from './recollection';

/** What is assumed of a counterparty nobody knows: one fraud in a thousand. */
export const FRAUD_BASE_RATE = 0.001;
/** The assumption weighs as much as this many transactions. */
const BASE_WEIGHT = 20;
const DAY_US = 86_400_000_000;
/** How far back an account's past counts: one that was taken over last month has an honest youth. */
const ACCOUNT_US = 90 * DAY_US;
/** A shop's past counts for less: where a stolen card was used a month ago is a shop like others, and a leak is found in weeks. */
const MERCHANT_US = 14 * DAY_US;
/** A fraud at a shop that is confirmed later than that is news all the same: for so long, when it is no older than so. */
const NEWS_US = 7 * DAY_US;
const LATE_US = 90 * DAY_US;

/** What a counterparty took part in lately. */
export interface Experience {
  transactions: number;
  /** Of them, by labels that were known before the transaction that is judged. */
  confirmed_frauds: number;
}

/**
 * Smoothed with the base rate, so that one fraud among two transactions is no rate of a half. Without any it is the base rate,
 * however much honest business there was: how popular somebody is says nothing of fraud.
 */
export function fraudRate({ transactions, confirmed_frauds }: Experience): number {
  if (confirmed_frauds === 0) return FRAUD_BASE_RATE;
  const all = Math.max(transactions, confirmed_frauds);
  return (confirmed_frauds + BASE_WEIGHT * FRAUD_BASE_RATE) / (all + BASE_WEIGHT);
}

/** A fraud at a merchant. Microseconds since 1970. */
export interface MerchantFraud {
  effective_us: number;
  confirmed_us: number;
}

/**
 * How many of a merchant's frauds count for a transaction: those that were confirmed before it was posted, and happened or were
 * confirmed lately.
 */
export function countKnownFrauds(
  frauds: readonly MerchantFraud[],
  now: { effective_us: number; posted_us: number },
): number {
  return frauds.filter(({ effective_us, confirmed_us }) => {
    const ago = now.effective_us - effective_us;
    if (confirmed_us >= now.posted_us || ago < 0 || ago >= LATE_US) return false;
    return ago < MERCHANT_US || now.posted_us - confirmed_us < NEWS_US;
  }).length;
}

/** When a transaction was confirmed to be fraud, microseconds since 1970; undefined: it was not. */
export type ConfirmedAt = (transactionId: number) => number | undefined;

/** What customers sent to this account, among the entries that its history holds. */
export function experienceOfAccount(
  { rows, from, to }: History,
  now: Judged,
  confirmedAt: ConfirmedAt,
): Experience {
  let transactions = 0;
  let confirmed_frauds = 0;
  for (let at = from * STRIDE; at < to * STRIDE; at += STRIDE) {
    const ago = now.effective_us - (rows[at + EFFECTIVE] as number);
    const isPayment = (rows[at + AMOUNT] as number) > 0 && rows[at + COUNTERPARTY] !== NOBODY;
    if (!isPayment || ago < 0 || ago >= ACCOUNT_US) continue;
    transactions += 1;
    const confirmed = confirmedAt(rows[at + TRANSACTION] as number);
    if (confirmed !== undefined && confirmed < now.posted_us) confirmed_frauds += 1;
  }
  return { transactions, confirmed_frauds };
}
