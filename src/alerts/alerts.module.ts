import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { TransactionsModule } from '../transactions/transactions.module';
import { AlertDecisionsService } from './alert-decisions.service';
import { AlertsController } from './alerts.controller';
import { AlertsRepository } from './alerts.repository';
import { AlertsService } from './alerts.service';
import { CaseFeed } from './case-feed';
import { CaseFeedRepository } from './case-feed.repository';

/** Flagged transactions, what is done about them, and what analysts decide. */
@Module({
  imports: [AccountsModule, TransactionsModule],
  controllers: [AlertsController],
  providers: [AlertsService, AlertsRepository, AlertDecisionsService, CaseFeed, CaseFeedRepository],
  exports: [AlertsService, AlertsRepository, AlertDecisionsService],
})
export class AlertsModule {}
