import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Database } from '../database';
import { PostingQueue } from '../posting';
import { MetricsRegistry } from './metrics-registry';

/** What is measured when someone asks: queue and pool. */
@Injectable()
export class BankMetrics {
  constructor({ registry }: MetricsRegistry, queue: PostingQueue, database: Database) {
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
  }
}
