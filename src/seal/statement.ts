import { hash } from 'node:crypto';

/** What a block says. Ids are of the newest row each; hashes and ids of chain and key in hexadecimal. */
export interface SealStatement {
  /** 32 hex digits. */
  chain_id: string;
  block_id: number;
  previous_hash: string;
  transactions_after_id: string;
  transactions_until_id: string;
  audit_after_id: string;
  audit_until_id: string;
  rows_count: number;
  rows_sha256: string;
  /** ISO 8601 in UTC, to the millisecond. */
  sealed_at: string;
  key_id: string | null;
}

export const NO_HASH = '0'.repeat(64);

const FORM = new RegExp(
  [
    '^florin-seal 1',
    'chain ([0-9a-f]{32})',
    'block ([1-9]\\d{0,14})',
    'previous ([0-9a-f]{64})',
    'transactions_after (\\d{1,20})',
    'transactions_until (\\d{1,20})',
    'audit_after (\\d{1,20})',
    'audit_until (\\d{1,20})',
    'rows (\\d{1,10})',
    'rows_sha256 ([0-9a-f]{64})',
    'sealed_at (\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)',
    'key ([0-9a-f]{16}|none)',
    '$',
  ].join('\\n'),
);

/** The text that is signed, and whose SHA-256 is the block's hash. sp_append_seal makes the same one. */
export function statementText(statement: SealStatement): string {
  return [
    'florin-seal 1',
    `chain ${statement.chain_id}`,
    `block ${statement.block_id}`,
    `previous ${statement.previous_hash}`,
    `transactions_after ${statement.transactions_after_id}`,
    `transactions_until ${statement.transactions_until_id}`,
    `audit_after ${statement.audit_after_id}`,
    `audit_until ${statement.audit_until_id}`,
    `rows ${statement.rows_count}`,
    `rows_sha256 ${statement.rows_sha256}`,
    `sealed_at ${statement.sealed_at}`,
    `key ${statement.key_id ?? 'none'}`,
    '',
  ].join('\n');
}

/** 64 hex digits. */
export function statementHash(statement: SealStatement): string {
  return hash('sha256', statementText(statement), 'hex');
}

/** Null when the text is not of the form. */
export function parseStatement(text: string): SealStatement | null {
  const found = FORM.exec(text);
  if (!found) return null;
  const [, chain, block, previous, txAfter, txUntil, auditAfter, auditUntil, rows, rowsHash, sealedAt, key] =
    found as unknown as string[];
  return {
    chain_id: chain ?? '',
    block_id: Number(block),
    previous_hash: previous ?? '',
    transactions_after_id: txAfter ?? '',
    transactions_until_id: txUntil ?? '',
    audit_after_id: auditAfter ?? '',
    audit_until_id: auditUntil ?? '',
    rows_count: Number(rows),
    rows_sha256: rowsHash ?? '',
    sealed_at: sealedAt ?? '',
    key_id: key === 'none' ? null : (key ?? null),
  };
}
