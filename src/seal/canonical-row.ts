import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json';

export type SealedKind = 'transaction' | 'entry' | 'audit';
export type ColumnValue = string | number | null;

/**
 * What is sealed of each kind of row, in this order: all of its columns, none of which ever changes. A new column does not belong to a row's
 * seal until a new version of the form takes it in; to take one out or to move one is to break every chain.
 */
export const SEALED_COLUMNS = {
  transaction: [
    'transaction_id',
    'reference_id',
    'batch_id',
    'batch_seq',
    'type',
    'currency',
    'amount_minor',
    'is_high_value',
    'description',
    'channel',
    'merchant_id',
    'card_id',
    'hold_id',
    'initiated_by',
    'effective_at',
    'posted_at',
  ],
  entry: [
    'transaction_id',
    'leg',
    'account_id',
    'account_seq',
    'amount_minor',
    'balance_after_minor',
    'available_after_minor',
    'effective_at',
    'posted_at',
  ],
  audit: [
    'audit_id',
    'table_name',
    'record_id',
    'action',
    'old_values',
    'new_values',
    'actor_user_id',
    'actor_db_user',
    'ip_address',
    'request_id',
    'created_at',
  ],
} as const satisfies Record<SealedKind, readonly string[]>;

/** Stands in a row as the digest of its canonical JSON, so that the chain still holds when a law has the values themselves erased. */
const JSON_COLUMNS: ReadonlySet<string> = new Set(['old_values', 'new_values']);

/**
 * The bytes of a row that are digested: a line with its kind, and a line for each column, "<bytes>:<value>", or "-" for NULL. Lengths make it
 * unambiguous whatever a text holds. Numbers are decimal, times "2026-01-31 10:00:00.123456" in UTC, texts UTF-8.
 */
export function canonicalRow(kind: SealedKind, row: Readonly<Record<string, ColumnValue>>): string {
  let text = `${kind} 1\n`;
  for (const column of SEALED_COLUMNS[kind]) {
    const value = row[column];
    if (value === null || value === undefined) text += '-\n';
    else {
      const field = JSON_COLUMNS.has(column) ? jsonDigest(String(value)) : String(value);
      text += `${Buffer.byteLength(field)}:${field}\n`;
    }
  }
  return text;
}

/** SHA-256 of a row's canonical form, 32 bytes. */
export function rowDigest(kind: SealedKind, row: Readonly<Record<string, ColumnValue>>): Buffer {
  return hash('sha256', canonicalRow(kind, row), 'buffer');
}

/** What is no JSON was put there by force: its own bytes are digested, and differ from what was sealed. */
function jsonDigest(text: string): string {
  let canonical: string;
  try {
    canonical = canonicalJson(text);
  } catch {
    canonical = `not JSON ${text}`;
  }
  return hash('sha256', canonical, 'hex');
}
