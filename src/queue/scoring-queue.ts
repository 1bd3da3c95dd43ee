import type { JobsOptions } from 'bullmq';

/** BullMQ's queue of transactions that wait for a verdict. */
export const SCORING_QUEUE = 'scoring';

/** The whole content of a job: everything else is read from the database, which alone holds the truth. */
export interface ScoringJob {
  transaction_id: string;
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

/** Derived from the transaction, so that queueing one twice is harmless. */
export function scoringJobId(transactionId: string): string {
  return `txn-${transactionId}`;
}
