import { createHash } from 'node:crypto';
import type { JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';

/** BullMQ's queue of transactions that wait for a verdict. */
export const SCORING_QUEUE = 'scoring';

/** Most transactions in a job: what one look at the database and one record of verdicts take well. */
export const SCORING_JOB_TRANSACTIONS = 200;

/**
 * The whole content of a job: everything else is read from the database, which alone holds the truth. A job is for many
 * transactions, because what it costs in Redis and in the worker does not grow with them.
 */
export interface ScoringJob {
  /** At most SCORING_JOB_TRANSACTIONS. */
  transaction_ids: string[];
}

/**
 * Failed jobs are kept for a look, within bounds. A transaction whose job failed for good is found again by the sweep.
 * Finished jobs go at once: the verdict stands in the database.
 */
export const SCORING_JOB_OPTIONS: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: true,
  removeOnFail: { count: 1_000, age: 24 * 3_600 },
};

/** Derived from the transactions, so that queueing the same ones twice is harmless. */
export function scoringJobId({ transaction_ids }: ScoringJob): string {
  const digest = createHash('sha256').update(transaction_ids.join()).digest('base64url').slice(0, 22);
  return `txn-${transaction_ids[0]}-${digest}`;
}

/** Where the workers write down, in worker_state, that they live, and how many transactions could not be scored. */
export const WORKER_HEARTBEAT_KEY = 'worker_heartbeat';
export const SCORING_FAILURE_KEYS = { retried: 'scoring_retried', given_up: 'scoring_given_up' } as const;

export type ScoringJobCounts = Record<'waiting' | 'active' | 'delayed' | 'failed', number>;

/**
 * Jobs in Redis by state, read from BullMQ's own keys: an API process need not load BullMQ to count.
 * @throws Error while Redis is away
 */
export async function scoringJobCounts(redis: Redis): Promise<ScoringJobCounts> {
  const key = (state: string): string => `bull:${SCORING_QUEUE}:${state}`;
  const [waiting, active, delayed, failed] = await Promise.all([
    redis.llen(key('wait')),
    redis.llen(key('active')),
    redis.zcard(key('delayed')),
    redis.zcard(key('failed')),
  ]);
  return { waiting, active, delayed, failed };
}
