import type { Queries } from '../database';
import type { RowName } from './row-record';
import type { SealStatement } from './statement';

/** What stands behind the newest block. */
export interface UnsealedRows {
  transactions_count: number;
  audit_rows_count: number;
  /** As a DATETIME arrives. */
  oldest_at: string | null;
  first_row: RowName | null;
}

export async function unsealedRows(
  queries: Pick<Queries, 'query'>,
  end: SealStatement | undefined,
): Promise<UnsealedRows> {
  const [row] = await queries.query<Record<string, string | null>>(
    `SELECT t.rows_count AS transactions_count, t.first_id AS first_transaction_id, a.rows_count AS audit_count,
       a.first_id AS first_audit_id, NULLIF(LEAST(COALESCE(t.oldest, '9999-01-01'), COALESCE(a.oldest, '9999-01-01')), '9999-01-01') AS oldest_at
     FROM (SELECT COUNT(*) AS rows_count, MIN(transaction_id) AS first_id, MIN(posted_at) AS oldest
       FROM transactions WHERE transaction_id > ?) t
     JOIN (SELECT COUNT(*) AS rows_count, MIN(audit_id) AS first_id, MIN(created_at) AS oldest
       FROM system_audit_logs WHERE audit_id > ?) a`,
    [BigInt(end?.transactions_until_id ?? 0), BigInt(end?.audit_until_id ?? 0)],
  );
  const first = (kind: 'transaction' | 'audit', id: string | null | undefined) =>
    id ? { kind, id: String(id), leg: null } : null;
  return {
    transactions_count: Number(row?.transactions_count ?? 0),
    audit_rows_count: Number(row?.audit_count ?? 0),
    oldest_at: row?.oldest_at ?? null,
    first_row: first('transaction', row?.first_transaction_id) ?? first('audit', row?.first_audit_id),
  };
}

/** Age of the oldest row that is not sealed yet, in seconds; 0 when none waits. Looks at two rows, however many wait. */
export async function sealLagSeconds(queries: Pick<Queries, 'query'>): Promise<number> {
  const [row] = await queries.query<{ lag_us: string | null }>(
    `SELECT TIMESTAMPDIFF(MICROSECOND, LEAST(COALESCE(w.posted_at, w.created_at), COALESCE(w.created_at, w.posted_at)), UTC_TIMESTAMP(6)) AS lag_us
     FROM (
       SELECT
         (SELECT t.posted_at FROM transactions t
          WHERE t.transaction_id > COALESCE((SELECT b.transactions_until_id FROM seal_blocks b ORDER BY b.block_id DESC LIMIT 1), 0)
          ORDER BY t.transaction_id LIMIT 1) AS posted_at,
         (SELECT a.created_at FROM system_audit_logs a
          WHERE a.audit_id > COALESCE((SELECT b.audit_until_id FROM seal_blocks b ORDER BY b.block_id DESC LIMIT 1), 0)
          ORDER BY a.audit_id LIMIT 1) AS created_at
     ) w`,
  );
  return Math.max(0, Number(row?.lag_us ?? 0)) / 1_000_000;
}
