import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { PoolUse } from '../database';
import type { PostingOutcome } from '../posting';
import type { BatchObserver } from '../posting/posting.module';
import { MetricsRegistry } from './metrics-registry';

/** Counts what the posting queue does. It stands apart from the other metrics because the queue is made with it. */
@Injectable()
export class PostingMetrics implements BatchObserver {
  private readonly batchItems: Histogram;
  private readonly batchSeconds: Histogram;
  private readonly retries: Counter;
  private readonly declines: Counter<'code'>;

  constructor(private readonly metrics: MetricsRegistry) {
    const registers = [metrics.registry];
    this.batchItems = new Histogram({
      name: 'florin_posting_batch_items',
      help: 'Items that travelled in one batch',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
      registers,
    });
    this.batchSeconds = new Histogram({
      name: 'florin_posting_batch_duration_seconds',
      help: 'Time of a batch at the database, commit included',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    });
    this.retries = new Counter({
      name: 'florin_posting_retries_total',
      help: 'Batches sent again after a deadlock, a lock timeout or a lost connection',
      registers,
    });
    this.declines = new Counter({
      name: 'florin_declines_total',
      help: 'Items the bank declined, by code; replays not counted',
      labelNames: ['code'],
      registers,
    });
  }

  watchPool(use: () => PoolUse): void {
    new Gauge({
      name: 'florin_posting_connections',
      help: 'Connections of the posting queue, by state, and batches waiting for one',
      labelNames: ['state'],
      registers: [this.metrics.registry],
      collect() {
        const { busy, idle, waiting } = use();
        this.set({ state: 'busy' }, busy);
        this.set({ state: 'idle' }, idle);
        this.set({ state: 'waiting' }, waiting);
      },
    });
  }

  batchPosted(items: number, duration_ms: number): void {
    this.batchItems.observe(items);
    this.batchSeconds.observe(duration_ms / 1000);
  }

  batchRetried(): void {
    this.retries.inc();
  }

  itemsDecided(outcomes: readonly PostingOutcome[]): void {
    for (const { code, is_replayed } of outcomes) {
      if (code !== 'OK' && !is_replayed) this.declines.inc({ code });
    }
  }
}
