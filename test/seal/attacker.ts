import { hash } from 'node:crypto';
import {
  nextFullBlock,
  sealedRecords,
  type SealSigningKey,
  statementHash,
  statementText,
} from '../../src/seal';
import type { SealBank } from './seal-bank';

export interface RebuildOptions {
  /** First block that is made anew. */
  from: number;
  /** Leaves hashes and links as they were. */
  onlyDigests?: boolean;
  /** Signs with this; null takes the signatures off; by default the old ones stay. */
  key?: SealSigningKey | null;
}

/** Makes the blocks' digests, hashes and links fit the rows that are there now: all that can be done without the bank's key. */
export async function rebuildChain(
  bank: SealBank,
  { from, onlyDigests, key }: RebuildOptions,
): Promise<void> {
  let previousHash: string | undefined;
  for (let block = await nextFullBlock(bank.asRoot, from - 1); block;) {
    const { statement } = block;
    const records: Buffer[] = [];
    const rows = sealedRecords(
      bank.asRoot,
      { after: statement.transactions_after_id, until: statement.transactions_until_id },
      { after: statement.audit_after_id, until: statement.audit_until_id },
    );
    for await (const batch of rows) records.push(batch);
    const digests = Buffer.concat(records);
    if (onlyDigests) {
      await bank.root.query('UPDATE seal_blocks SET row_digests = ? WHERE block_id = ?', [
        digests,
        statement.block_id,
      ]);
      return;
    }
    const forged = {
      ...statement,
      previous_hash: previousHash ?? statement.previous_hash,
      rows_count: digests.length / 42,
      rows_sha256: hash('sha256', digests, 'hex'),
      key_id: key === undefined ? statement.key_id : (key?.publicKey.key_id ?? null),
    };
    previousHash = statementHash(forged);
    await bank.root.query(
      `UPDATE seal_blocks SET previous_hash = ?, rows_count = ?, rows_sha256 = ?, row_digests = ?, block_hash = ?, key_id = ?, signature = ?
         WHERE block_id = ?`,
      [
        Buffer.from(forged.previous_hash, 'hex'),
        forged.rows_count,
        Buffer.from(forged.rows_sha256, 'hex'),
        digests,
        Buffer.from(previousHash, 'hex'),
        forged.key_id,
        key === undefined ? block.signature : (key?.sign(statementText(forged)) ?? null),
        statement.block_id,
      ],
    );
    block = await nextFullBlock(bank.asRoot, statement.block_id);
  }
  if (key)
    await bank.root.query('INSERT INTO seal_keys VALUES (?, ?, 1, UTC_TIMESTAMP(3))', [
      key.publicKey.key_id,
      key.publicKey.raw,
    ]);
}
