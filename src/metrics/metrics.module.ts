import { Global, Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module';
import { POSTING_OBSERVER } from '../posting/posting.module';
import { BankMetrics } from './bank-metrics';
import { HttpMetrics } from './http-metrics';
import { MetricsController } from './metrics.controller';
import { MetricsRegistry } from './metrics-registry';
import { PostingMetrics } from './posting-metrics';

@Global()
@Module({
  imports: [HealthModule],
  controllers: [MetricsController],
  providers: [
    MetricsRegistry,
    HttpMetrics,
    BankMetrics,
    PostingMetrics,
    { provide: POSTING_OBSERVER, useExisting: PostingMetrics },
  ],
  exports: [POSTING_OBSERVER],
})
export class MetricsModule {}
