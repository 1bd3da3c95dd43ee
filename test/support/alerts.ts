import type { Pool } from 'mysql2/promise';
import type { Database } from '../../src/database';
import { postBatch, PostingQueue } from '../../src/posting';
import { type VerdictRecord, verdictsAsJson } from '../../src/risk';
import type { TestBank } from './bank';
import { postOne, transfer } from './postings';

export interface AlertRow {
  alert_id: string;
  transaction_id: string;
  case_id: string;
  user_id: string;
  verdict: string;
  priority: number;
  status: string;
  actions_state: string;
  hold_id: string | null;
  held_minor: string | null;
  label: string | null;
  recovered_minor: string | null;
  recovery_transaction_id: string | null;
  recovery_code: string | null;
  version: number;
}

/** Records a verdict as the worker would. Answers with what the procedure says. */
export async function recordVerdicts(
  pool: Pool,
  verdicts: (Pick<VerdictRecord, 'transaction_id' | 'risk_score'> & Partial<VerdictRecord>)[],
): Promise<{ recorded: number; alerts: number }> {
  const scores = verdicts.map((verdict) => ({ model_version: 1, features: {}, ...verdict }));
  const [answer] = await pool.query('CALL sp_record_risk_scores(?)', [verdictsAsJson(scores)]);
  const [row] = (answer as unknown as { recorded: string; alerts: string }[][])[0] ?? [];
  return { recorded: Number(row?.recorded), alerts: Number(row?.alerts) };
}

/** A transfer between two new customers with this verdict, and its alert. */
export async function alertedTransfer(
  bank: TestBank,
  worker: Pool,
  options: { amount?: bigint; risk_score?: number; from?: string; to?: string } = {},
): Promise<{ sender: string; receiver: string; transaction_id: string; alert: AlertRow }> {
  const { amount = 10_000n, risk_score = 0.92 } = options;
  const sender =
    options.from ?? (await bank.openAccount((await bank.createUser()).user_id, { balance: 50_000n }));
  const receiver = options.to ?? (await bank.openAccount((await bank.createUser()).user_id));
  const { transaction_id } = await postOne(bank.pool, transfer(sender, receiver, amount));
  await recordVerdicts(worker, [{ transaction_id: transaction_id ?? '', risk_score }]);
  const alert = await alertOf(bank.owner, transaction_id ?? '');
  return { sender, receiver, transaction_id: transaction_id ?? '', alert };
}

export async function alertOf(database: Database, transactionId: string): Promise<AlertRow> {
  const [row] = await database.query<AlertRow>('SELECT * FROM alerts WHERE transaction_id = ?', [
    transactionId,
  ]);
  if (!row) throw new Error(`transaction ${transactionId} has no alert`);
  return row;
}

/** Events of a case, oldest first. */
export async function eventsOf(database: Database, caseId: string): Promise<string[]> {
  const rows = await database.query<{ event: string }>(
    'SELECT event FROM case_events WHERE case_id = ? ORDER BY event_id',
    [caseId],
  );
  return rows.map((row) => row.event);
}

export async function accountState(
  database: Database,
  accountId: string,
): Promise<{ debit_block: string | null; status: string }> {
  const [row] = await database.query<{ debit_block: string | null; status: string }>(
    'SELECT debit_block, status FROM accounts WHERE account_id = ?',
    [accountId],
  );
  return { debit_block: row?.debit_block ?? null, status: row?.status ?? '' };
}

export function postingQueue(pool: Pool): PostingQueue {
  return new PostingQueue((items) => postBatch(pool, items), {
    batch_max: 500,
    batches_in_flight: 1,
    queue_max: 1_000,
    gather: true,
  });
}
