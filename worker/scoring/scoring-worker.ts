import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { isConnectionLost } from '../../src/database';
import { isRedisLost, SCORING_JOB_OPTIONS, SCORING_QUEUE, type ScoringJob } from '../../src/queue';
import { type ConnectionState, reasonOf } from '../runtime/connection-state';
import type { WorkerDatabase } from '../runtime/worker-database';
import { scoreApart, type ScoreGroup } from './score-apart';
import type { ScoringFailures } from './scoring-failures';

/** Of a job that failed as a whole, two hundred ids would fill the log and say no more. */
const LOGGED_IDS = 20;

export interface ScoringWorkerOptions {
  /** Jobs taken at the same time: with two, one is at the database while the other is computed. */
  concurrency: number;
  connection: Redis;
  failures: ScoringFailures;
}

/** Takes jobs of the scoring queue and has their transactions scored, a group each. */
export class ScoringWorker {
  private readonly worker: Worker<ScoringJob>;
  private readonly abort = new AbortController();
  private readonly failures: ScoringFailures;

  constructor(
    private readonly database: WorkerDatabase,
    private readonly score: ScoreGroup,
    redisState: ConnectionState,
    private readonly logger: Logger,
    { concurrency, connection, failures }: ScoringWorkerOptions,
  ) {
    this.failures = failures;
    this.worker = new Worker<ScoringJob>(SCORING_QUEUE, (job: Job<ScoringJob>) => this.run(job), {
      connection,
      concurrency,
      autorun: false,
      lockDuration: 60_000,
      maxStalledCount: 5,
      removeOnComplete: { count: 0 },
      removeOnFail: SCORING_JOB_OPTIONS.removeOnFail as { count: number; age: number },
    });
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

  /** @throws Error with only the bad transactions left in the job, which is taken again later */
  private async run(job: Job<ScoringJob>): Promise<void> {
    const { signal } = this.abort;
    const unscored = await scoreApart(
      job.data.transaction_ids,
      // While the database is away the job waits here, under its lock, in place of failing one attempt after the other.
      (ids) => this.database.persist(() => this.score(ids), signal),
      (error) => signal.aborted || isConnectionLost(error),
    );
    if (!unscored) return;
    const { transaction_ids, error } = unscored;
    if (transaction_ids.length < job.data.transaction_ids.length) await job.updateData({ transaction_ids });
    throw error;
  }

  private onError(error: Error, redisState: ConnectionState): void {
    if (isRedisLost(error)) redisState.down(error);
    else this.logger.warn({ reason: reasonOf(error) }, 'the scoring queue reported an error');
  }

  private onFailed(job: Job<ScoringJob> | undefined, error: Error): void {
    const isLast = !job || job.attemptsMade >= (job.opts.attempts ?? 1);
    const ids = job?.data.transaction_ids ?? [];
    this.failures.add(isLast ? 'given_up' : 'retried', ids.length);
    const details = {
      job_id: job?.id,
      attempt: job?.attemptsMade,
      transactions: ids.length,
      transaction_ids: ids.slice(0, LOGGED_IDS),
      reason: reasonOf(error),
    };
    if (isLast) this.logger.error(details, 'transactions could not be scored; the sweep will try again');
    else this.logger.warn(details, 'transactions could not be scored yet');
  }
}
