import type { History } from './account-profile';
import { AMOUNT, COUNTERPARTY, EFFECTIVE, STRIDE, TRANSACTION } from './account-profile';
import { NOBODY } from './movement';
import type { Judged } from './recollection';

/** What is assumed of a counterparty nobody knows: one fraud in a thousand. */
export const FRAUD_BASE_RATE = 0.001;
/** The assumption weighs as much as this many transactions. */
const BASE_WEIGHT = 20;
/** How far back a counterparty's past counts: an account that was taken over last month has an honest youth. */
export const EXPERIENCE_DAYS = 90;
const EXPERIENCE_US = EXPERIENCE_DAYS * 86_400_000_000;

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
    if (!isPayment || ago < 0 || ago >= EXPERIENCE_US) continue;
    transactions += 1;
    const confirmed = confirmedAt(rows[at + TRANSACTION] as number);
    if (confirmed !== undefined && confirmed < now.posted_us) confirmed_frauds += 1;
  }
  return { transactions, confirmed_frauds };
}
