import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Database } from '../database';
import { sealLagSeconds } from '../seal';
import { MetricsRegistry } from './metrics-registry';

/** How far the chain of seals is behind the ledger. Absent while the database is away. */
@Injectable()
export class SealMetrics {
  constructor({ registry }: MetricsRegistry, database: Database) {
    new Gauge({
      name: 'florin_seal_lag_seconds',
      help: 'Age of the oldest transaction or audit row that is not sealed yet: under a minute while a worker runs',
      registers: [registry],
      async collect() {
        const lag_seconds = await sealLagSeconds(database).catch(() => null);
        if (lag_seconds === null) this.remove();
        else this.set(lag_seconds);
      },
    });
  }
}
