import type { Queries } from '../database';
import { referenceOf } from '../posting';

/**
 * Money that was held at the receiving customer's account with its posting, because nobody had judged the transaction by then. Such a
 * hold is the item right behind its transaction in their batch; the day on which it would end is what it is known by.
 */
export const EARLY_HOLD_UNTIL_US = Date.UTC(2199, 11, 30) * 1_000;
const EARLY_HOLD_UNTIL = '2199-12-30 00:00:00';

export interface EarlyHold {
  hold_id: string;
  /** null: it stands behind no posted transaction. */
  transaction_id: string | null;
}

interface Place {
  hold_id: string;
  batch_id: string;
  batch_seq: number;
}

/** The hold that came with a transaction, as long as it stands. */
export async function earlyHoldOf(queries: Queries, transactionId: string): Promise<string | null> {
  const [transaction] = await queries.query<{ batch_id: string; batch_seq: number }>(
    'SELECT batch_id, batch_seq FROM transactions WHERE transaction_id = ?',
    [transactionId],
  );
  if (!transaction) return null;
  const [hold] = await queries.query<{ hold_id: string }>(
    "SELECT hold_id FROM holds WHERE reference_id = ? AND expires_at = ? AND status = 'active' AND channel = 'risk'",
    [referenceOf(String(transaction.batch_id), transaction.batch_seq + 1), EARLY_HOLD_UNTIL],
  );
  return hold ? String(hold.hold_id) : null;
}

/**
 * Holds of this kind that stand, in ascending order, with the transactions that they came with. Those that an open alert has taken
 * over are left out unless `withKept`: a review may last for days.
 */
export async function earlyHolds(
  queries: Queries,
  afterHoldId: string,
  limit: number,
  withKept: boolean,
): Promise<EarlyHold[]> {
  const holds = await queries.query<Place>(
    `SELECT h.hold_id, h.batch_id, h.batch_seq FROM holds h
     WHERE h.status = 'active' AND h.expires_at = ? AND h.channel = 'risk' AND h.hold_id > ?
       AND (? OR NOT EXISTS (SELECT 1 FROM alerts a WHERE a.hold_id = h.hold_id AND a.is_open))
     ORDER BY h.hold_id LIMIT ?`,
    [EARLY_HOLD_UNTIL, afterHoldId, withKept, limit],
  );
  if (holds.length === 0) return [];
  const referenceBefore = ({ batch_id, batch_seq }: Place) => referenceOf(String(batch_id), batch_seq - 1);
  const transactions = await queries.query<{ transaction_id: string; reference_id: string }>(
    'SELECT transaction_id, reference_id FROM transactions WHERE reference_id IN (?)',
    [holds.map(referenceBefore) as unknown as string],
  );
  const byReference = new Map(transactions.map((row) => [row.reference_id, String(row.transaction_id)]));
  return holds.map((hold) => ({
    hold_id: String(hold.hold_id),
    transaction_id: byReference.get(referenceBefore(hold)) ?? null,
  }));
}
