import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'mysql2/promise';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { createBankPool } from '../database';
import { postBatch } from './post-batch';
import { PostingQueue } from './posting-queue';

const POSTING_POOL = Symbol('POSTING_POOL');

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
      inject: [ENVIRONMENT, POSTING_POOL],
      useFactory: (environment: Environment, pool: Pool): PostingQueue =>
        new PostingQueue((items) => postBatch(pool, items), {
          batch_max: environment.POSTING_BATCH_MAX,
          batches_in_flight: environment.POSTING_BATCHES_IN_FLIGHT,
          queue_max: environment.POSTING_QUEUE_MAX,
          gather: environment.POSTING_QUEUE === 'on',
        }),
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
