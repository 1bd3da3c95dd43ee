import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { isRedisLost, SCORING_JOB_OPTIONS, SCORING_QUEUE, type ScoringJob } from '../../src/queue';
import { type ConnectionState, reasonOf } from '../runtime/connection-state';
import type { WorkerDatabase } from '../runtime/worker-database';
import { GroupCollector } from './group-collector';
import type { Scorer } from './scorer';

/** Two groups: one is at the database while the next one gathers. */
const GROUPS_IN_FLIGHT = 2;

export interface ScoringWorkerOptions {
  /** Jobs taken at the same time. */
  concurrency: number;
  connection: Redis;
}

/** Takes jobs of the scoring queue, many at a time, and hands them to the scorer in groups. */
export class ScoringWorker {
  private readonly worker: Worker<ScoringJob>;
  private readonly abort = new AbortController();

  constructor(
    database: WorkerDatabase,
    scorer: Scorer,
    redisState: ConnectionState,
    private readonly logger: Logger,
    { concurrency, connection }: ScoringWorkerOptions,
  ) {
    const collector = new GroupCollector<string>(
      // While the database is away the jobs wait here, under their locks, in place of failing one attempt after the other.
      (ids) => database.persist(() => scorer.score(ids), this.abort.signal),
      { group_max: Math.ceil(concurrency / GROUPS_IN_FLIGHT), groups_in_flight: GROUPS_IN_FLIGHT },
    );
    this.worker = new Worker<ScoringJob>(
      SCORING_QUEUE,
      (job: Job<ScoringJob>) => collector.submit(job.data.transaction_id),
      {
        connection,
        concurrency,
        autorun: false,
        lockDuration: 60_000,
        maxStalledCount: 5,
        removeOnComplete: { count: 0 },
        removeOnFail: SCORING_JOB_OPTIONS.removeOnFail as { count: number; age: number },
      },
    );
    this.worker.on('error', (error) => this.onError(error, redisState));
    this.worker.on('failed', (job, error) => this.onFailed(job, error));
    this.worker.on('stalled', (jobId) =>
      this.logger.warn({ job_id: jobId }, 'a scoring job was left by its worker; taken again'),
    );
  }

  start(): void {
    this.worker
      .run()
      .catch((error: unknown) => this.logger.error({ reason: reasonOf(error) }, 'the scoring worker ended'));
  }

  /** Takes no more jobs and waits for those under way; jobs that wait for the database go back to the queue. */
  async stop(isRedisUp: boolean): Promise<void> {
    this.abort.abort();
    // Without Redis there is nothing to hand back to: the locks run out and another worker takes the jobs.
    await this.worker.close(!isRedisUp);
  }

  private onError(error: Error, redisState: ConnectionState): void {
    if (isRedisLost(error)) redisState.down(error);
    else this.logger.warn({ reason: reasonOf(error) }, 'the scoring queue reported an error');
  }

  private onFailed(job: Job<ScoringJob> | undefined, error: Error): void {
    const isLast = !job || job.attemptsMade >= (job.opts.attempts ?? 1);
    const details = { job_id: job?.id, attempt: job?.attemptsMade, reason: reasonOf(error) };
    if (isLast) this.logger.error(details, 'a transaction could not be scored; the sweep will try again');
    else this.logger.warn(details, 'a transaction could not be scored yet');
  }
}
