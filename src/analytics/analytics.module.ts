import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { AnalyticsController } from './analytics.controller';
import { AnalyticsRepository } from './analytics.repository';
import { RiskScoresService } from './risk-scores.service';
import { SpendingService } from './spending.service';

/** What customers learn about their own money. */
@Module({
  imports: [AccountsModule],
  controllers: [AnalyticsController],
  providers: [RiskScoresService, SpendingService, AnalyticsRepository],
})
export class AnalyticsModule {}
