import type { Logger } from 'pino';
import { jittered } from '../runtime/loop';
import { pause } from '../runtime/backoff';
import type { WorkerDatabase } from '../runtime/worker-database';
import type { ScoringProducer } from './scoring-producer';

export interface SweepOptions {
  interval_ms: number;
  /** A transaction that was posted less than this ago may still be on its way. */
  grace_s: number;
  /**
   * Ids are given before the commit, so a transaction may appear below ids that are there already. The watermark stays behind
   * what was posted within this time, which is far longer than a posting takes.
   */
  overlap_s: number;
  /** Ids looked at in one query. */
  page_size: number;
}

export const SWEEP_OPTIONS: SweepOptions = {
  interval_ms: 30_000,
  grace_s: 30,
  overlap_s: 120,
  page_size: 5_000,
};

const WATERMARK_KEY = 'scoring_swept_to';
const SAVE_EVERY_PAGES = 10;
const FULL_QUEUE_DELAY_MS = 250;

interface Bounds {
  newest: string | null;
  oldest_in_outbox: string | null;
}

/**
 * Finds posted transactions without a verdict and queues them again: what was lost with Redis, or failed for good. A watermark in
 * worker_state, below which everything has a verdict, keeps it cheap.
 */
export class ScoreSweep {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly producer: ScoringProducer,
    private readonly logger: Logger,
    private readonly options: SweepOptions = SWEEP_OPTIONS,
  ) {}

  /** One pass, unless another worker is at it. Answers the time to wait for the next one in milliseconds. */
  async step(signal: AbortSignal): Promise<number> {
    const found = await this.database.withLock('score_sweep', 0, () => this.pass(signal));
    if (found) this.logger.warn({ transactions: found }, 'queued posted transactions that had no score');
    return jittered(this.options.interval_ms);
  }

  private async pass(signal: AbortSignal): Promise<number> {
    const end = await this.lastSweepable();
    const start = await this.readWatermark();
    let saved = start;
    let watermark = start;
    let isContiguous = true;
    let found = 0;
    let pages = 0;
    const size = BigInt(this.options.page_size);
    for (let from = start; from < end && !signal.aborted; from += size) {
      const to = from + size < end ? from + size : end;
      const page = await this.readPage(from, to);
      found += await this.queueLost(page.missing, signal);
      if (page.missing.length > 0 || page.state === 'unsettled') isContiguous = false;
      if (isContiguous && page.state === 'settled') watermark = to;
      pages += 1;
      if (watermark > saved && pages % SAVE_EVERY_PAGES === 0) saved = await this.saveWatermark(watermark);
    }
    if (watermark > saved) await this.saveWatermark(watermark);
    return found;
  }

  /** What waits in the outbox is not lost, and what comes after it belongs to the relay. */
  private async lastSweepable(): Promise<bigint> {
    const [bounds] = await this.database.query<Bounds>(
      `SELECT (SELECT MAX(transaction_id) FROM transactions) AS newest,
        (SELECT MIN(first_transaction_id) FROM outbox) AS oldest_in_outbox`,
    );
    const newest = BigInt(bounds?.newest ?? 0);
    const waiting = bounds?.oldest_in_outbox ? BigInt(bounds.oldest_in_outbox) - 1n : newest;
    return waiting < newest ? waiting : newest;
  }

  /** A page without transactions says nothing: the ids may belong to a posting that has not committed yet. */
  private async readPage(
    from: bigint,
    to: bigint,
  ): Promise<{ missing: string[]; state: 'settled' | 'unsettled' | 'empty' }> {
    const { grace_s, overlap_s } = this.options;
    const [page] = await this.database.query<{ is_settled: number | null }>(
      `SELECT MAX(posted_at) < UTC_TIMESTAMP(6) - INTERVAL ? SECOND AS is_settled
       FROM transactions WHERE transaction_id > ? AND transaction_id <= ?`,
      [overlap_s, from, to],
    );
    if (page?.is_settled == null) return { missing: [], state: 'empty' };
    const rows = await this.database.query<{ transaction_id: string }>(
      `SELECT t.transaction_id
       FROM transactions t LEFT JOIN transaction_risk_scores s ON s.transaction_id = t.transaction_id
       WHERE t.transaction_id > ? AND t.transaction_id <= ? AND s.transaction_id IS NULL
         AND t.posted_at <= UTC_TIMESTAMP(6) - INTERVAL ? SECOND
       ORDER BY t.transaction_id`,
      [from, to, grace_s],
    );
    return {
      missing: rows.map((row) => String(row.transaction_id)),
      state: Number(page.is_settled) === 1 ? 'settled' : 'unsettled',
    };
  }

  /** What is in Redis is not lost, only late: queued in another job it would be scored twice. @returns how many were lost */
  private async queueLost(missing: readonly string[], signal: AbortSignal): Promise<number> {
    if (missing.length === 0) return 0;
    const queued = await this.producer.queued();
    const lost = missing.filter((transactionId) => !queued.has(transactionId));
    if (lost.length === 0) return 0;
    while (!(await this.producer.hasRoom())) {
      if (signal.aborted) return 0;
      await pause(FULL_QUEUE_DELAY_MS, signal);
    }
    await this.producer.addAgain(lost);
    return lost.length;
  }

  private async readWatermark(): Promise<bigint> {
    const [row] = await this.database.query<{ state_value: string }>(
      'SELECT state_value FROM worker_state WHERE state_key = ?',
      [WATERMARK_KEY],
    );
    return row && /^\d{1,19}$/.test(row.state_value) ? BigInt(row.state_value) : 0n;
  }

  private async saveWatermark(watermark: bigint): Promise<bigint> {
    await this.database.execute(
      `INSERT INTO worker_state (state_key, state_value) VALUES (?, ?)
       ON DUPLICATE KEY UPDATE state_value = VALUES(state_value)`,
      [WATERMARK_KEY, watermark.toString()],
    );
    return watermark;
  }
}
