import type { Queries } from '../../src/database';

export interface TableSize {
  table: string;
  rows: number;
  bytes_per_row: number;
  index_bytes_per_row: number;
}

const TABLES = ['transactions', 'ledger_entries', 'idempotency_keys', 'transaction_risk_scores'];

/** Bytes a row, of the clustered table and of its further indexes, as the engine has them on disk. Rows are counted. */
export async function tableSizes(queries: Queries): Promise<TableSize[]> {
  const sizes: TableSize[] = [];
  for (const table of TABLES) {
    await queries.query(`ANALYZE TABLE ${table}`);
    const [size] = await queries.query<{ data: string; indexes: string }>(
      `SELECT data_length AS data, index_length AS indexes FROM information_schema.tables
       WHERE table_schema = DATABASE() AND table_name = ?`,
      [table],
    );
    const [count] = await queries.query<{ n: string }>(`SELECT COUNT(*) AS n FROM ${table}`);
    const rows = Number(count?.n ?? 0);
    if (rows === 0) continue;
    sizes.push({
      table,
      rows,
      bytes_per_row: Number(size?.data) / rows,
      index_bytes_per_row: Number(size?.indexes) / rows,
    });
  }
  return sizes;
}

export function sizeText(sizes: readonly TableSize[]): string {
  return sizes
    .map(
      ({ table, rows, bytes_per_row, index_bytes_per_row }) =>
        `${table} ${bytes_per_row.toFixed(0)} + ${index_bytes_per_row.toFixed(0)} (${rows} rows)`,
    )
    .join(', ');
}
