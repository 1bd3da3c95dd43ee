import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database';
import { RedisConnection } from '../rate-limit/redis-connection';

/** failed takes this API out of service; degraded does not, but wants someone's attention. */
export type CheckStatus = 'ok' | 'degraded' | 'failed';

export interface OutboxBacklog {
  /** Age of the oldest batch that waits for the worker's relay; 0 when none does. */
  lag_seconds: number;
  /** Batches that wait, counted up to MAX_BATCHES_COUNTED. */
  batches: number;
}

export interface Readiness {
  status: 'ready' | 'unavailable';
  checks: {
    database: { status: CheckStatus };
    redis: { status: CheckStatus };
    procedures: { status: CheckStatus };
    outbox: { status: CheckStatus } & Partial<OutboxBacklog>;
  };
}

const TIMEOUT_MS = 2_000;
const MAX_LAG_S = 300;
const MAX_BATCHES_COUNTED = 100_000;
/** Comparing all definitions is work for the database, and they seldom change. */
const PROCEDURES_GOOD_FOR_MS = 15_000;

/**
 * Looks after what the API stands on. The database and its procedures must be right: without them no money moves. Redis may be
 * away: postings go on, their scores come later, and rate limits are counted in each process. A full outbox is the worker's
 * trouble, not the customers'.
 */
@Injectable()
export class HealthService {
  private readonly logger = new Logger(HealthService.name);
  private running: Promise<Readiness> | undefined;
  private procedures: { status: CheckStatus; ends_at_ms: number } = { status: 'failed', ends_at_ms: 0 };

  constructor(
    private readonly database: Database,
    private readonly redis: RedisConnection,
  ) {}

  /** Whoever asks while a look is under way gets its answer: the route is open, the database must not pay for each question. */
  readiness(): Promise<Readiness> {
    this.running ??= this.look().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  async outboxBacklog(): Promise<OutboxBacklog> {
    const [row] = await this.database.query<{
      lag_seconds: number | string | null;
      batches: number | string;
    }>(
      `SELECT (SELECT TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP(6)) FROM outbox ORDER BY batch_id LIMIT 1) AS lag_seconds,
         (SELECT COUNT(*) FROM (SELECT batch_id FROM outbox LIMIT ${MAX_BATCHES_COUNTED}) waiting) AS batches`,
    );
    return { lag_seconds: Math.max(0, Number(row?.lag_seconds ?? 0)), batches: Number(row?.batches ?? 0) };
  }

  private async look(): Promise<Readiness> {
    const [database, redis, procedures, outbox] = await Promise.all([
      this.check('failed', async () => {
        await this.database.query('SELECT 1');
        return { status: 'ok' };
      }),
      this.check('degraded', async () => {
        await this.redis.client.ping();
        return { status: 'ok' };
      }),
      this.check('failed', async () => ({ status: await this.proceduresStatus() })),
      this.check<Readiness['checks']['outbox']>('degraded', async () => {
        const backlog = await this.outboxBacklog();
        return { status: backlog.lag_seconds > MAX_LAG_S ? 'degraded' : 'ok', ...backlog };
      }),
    ]);
    const checks = { database, redis, procedures, outbox };
    const isReady = Object.values(checks).every(({ status }) => status !== 'failed');
    return { status: isReady ? 'ready' : 'unavailable', checks };
  }

  private async proceduresStatus(): Promise<CheckStatus> {
    if (this.procedures.ends_at_ms > performance.now()) return this.procedures.status;
    const [problems = []] = await this.database.call<{ object_name: string; problem: string }>(
      'sp_check_objects',
    );
    if (problems.length > 0) {
      const names = problems.map(({ object_name, problem }) => `${object_name} (${problem})`).join(', ');
      this.logger.error(`these are not what was loaded into the database: ${names}`);
      return 'failed';
    }
    this.procedures = { status: 'ok', ends_at_ms: performance.now() + PROCEDURES_GOOD_FOR_MS };
    return 'ok';
  }

  /** The result of `work`, or `otherwise` when it fails or takes too long. */
  private async check<T extends { status: CheckStatus }>(
    otherwise: CheckStatus,
    work: () => Promise<T>,
  ): Promise<T | { status: CheckStatus }> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), TIMEOUT_MS);
    });
    try {
      return await Promise.race([work(), tooLate]);
    } catch (error) {
      this.logger.debug(`a health check failed: ${(error as Error).message}`);
      return { status: otherwise };
    } finally {
      clearTimeout(timer);
    }
  }
}
