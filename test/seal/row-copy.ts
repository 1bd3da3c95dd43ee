import type { Connection } from 'mysql2/promise';

/** Inserts a copy of the first row of a transaction, with other values in some columns. */
export async function copyOf(
  root: Connection,
  table: 'transactions' | 'ledger_entries',
  transactionId: string,
  changes: Record<string, string | number>,
): Promise<void> {
  const [rows] = await root.query(`SELECT * FROM ${table} WHERE transaction_id = ? LIMIT 1`, [transactionId]);
  const [row] = rows as Record<string, unknown>[];
  const { transaction_id: original, ...others } = row ?? {};
  const isGiven = 'transaction_id' in changes || table === 'ledger_entries';
  await root.query(`INSERT INTO ${table} SET ?`, [
    { ...(isGiven ? { transaction_id: original } : {}), ...others, ...changes },
  ]);
}
