import { hash, randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import {
  newestBlock,
  RECORD_BYTES,
  NO_HASH,
  sealedRecords,
  type SealBlock,
  type SealPublicKey,
  type SealSigningKey,
  type SealStatement,
  statementHash,
  statementText,
  blockById,
} from '../../src/seal';
import { jittered } from '../runtime/loop';
import type { WorkerDatabase } from '../runtime/worker-database';

export interface SealOptions {
  interval_ms: number;
  /** Longer than anything can take between being given an id and writing the row there. */
  settle_s: number;
  /** Of each kind, in a block. */
  rows_max: number;
}

export const SEAL_OPTIONS: SealOptions = { interval_ms: 15_000, settle_s: 30, rows_max: 1_000 };

interface Watermark {
  last_block_id: string;
  transactions_after_id: string;
  transactions_until_id: string;
  audit_after_id: string;
  audit_until_id: string;
  /** MySQL's integers of expressions come as strings. */
  is_blocked: number | string;
  has_more: number | string;
}

/**
 * Seals what has settled: reads the rows behind the last block, digests them, signs, and appends a block. It builds on no block whose
 * signature by its own key does not hold, and on no chain that has lost a block which this process has seen: an honest signature over a
 * chain that was cut or rewritten would make it look sound.
 */
export class SealKeeper {
  /** The newest block that this process has made or built on. */
  private seen: { block_id: number; block_hash: string } | undefined;
  private isUnsignedTold = false;

  constructor(
    private readonly database: WorkerDatabase,
    private readonly key: SealSigningKey | null,
    private readonly logger: Logger,
    private readonly options = SEAL_OPTIONS,
  ) {}

  /** Answers the time to wait for the next round in milliseconds. */
  async step(signal: AbortSignal): Promise<number> {
    if (!this.key && !this.isUnsignedTold) {
      this.logger.warn('SEAL_SIGNING_KEY is not set: the chain of seals is not signed');
      this.isUnsignedTold = true;
    }
    // Two workers would only do the same work twice: sp_append_seal takes one of the two blocks.
    await this.database.withLock('seal', 0, async () => {
      while (!signal.aborted && (await this.sealNext()));
    });
    return jittered(this.options.interval_ms);
  }

  /** Answers whether there is more to seal at once. */
  private async sealNext(): Promise<boolean> {
    const { rows_max, settle_s } = this.options;
    const last = await newestBlock(this.database);
    if (!(await this.isTrusted(last))) return false;
    const [[watermark] = []] = await this.database.call<Watermark>('sp_seal_watermark', [
      rows_max,
      rows_max,
      settle_s,
    ]);
    if (!watermark || Number(watermark.last_block_id) !== (last?.statement.block_id ?? 0)) return false;
    const isNothingNew =
      watermark.transactions_until_id === watermark.transactions_after_id &&
      watermark.audit_until_id === watermark.audit_after_id;
    if (isNothingNew) return false;
    const isAppended = await this.append(last, watermark);
    return isAppended && Number(watermark.has_more) === 1;
  }

  private async append(last: SealBlock | undefined, watermark: Watermark): Promise<boolean> {
    const records = await this.digest(watermark);
    const publicKey = this.key?.publicKey ?? null;
    const statement: SealStatement = {
      chain_id: last?.statement.chain_id ?? randomBytes(16).toString('hex'),
      block_id: (last?.statement.block_id ?? 0) + 1,
      previous_hash: last?.block_hash ?? NO_HASH,
      transactions_after_id: String(watermark.transactions_after_id),
      transactions_until_id: String(watermark.transactions_until_id),
      audit_after_id: String(watermark.audit_after_id),
      audit_until_id: String(watermark.audit_until_id),
      rows_count: records.length / RECORD_BYTES,
      rows_sha256: hash('sha256', records, 'hex'),
      sealed_at: laterOf(new Date().toISOString(), last?.statement.sealed_at),
      key_id: publicKey?.key_id ?? null,
    };
    const [[answer] = []] = await this.database.call<{ is_appended: number | string }>('sp_append_seal', [
      ...this.parameters(statement, records, publicKey),
    ]);
    const isAppended = Number(answer?.is_appended) === 1;
    if (isAppended) this.seen = { block_id: statement.block_id, block_hash: statementHash(statement) };
    return isAppended;
  }

  private parameters(statement: SealStatement, records: Buffer, publicKey: SealPublicKey | null) {
    return [
      statement.block_id,
      Buffer.from(statement.chain_id, 'hex'),
      Buffer.from(statement.previous_hash, 'hex'),
      statement.transactions_until_id,
      statement.audit_until_id,
      records,
      statement.sealed_at.replace('T', ' ').replace('Z', ''),
      Buffer.from(statementHash(statement), 'hex'),
      publicKey?.key_id ?? null,
      publicKey?.raw ?? null,
      this.key?.sign(statementText(statement)) ?? null,
    ];
  }

  private async digest(watermark: Watermark): Promise<Buffer> {
    const records: Buffer[] = [];
    const rows = sealedRecords(
      this.database,
      { after: String(watermark.transactions_after_id), until: String(watermark.transactions_until_id) },
      { after: String(watermark.audit_after_id), until: String(watermark.audit_until_id) },
    );
    for await (const batch of rows) records.push(batch);
    return Buffer.concat(records);
  }

  private async isTrusted(last: SealBlock | undefined): Promise<boolean> {
    const problem = (await this.problemOfSeen(last)) ?? this.problemOfLast(last);
    if (problem === null) {
      if (last) this.seen = { block_id: last.statement.block_id, block_hash: last.block_hash };
      return true;
    }
    this.logger.error(
      { block_id: last?.statement.block_id ?? 0 },
      `THE CHAIN OF SEALS WAS TAMPERED WITH: ${problem}`,
    );
    return false;
  }

  private async problemOfSeen(last: SealBlock | undefined): Promise<string | null> {
    const { seen } = this;
    if (!seen) return null;
    const now =
      last?.statement.block_id === seen.block_id ? last : await blockById(this.database, seen.block_id);
    return now?.block_hash === seen.block_hash
      ? null
      : `block ${seen.block_id} is gone or another one; nothing is sealed`;
  }

  private problemOfLast(last: SealBlock | undefined): string | null {
    if (!last) return null;
    const { statement, block_hash, signature } = last;
    if (statementHash(statement) !== block_hash)
      return `block ${statement.block_id} does not have its hash; nothing is sealed`;
    const own = this.key?.publicKey;
    if (!own || statement.key_id !== own.key_id) return null;
    return signature && own.verify(statementText(statement), signature)
      ? null
      : `the signature of block ${statement.block_id} does not hold; nothing is sealed`;
  }
}

function laterOf(now: string, before: string | undefined): string {
  return before !== undefined && before > now ? before : now;
}
