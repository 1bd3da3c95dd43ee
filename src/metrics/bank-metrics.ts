import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Database } from '../database';
import { HealthService } from '../health/health.service';
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
    const batches = new Gauge({
      name: 'florin_outbox_batches',
      help: 'Batches that wait for the relay of the worker',
      registers,
    });
    new Gauge({
      name: 'florin_outbox_lag_seconds',
      help: 'Age of the oldest batch that waits for the relay of the worker; absent while the database is away',
      registers,
      async collect() {
        try {
          const backlog = await health.outboxBacklog();
          this.set(backlog.lag_seconds);
          batches.set(backlog.batches);
        } catch {
          this.remove();
          batches.remove();
        }
      },
    });
  }
}
