import type { Queries } from '../../src/database';
import type { BenchBank } from './bench-bank';

/** The ledger is not what it must be: whatever was measured on it counts for nothing. */
export class WrongBooks extends Error {
  override name = 'WrongBooks';
}

/**
 * What every benchmark ends with: the integrity view is empty, what was accepted is posted and nothing else, money in is money
 * out.
 * @throws WrongBooks
 */
export async function checkBooks(bank: BenchBank): Promise<void> {
  const problems = await bank.owner.query('SELECT * FROM vw_ledger_integrity_check LIMIT 5');
  if (problems.length > 0)
    throw new WrongBooks(`${bank.name}: the integrity view shows ${JSON.stringify(problems)}`);
  const posted = await count(bank.owner, 'SELECT COUNT(*) AS n FROM transactions');
  if (posted !== bank.expected)
    throw new WrongBooks(`${bank.name}: ${bank.expected} transactions were accepted, ${posted} are posted`);
  const net = await count(bank.owner, 'SELECT COALESCE(SUM(balance_minor), 0) AS n FROM accounts');
  const flow = await count(bank.owner, 'SELECT COALESCE(SUM(amount_minor), 0) AS n FROM ledger_entries');
  if (net !== 0 || flow !== 0)
    throw new WrongBooks(`${bank.name}: balances sum to ${net}, entries to ${flow} instead of zero`);
}

async function count(queries: Queries, sql: string): Promise<number> {
  const [row] = await queries.query<{ n: string }>(sql);
  return Number(row?.n ?? Number.NaN);
}
