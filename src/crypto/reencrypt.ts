import type { Queries } from '../database';
import { type EncryptedColumn, ENCRYPTED_COLUMNS } from './encrypted-columns';
import { type Keyring, UnreadableCiphertext } from './keyring';

export interface ReencryptedColumn {
  /** `table.column` */
  column: string;
  /** Values that are under the first key now and were not before. */
  renewed: number;
  /** Values that no key of the ring opens, or that were changed. They stay as they are. */
  unreadable: number;
}

interface CiphertextRow {
  id: string;
  ciphertext: string;
}

const PAGE = 500;

/**
 * Brings every ciphertext under the keyring's first key. It may be stopped and repeated, and the bank may run: a value that changed in
 * the meantime is left alone, because whoever changed it used the first key.
 */
export async function reencrypt(
  queries: Queries,
  keyring: Keyring,
  columns: readonly EncryptedColumn[] = ENCRYPTED_COLUMNS,
): Promise<ReencryptedColumn[]> {
  const done: ReencryptedColumn[] = [];
  for (const column of columns) done.push(await reencryptColumn(queries, keyring, column));
  return done;
}

async function reencryptColumn(
  queries: Queries,
  keyring: Keyring,
  { table, id, column, place }: EncryptedColumn,
): Promise<ReencryptedColumn> {
  const result = { column: `${table}.${column}`, renewed: 0, unreadable: 0 };
  let after = '0';
  for (;;) {
    const rows = await queries.query<CiphertextRow>(
      `SELECT ${id} AS id, ${column} AS ciphertext FROM ${table} WHERE ${id} > ? AND ${column} IS NOT NULL ORDER BY ${id} LIMIT ?`,
      [after, PAGE],
    );
    if (rows.length === 0) return result;
    after = String(rows.at(-1)?.id);
    for (const row of rows) {
      const renewed = renew(keyring, row.ciphertext, place(String(row.id)));
      if (renewed === null) result.unreadable += 1;
      if (!renewed || renewed === row.ciphertext) continue;
      const { affectedRows } = await queries.execute(
        `UPDATE ${table} SET ${column} = ? WHERE ${id} = ? AND ${column} = ?`,
        [renewed, row.id, row.ciphertext],
      );
      result.renewed += affectedRows;
    }
  }
}

/** The ciphertext under the first key; null when it cannot be opened. */
function renew(keyring: Keyring, ciphertext: string, place: string): string | null {
  try {
    // Opened also when it is current: this is how one learns that a value was damaged.
    const plaintext = keyring.decrypt(ciphertext, place);
    return keyring.isCurrent(ciphertext) ? ciphertext : keyring.encrypt(plaintext, place);
  } catch (error) {
    if (error instanceof UnreadableCiphertext) return null;
    throw error;
  }
}
