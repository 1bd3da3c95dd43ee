import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { SCORING_JOB_OPTIONS, SCORING_QUEUE, type ScoringJob, scoringJobId } from '../../src/queue';

/** Most jobs that wait in Redis. What is beyond stays in the outbox, where it costs no memory. */
const BACKLOG_MAX = 20_000;
const ADD_CHUNK = 1_000;
const CLEANED_FAILED_JOBS = 1_000;

/** Adds transactions to the scoring queue. Fails at once while Redis is away, so that nobody waits with rows locked. */
export class ScoringProducer {
  private queue: Queue<ScoringJob> | null = null;

  constructor(
    private readonly connection: Redis,
    private readonly onError: (error: Error) => void,
  ) {}

  /** Whether more may be added now. @throws Error while Redis is away */
  async hasRoom(): Promise<boolean> {
    return (await this.backlog()) < BACKLOG_MAX;
  }

  /** How many jobs wait. */
  async backlog(): Promise<number> {
    return this.ready().getWaitingCount();
  }

  /** Adds a job each. One whose job is already there is passed over. */
  async add(transactionIds: readonly string[]): Promise<void> {
    const queue = this.ready();
    for (let start = 0; start < transactionIds.length; start += ADD_CHUNK) {
      await queue.addBulk(
        transactionIds.slice(start, start + ADD_CHUNK).map((transaction_id) => ({
          name: 'score',
          data: { transaction_id },
          opts: { ...SCORING_JOB_OPTIONS, jobId: scoringJobId(transaction_id) },
        })),
      );
    }
  }

  /** As add, for transactions whose jobs may have failed for good: a failed job that is kept would stand in the way. */
  async addAgain(transactionIds: readonly string[]): Promise<void> {
    await this.ready().clean(0, CLEANED_FAILED_JOBS, 'failed');
    await this.add(transactionIds);
  }

  async close(): Promise<void> {
    await this.queue?.close();
  }

  /** BullMQ waits for ever for a connection: ask whether there is one before asking it anything. */
  private ready(): Queue<ScoringJob> {
    if (this.connection.status !== 'ready') throw new Error('Connection is closed.');
    if (!this.queue) {
      this.queue = new Queue<ScoringJob>(SCORING_QUEUE, { connection: this.connection });
      this.queue.on('error', this.onError);
    }
    return this.queue;
  }
}
