import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Database } from '../database';
import { HealthService, type OutboxBacklog } from '../health/health.service';
import { PostingQueue } from '../posting';
import { MetricsRegistry } from './metrics-registry';

/** What is measured when someone asks: queue, pool and outbox. */
@Injectable()
export class BankMetrics {
  constructor(
    { registry }: MetricsRegistry,
    private readonly queue: PostingQueue,
    private readonly database: Database,
    private readonly health: HealthService,
  ) {
    const registers = [registry];
    new Gauge({
      name: 'florin_posting_queue_depth',
      help: 'Items that wait for a batch',
      registers,
      collect() {
        this.set(queue.depth);
      },
    });
    new Gauge({
      name: 'florin_database_connections',
      help: 'Connections of the pool for everything but postings, by state, and requests waiting for one',
      labelNames: ['state'],
      registers,
      collect() {
        const { busy, idle, waiting } = database.poolUse();
        this.set({ state: 'busy' }, busy);
        this.set({ state: 'idle' }, idle);
        this.set({ state: 'waiting' }, waiting);
      },
    });
    this.watchOutbox(registers);
  }

  private watchOutbox(registers: MetricsRegistry['registry'][]): void {
    const { health } = this;
    const watch = (name: string, help: string, read: (backlog: OutboxBacklog) => number) =>
      new Gauge({
        name,
        help: `${help}; absent while the database is away`,
        registers,
        async collect() {
          const backlog = await health.outboxBacklog().catch(() => null);
          if (backlog) this.set(read(backlog));
          else this.remove();
        },
      });
    watch('florin_outbox_batches', 'Batches that wait for the relay of the worker', ({ batches }) => batches);
    watch(
      'florin_outbox_lag_seconds',
      'Age of the oldest batch that waits for the relay of the worker',
      ({ lag_seconds }) => lag_seconds,
    );
  }
}
