import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { LimitsModule } from '../limits/limits.module';
import { MerchantsModule } from '../merchants/merchants.module';
import { HistoryRepository } from './history.repository';
import { HistoryService } from './history.service';
import { MoneyAnswerService } from './money-answer.service';
import { MoneyCommandsService } from './money-commands.service';
import { TransactionsController } from './transactions.controller';
import { PrejudgementClient } from './prejudgement-client';
import { PrejudgementService } from './prejudgement.service';
import { TransactionsRepository } from './transactions.repository';
import { TransactionsService } from './transactions.service';

@Module({
  imports: [AccountsModule, LimitsModule, MerchantsModule],
  controllers: [TransactionsController],
  providers: [
    TransactionsService,
    TransactionsRepository,
    MoneyCommandsService,
    MoneyAnswerService,
    HistoryService,
    HistoryRepository,
    PrejudgementService,
    PrejudgementClient,
  ],
  exports: [TransactionsService, MoneyAnswerService],
})
export class TransactionsModule {}
