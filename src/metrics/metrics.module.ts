import { Global, Module } from '@nestjs/common';
import { POSTING_OBSERVER } from '../posting/posting.module';
import { BankMetrics } from './bank-metrics';
import { HttpMetrics } from './http-metrics';
import { MetricsController } from './metrics.controller';
import { MetricsRegistry } from './metrics-registry';
import { PostingMetrics } from './posting-metrics';
import { ScoringMetrics } from './scoring-metrics';
import { ScoringStatus } from './scoring-status';
import { SealMetrics } from './seal-metrics';

@Global()
@Module({
  controllers: [MetricsController],
  providers: [
    MetricsRegistry,
    HttpMetrics,
    BankMetrics,
    PostingMetrics,
    ScoringMetrics,
    ScoringStatus,
    SealMetrics,
    { provide: POSTING_OBSERVER, useExisting: PostingMetrics },
  ],
  exports: [POSTING_OBSERVER],
})
export class MetricsModule {}
