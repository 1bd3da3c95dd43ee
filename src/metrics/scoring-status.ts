import { Injectable } from '@nestjs/common';
import { Database } from '../database';
import {
  SCORING_FAILURE_KEYS,
  type ScoringJobCounts,
  scoringJobCounts,
  WORKER_HEARTBEAT_KEY,
} from '../queue';
import { RedisConnection } from '../rate-limit/redis-connection';

/** Counting goes no further: whatever is beyond says nothing new. */
const BATCHES_MAX = 100_000;
/** The newest verdicts that the lag is taken from, and how old they may be. */
const VERDICTS = 500;
const VERDICT_AGE_MAX_S = 300;

export interface OutboxStatus {
  batches: number;
  transactions: number;
  /** Age of the oldest batch; 0 when none waits. */
  lag_seconds: number;
}

export interface WorkerStatus {
  /** null: no worker has ever run. */
  heartbeat_age_seconds: number | null;
  /** Transactions whose scoring failed, since the bank began: tried again, or left to the sweep. */
  retried: number;
  given_up: number;
}

/** Reads where the transactions stand on their way to a verdict. Every query is cheap, however much waits. */
@Injectable()
export class ScoringStatus {
  constructor(
    private readonly database: Database,
    private readonly redis: RedisConnection,
  ) {}

  async outbox(): Promise<OutboxStatus> {
    const [row] = await this.database.query<{
      batches: string;
      transactions: string | null;
      lag_us: string | null;
    }>(
      `SELECT COUNT(*) AS batches, SUM(transaction_count) AS transactions,
         (SELECT TIMESTAMPDIFF(MICROSECOND, created_at, UTC_TIMESTAMP(6)) FROM outbox ORDER BY batch_id LIMIT 1) AS lag_us
       FROM (SELECT transaction_count FROM outbox ORDER BY batch_id LIMIT ${BATCHES_MAX}) waiting`,
    );
    return {
      batches: Number(row?.batches ?? 0),
      transactions: Number(row?.transactions ?? 0),
      lag_seconds: Math.max(0, Number(row?.lag_us ?? 0)) / 1e6,
    };
  }

  /** From posting to the first verdict, ascending, of the newest transactions that were scored lately. */
  async lags_seconds(): Promise<number[]> {
    const rows = await this.database.query<{ lag_us: string }>(
      `SELECT TIMESTAMPDIFF(MICROSECOND, t.posted_at, s.first_at) AS lag_us
       FROM (
         SELECT transaction_id, MIN(scored_at) AS first_at
         FROM (SELECT transaction_id, scored_at FROM transaction_risk_scores ORDER BY transaction_id DESC LIMIT ${VERDICTS}) newest
         GROUP BY transaction_id
       ) s
       JOIN transactions t ON t.transaction_id = s.transaction_id
       WHERE s.first_at >= UTC_TIMESTAMP(6) - INTERVAL ? SECOND`,
      [VERDICT_AGE_MAX_S],
    );
    return rows.map((row) => Math.max(0, Number(row.lag_us)) / 1e6).sort((a, b) => a - b);
  }

  /** @throws Error while Redis is away */
  jobs(): Promise<ScoringJobCounts> {
    return scoringJobCounts(this.redis.client);
  }

  async workers(): Promise<WorkerStatus> {
    const rows = await this.database.query<{ state_key: string; state_value: string; age_us: string }>(
      `SELECT state_key, state_value, TIMESTAMPDIFF(MICROSECOND, updated_at, UTC_TIMESTAMP(6)) AS age_us
       FROM worker_state WHERE state_key IN (?, ?, ?)`,
      [WORKER_HEARTBEAT_KEY, SCORING_FAILURE_KEYS.retried, SCORING_FAILURE_KEYS.given_up],
    );
    const rowOf = (key: string) => rows.find((row) => row.state_key === key);
    const heartbeat = rowOf(WORKER_HEARTBEAT_KEY);
    return {
      heartbeat_age_seconds: heartbeat ? Math.max(0, Number(heartbeat.age_us)) / 1e6 : null,
      retried: Number(rowOf(SCORING_FAILURE_KEYS.retried)?.state_value ?? 0),
      given_up: Number(rowOf(SCORING_FAILURE_KEYS.given_up)?.state_value ?? 0),
    };
  }
}

/** Whoever asks while an answer is on its way gets that one: metrics that come from one query ask for it once. */
export function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= read().finally(() => {
      running = undefined;
    });
    return running;
  };
}
