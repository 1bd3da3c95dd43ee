import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchBank } from './bench-bank';

const POLL_MS = 200;

/** Everything up to here has a verdict, a bank. */
const scoredUpTo = new WeakMap<BenchBank, string>();

/** Transactions without a verdict among those posted since the bank was last quiet. */
export async function backlogOf(bank: BenchBank): Promise<number> {
  const from = scoredUpTo.get(bank) ?? '0';
  const [row] = await bank.owner.query<{ backlog: string; newest: string }>(
    `SELECT (SELECT COUNT(*) FROM transactions WHERE transaction_id > ?)
       - (SELECT COUNT(*) FROM transaction_risk_scores WHERE transaction_id > ?) AS backlog,
       (SELECT COALESCE(MAX(transaction_id), 0) FROM transactions) AS newest`,
    [from, from],
  );
  const backlog = Number(row?.backlog ?? 0);
  if (backlog === 0) scoredUpTo.set(bank, String(row?.newest ?? 0));
  return backlog;
}

/** Waits until the worker has nothing left to do, so that one round does not slow the next. @returns seconds waited */
export async function untilQuiet(bank: BenchBank, limitSeconds = 60): Promise<number> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  while ((await backlogOf(bank)) > 0 && seconds() < limitSeconds) await sleep(POLL_MS);
  return seconds();
}
