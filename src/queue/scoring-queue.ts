import { createHash } from 'node:crypto';
import type { JobsOptions } from 'bullmq';

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
