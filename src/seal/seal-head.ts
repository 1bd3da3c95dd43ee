import { hash } from 'node:crypto';
import type { SealBlock } from './seal-blocks';
import { parsePublicKeys, type SealPublicKey } from './seal-key';
import { parseStatement, type SealStatement, statementText } from './statement';

export const HEAD_FORMAT = 'florin-seal-head-1';

/** What is kept outside the bank: the statement that was signed, as text, and its signature. A file holds it as JSON. */
export interface SealHeadFile {
  format: typeof HEAD_FORMAT;
  statement: string;
  /** SHA-256 of the statement, 64 hex digits. */
  head_hash: string;
  key_id: string | null;
  /** PEM. For convenience: a key that comes with what it signs proves nothing by itself. */
  public_key: string | null;
  /** base64; null when the bank has no signing key. */
  signature: string | null;
}

/** A head file, read. */
export interface SealHead {
  name: string;
  statement: SealStatement;
  text: string;
  head_hash: string;
  signature: Buffer | null;
  /** The key that came with it. */
  enclosedKey: SealPublicKey | null;
}

export function headFile(block: SealBlock, keys: readonly SealPublicKey[]): SealHeadFile {
  const { statement, signature, block_hash } = block;
  return {
    format: HEAD_FORMAT,
    statement: statementText(statement),
    head_hash: block_hash,
    key_id: statement.key_id,
    public_key: keys.find((key) => key.key_id === statement.key_id)?.pem ?? null,
    signature: signature?.toString('base64') ?? null,
  };
}

/** @throws Error that names the file when it is no head, or when its hash is not that of its statement */
export function parseHead(name: string, content: string): SealHead {
  let file: Partial<SealHeadFile>;
  try {
    file = JSON.parse(content) as Partial<SealHeadFile>;
  } catch (error) {
    throw new Error(`${name}: is not JSON`, { cause: error });
  }
  const text = typeof file?.statement === 'string' ? file.statement : '';
  const statement = parseStatement(text);
  if (file?.format !== HEAD_FORMAT || !statement) throw new Error(`${name}: is no head of a seal`);
  const headHash = hash('sha256', text, 'hex');
  if (file.head_hash !== headHash)
    throw new Error(`${name}: its hash is not that of its statement: the file is damaged or was changed`);
  return {
    name,
    statement,
    text,
    head_hash: headHash,
    signature: typeof file.signature === 'string' ? Buffer.from(file.signature, 'base64') : null,
    enclosedKey: typeof file.public_key === 'string' ? (parsePublicKeys(file.public_key)[0] ?? null) : null,
  };
}
