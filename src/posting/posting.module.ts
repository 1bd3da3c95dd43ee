import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'mysql2/promise';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { createBankPool, poolUse } from '../database';
import { postBatch } from './post-batch';
import { type BatchObserver, guarded } from './guarded-observer';
import { PostingQueue } from './posting-queue';

const POSTING_POOL = Symbol('POSTING_POOL');

export type { BatchObserver } from './guarded-observer';

/** Injection token of a BatchObserver, which whoever measures the queue may provide. */
export const POSTING_OBSERVER = Symbol('POSTING_OBSERVER');

/** The posting queue on connections of its own, so that reads never wait behind postings, nor postings behind reads. */
@Global()
@Module({
  providers: [
    {
      provide: POSTING_POOL,
      inject: [ENVIRONMENT],
      useFactory: (environment: Environment): Pool =>
        createBankPool(environment.DATABASE_URL, {
          connectionLimit:
            environment.POSTING_QUEUE === 'on'
              ? environment.POSTING_BATCHES_IN_FLIGHT
              : environment.DATABASE_POOL_SIZE,
        }),
    },
    {
      provide: PostingQueue,
      inject: [ENVIRONMENT, POSTING_POOL, { token: POSTING_OBSERVER, optional: true }],
      useFactory: (environment: Environment, pool: Pool, provided?: BatchObserver): PostingQueue => {
        const logger = new Logger('PostingQueue');
        const observer = provided && guarded(provided, (error) => logger.error(error, 'the observer failed'));
        provided?.watchPool?.(() => poolUse(pool.pool));
        return new PostingQueue(
          async (items) => {
            const outcomes = await postBatch(pool, items);
            observer?.itemsDecided(outcomes);
            return outcomes;
          },
          {
            batch_max: environment.POSTING_BATCH_MAX,
            batches_in_flight: environment.POSTING_BATCHES_IN_FLIGHT,
            queue_max: environment.POSTING_QUEUE_MAX,
            submitter_max: environment.POSTING_QUEUE_MAX_PER_USER,
            gather: environment.POSTING_QUEUE === 'on',
          },
          observer,
        );
      },
    },
  ],
  exports: [PostingQueue],
})
export class PostingModule implements OnApplicationShutdown {
  constructor(
    @Inject(POSTING_POOL) private readonly pool: Pool,
    private readonly queue: PostingQueue,
  ) {}

  /** Runs after the web server has stopped taking requests: what was accepted is posted and answered first. */
  async onApplicationShutdown(): Promise<void> {
    await this.queue.drain();
    await this.pool.end();
  }
}
