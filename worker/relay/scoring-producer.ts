import { type Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { SCORING_JOB_OPTIONS, SCORING_QUEUE, type ScoringJob, scoringJobId } from '../../src/queue';

/**
 * Most transactions that wait in Redis: enough for ten workers until the relay looks again. What is beyond stays in the outbox,
 * where it costs no memory and makes full jobs, and where the sweep does not take it for lost.
 */
const BACKLOG_MAX = 4_000;
const CLEANED_FAILED_JOBS = 1_000;

/** Adds transactions to the scoring queue. Fails at once while Redis is away, so that nobody waits with rows locked. */
export class ScoringProducer {
  private queue: Queue<ScoringJob> | null = null;

  /** @param jobMax most transactions in a job */
  constructor(
    private readonly connection: Redis,
    private readonly jobMax: number,
    private readonly onError: (error: Error) => void,
  ) {}

  /** Whether more may be added now, were every job that waits a full one. @throws Error while Redis is away */
  async hasRoom(): Promise<boolean> {
    return (await this.backlog()) * this.jobMax < BACKLOG_MAX;
  }

  /** How many jobs wait. */
  async backlog(): Promise<number> {
    return this.ready().getWaitingCount();
  }

  /** The transactions whose jobs wait, are under way, or will be tried again. */
  async queued(): Promise<Set<string>> {
    const jobs = await this.ready().getJobs(['waiting', 'active', 'delayed']);
    // One that ends meanwhile is missing from its place.
    return new Set(jobs.flatMap((job: Job<ScoringJob> | undefined) => job?.data.transaction_ids ?? []));
  }

  /** Adds as few jobs as hold the transactions. One that is already there is passed over. */
  async add(transactionIds: readonly string[]): Promise<void> {
    const jobs: ScoringJob[] = [];
    for (let start = 0; start < transactionIds.length; start += this.jobMax)
      jobs.push({ transaction_ids: transactionIds.slice(start, start + this.jobMax) });
    if (jobs.length === 0) return;
    await this.ready().addBulk(
      jobs.map((data) => ({
        name: 'score',
        data,
        opts: { ...SCORING_JOB_OPTIONS, jobId: scoringJobId(data) },
      })),
    );
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
