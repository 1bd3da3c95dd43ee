import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { ScoringStatus, shared } from './scoring-status';
import { MetricsRegistry } from './metrics-registry';

/**
 * How far the verdicts are behind the postings: what waits in the outbox, what waits in Redis, how long the last ones took, and
 * what failed. Read when someone asks; a value is absent while the server that knows it is away.
 */
@Injectable()
export class ScoringMetrics {
  private readonly registers: MetricsRegistry['registry'][];

  constructor({ registry }: MetricsRegistry, status: ScoringStatus) {
    this.registers = [registry];
    this.watchOutbox(status);
    this.watchLag(status);
    this.watchJobs(status);
    this.watchWorkers(status);
  }

  private watchOutbox(status: ScoringStatus): void {
    const read = shared(() => status.outbox());
    const watch = (name: string, help: string, key: keyof Awaited<ReturnType<typeof read>>) =>
      new Gauge({
        name,
        help,
        registers: this.registers,
        async collect() {
          const outbox = await read().catch(() => null);
          if (outbox) this.set(outbox[key]);
          else this.remove();
        },
      });
    watch('florin_outbox_batches', 'Batches that wait for the relay of the worker', 'batches');
    watch('florin_outbox_transactions', 'Transactions that wait for the relay of the worker', 'transactions');
    watch(
      'florin_outbox_lag_seconds',
      'Age of the oldest batch that waits for the relay of the worker',
      'lag_seconds',
    );
  }

  private watchLag(status: ScoringStatus): void {
    new Gauge({
      name: 'florin_scoring_lag_seconds',
      help: 'Time from posting to verdict of the newest transactions scored in the last five minutes; absent when none was',
      labelNames: ['quantile'],
      registers: this.registers,
      async collect() {
        this.reset();
        const lags = await status.lags_seconds().catch(() => []);
        if (lags.length === 0) return;
        for (const quantile of [0.5, 0.95, 1])
          this.set({ quantile }, lags[Math.ceil(quantile * lags.length) - 1] ?? 0);
      },
    });
  }

  private watchJobs(status: ScoringStatus): void {
    new Gauge({
      name: 'florin_scoring_jobs',
      help: 'Jobs of the scoring queue in Redis, by state; delayed: failed and tried again, failed: given up, for the sweep',
      labelNames: ['state'],
      registers: this.registers,
      async collect() {
        this.reset();
        const counts = await status.jobs().catch(() => null);
        for (const [state, count] of Object.entries(counts ?? {})) this.set({ state }, count);
      },
    });
  }

  private watchWorkers(status: ScoringStatus): void {
    const read = shared(() => status.workers());
    new Counter({
      name: 'florin_scoring_failures_total',
      help: 'Transactions that could not be scored, each time, by what followed: retried, or given_up until the sweep finds them',
      labelNames: ['outcome'],
      registers: this.registers,
      async collect() {
        const workers = await read().catch(() => null);
        this.reset();
        if (!workers) return;
        this.inc({ outcome: 'retried' }, workers.retried);
        this.inc({ outcome: 'given_up' }, workers.given_up);
      },
    });
    new Gauge({
      name: 'florin_worker_heartbeat_age_seconds',
      help: 'Time since a worker last gave a sign of life, which each gives every ten seconds; absent before the first',
      registers: this.registers,
      async collect() {
        const workers = await read().catch(() => null);
        if (workers?.heartbeat_age_seconds == null) this.remove();
        else this.set(workers.heartbeat_age_seconds);
      },
    });
  }
}
