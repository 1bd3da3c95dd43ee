import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { postBatch, PostingQueue, type PostingQueueOptions } from '../../src/posting';
import type { TestBank } from './bank';

/** A posting queue with a pool of its own, as one API process has. */
export interface Process {
  queue: PostingQueue;
  pool: Pool;
  /** Batches that were sent again after a deadlock, a lost connection or a race for a key. */
  retries: number;
  stop(): Promise<void>;
}

export function startProcess(bank: TestBank, options: Partial<PostingQueueOptions> = {}): Process {
  const pool = createBankPool(bank.urls.api, { connectionLimit: 8 });
  const settings = { batch_max: 100, batches_in_flight: 3, queue_max: 20_000, gather: true, ...options };
  const process: Process = {
    pool,
    retries: 0,
    queue: new PostingQueue((items) => postBatch(pool, items), settings, {
      batchPosted: () => undefined,
      batchRetried: () => {
        process.retries += 1;
      },
    }),
    stop: async () => {
      await process.queue.drain();
      await pool.end();
    },
  };
  return process;
}
