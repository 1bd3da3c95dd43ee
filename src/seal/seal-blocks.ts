import type { Queries } from '../database';
import { SealPublicKey } from './seal-key';
import type { SealStatement } from './statement';

type Reading = Pick<Queries, 'query'>;

/** A block as it is stored: whether it is true is for others to find out. */
export interface SealBlock {
  statement: SealStatement;
  block_hash: string;
  /** 64 bytes; null: not signed. */
  signature: Buffer | null;
}

export interface FullSealBlock extends SealBlock {
  row_digests: Buffer;
}

interface BlockRow {
  block_id: string;
  chain_id: Buffer;
  previous_hash: Buffer;
  transactions_after_id: string;
  transactions_until_id: string;
  audit_after_id: string;
  audit_until_id: string;
  rows_count: number;
  rows_sha256: Buffer;
  sealed_at: string;
  key_id: string | null;
  block_hash: Buffer;
  signature: Buffer | null;
  row_digests?: Buffer;
}

const COLUMNS = `block_id, chain_id, previous_hash, transactions_after_id, transactions_until_id, audit_after_id, audit_until_id,
  rows_count, rows_sha256, sealed_at, key_id, block_hash, signature`;

/** The newest block; undefined before the first. */
export async function newestBlock(queries: Reading): Promise<SealBlock | undefined> {
  const [row] = await queries.query<BlockRow>(
    `SELECT ${COLUMNS} FROM seal_blocks ORDER BY block_id DESC LIMIT 1`,
  );
  return row && blockOf(row);
}

export async function blockById(queries: Reading, blockId: string | number): Promise<SealBlock | undefined> {
  const [row] = await queries.query<BlockRow>(`SELECT ${COLUMNS} FROM seal_blocks WHERE block_id = ?`, [
    BigInt(blockId),
  ]);
  return row && blockOf(row);
}

/** The first block after `afterId`, with its digests; undefined when there is none. */
export async function nextFullBlock(queries: Reading, afterId: number): Promise<FullSealBlock | undefined> {
  const [row] = await queries.query<BlockRow>(
    `SELECT ${COLUMNS}, row_digests FROM seal_blocks WHERE block_id > ? ORDER BY block_id LIMIT 1`,
    [afterId],
  );
  return row && { ...blockOf(row), row_digests: row.row_digests ?? Buffer.alloc(0) };
}

/** Public keys that the database names. Whoever can rewrite the chain can add one. */
export async function storedKeys(queries: Reading): Promise<SealPublicKey[]> {
  const rows = await queries.query<{ public_key: Buffer }>(
    'SELECT public_key FROM seal_keys ORDER BY first_block_id, key_id LIMIT 1000',
  );
  return rows.map((row) => new SealPublicKey(row.public_key));
}

function blockOf(row: BlockRow): SealBlock {
  return {
    statement: {
      chain_id: row.chain_id.toString('hex'),
      block_id: Number(row.block_id),
      previous_hash: row.previous_hash.toString('hex'),
      transactions_after_id: String(row.transactions_after_id),
      transactions_until_id: String(row.transactions_until_id),
      audit_after_id: String(row.audit_after_id),
      audit_until_id: String(row.audit_until_id),
      rows_count: row.rows_count,
      rows_sha256: row.rows_sha256.toString('hex'),
      sealed_at: `${row.sealed_at.replace(' ', 'T')}Z`,
      key_id: row.key_id,
    },
    block_hash: row.block_hash.toString('hex'),
    signature: row.signature,
  };
}
