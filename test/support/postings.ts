import { randomBytes } from 'node:crypto';
import {
  idempotencyKey,
  postBatch,
  requestHash,
  type BatchItem,
  type PostingOutcome,
} from '../../src/posting';
import type { Pool } from 'mysql2/promise';
import type { Queries } from '../../src/database';

type More = Partial<BatchItem>;

/** A fresh key and hash of a posting item. */
export function freshKey(): { key: string; hash: string } {
  const nonce = randomBytes(16).toString('hex');
  return { key: idempotencyKey('test', nonce), hash: requestHash(nonce) };
}

/** Items of sp_post_batch, each with a key of its own, in USD unless `more` says otherwise. Amounts are minor units. */
export const deposit = (credit: string, amount: bigint, more: More = {}): BatchItem => ({
  ...freshKey(),
  type: 'deposit',
  credit,
  amount,
  currency: 'USD',
  ...more,
});

export const withdrawal = (debit: string, amount: bigint, more: More = {}): BatchItem => ({
  ...freshKey(),
  type: 'withdrawal',
  debit,
  amount,
  currency: 'USD',
  ...more,
});

export const transfer = (debit: string, credit: string, amount: bigint, more: More = {}): BatchItem => ({
  ...freshKey(),
  type: 'transfer',
  debit,
  credit,
  amount,
  currency: 'USD',
  ...more,
});

export const payment = (debit: string, amount: bigint, more: More = {}): BatchItem => ({
  ...withdrawal(debit, amount),
  type: 'payment',
  ...more,
});

export const refund = (credit: string, amount: bigint, more: More = {}): BatchItem => ({
  ...deposit(credit, amount),
  type: 'refund',
  ...more,
});

export const hold = (debit: string, amount: bigint, more: More = {}): BatchItem => ({
  ...withdrawal(debit, amount),
  type: 'hold',
  ...more,
});

/** Without an amount the whole hold is captured. */
export const capture = (holdId: string, amount?: bigint, more: More = {}): BatchItem => ({
  ...freshKey(),
  type: 'capture',
  hold: holdId,
  amount,
  ...more,
});

export const voidHold = (holdId: string, more: More = {}): BatchItem => ({
  ...freshKey(),
  type: 'void',
  hold: holdId,
  ...more,
});

export const expire = (holdId: string, more: More = {}): BatchItem => ({
  ...freshKey(),
  type: 'expire',
  hold: holdId,
  ...more,
});

export const reversal = (original: string, more: More = {}): BatchItem => ({
  ...freshKey(),
  type: 'reversal',
  original,
  ...more,
});

/** Legs as [account, signed minor units]. */
export const journal = (legs: [account: string, amount: bigint][], more: More = {}): BatchItem => ({
  ...freshKey(),
  type: 'journal',
  currency: 'USD',
  legs: legs.map(([account, amount]) => ({ account, amount })),
  ...more,
});

/** Items of one request that are posted all or none. */
export function linked(request: number, ...items: BatchItem[]): BatchItem[] {
  return items.map((item) => ({ ...item, request, linked: 1 }));
}

/** Posts one item and answers with its outcome. */
export async function postOne(pool: Pool, item: BatchItem): Promise<PostingOutcome> {
  const [outcome] = await postBatch(pool, [item]);
  if (!outcome) throw new Error('the batch was not answered');
  return outcome;
}

/** The codes of a batch's items, in order. */
export async function codesOf(pool: Pool, ...items: BatchItem[]): Promise<string[]> {
  return (await postBatch(pool, items)).map((outcome) => outcome.code);
}

/** Sends JSON as it is, for items that the types would not allow, and answers with their codes. */
export async function rawCodes(pool: Pool, batch: unknown): Promise<string[]> {
  const [answer] = await pool.query('CALL sp_post_batch(?)', [
    typeof batch === 'string' ? batch : JSON.stringify(batch),
  ]);
  return (answer as unknown as { code: string }[][])[0]?.map((row) => row.code) ?? [];
}

/** The hold or the transaction that an accepted item made. */
export function made(outcome: PostingOutcome): string {
  if (outcome.code !== 'OK') throw new Error(`expected OK, was answered ${outcome.code}`);
  const id = outcome.type === 'hold' ? outcome.hold_id : outcome.transaction_id;
  if (id === null) throw new Error('an accepted item without an id');
  return id;
}

export interface Funds {
  balance: bigint;
  held: bigint;
  available: bigint;
}

/** What the account's row says, in minor units. */
export async function fundsOf(queries: Queries, accountId: string): Promise<Funds> {
  const [row] = await queries.query<Record<'balance' | 'held' | 'available', string>>(
    `SELECT balance_minor AS balance, held_minor AS held, balance_minor - held_minor + overdraft_limit_minor AS available
     FROM accounts WHERE account_id = ?`,
    [accountId],
  );
  return {
    balance: BigInt(row?.balance ?? 0),
    held: BigInt(row?.held ?? 0),
    available: BigInt(row?.available ?? 0),
  };
}

/** The bank's own account of a kind. */
export async function systemAccount(queries: Queries, systemCode: string, currency = 'USD'): Promise<string> {
  const [row] = await queries.query<{ account_id: string }>(
    'SELECT account_id FROM accounts WHERE system_code = ? AND currency = ?',
    [systemCode, currency],
  );
  if (!row) throw new Error(`no account ${systemCode} in ${currency}`);
  return String(row.account_id);
}

/** Rows of the integrity view: none is health. */
export function integrityProblems(queries: Queries): Promise<object[]> {
  return queries.query('SELECT * FROM vw_ledger_integrity_check');
}

/** How many rows each of the tables holds that a posting may write. */
export async function ledgerSize(queries: Queries): Promise<Record<string, number>> {
  const [row] = await queries.query<Record<string, string>>(`
    SELECT (SELECT COUNT(*) FROM transactions) AS transactions, (SELECT COUNT(*) FROM ledger_entries) AS ledger_entries,
      (SELECT COUNT(*) FROM holds) AS holds, (SELECT COUNT(*) FROM hold_events) AS hold_events,
      (SELECT COUNT(*) FROM reversals) AS reversals, (SELECT COUNT(*) FROM idempotency_keys) AS idempotency_keys,
      (SELECT COUNT(*) FROM declined_transactions) AS declined_transactions, (SELECT COUNT(*) FROM outbox) AS outbox`);
  return Object.fromEntries(Object.entries(row ?? {}).map(([table, count]) => [table, Number(count)]));
}
