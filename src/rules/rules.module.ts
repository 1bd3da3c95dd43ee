import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { BacktestRepository } from './backtest.repository';
import { BacktestService } from './backtest.service';
import { RulesController } from './rules.controller';
import { RulesRepository } from './rules.repository';
import { RulesService } from './rules.service';

/** The rules of the fraud engine: writing, changing, trying them on the past, putting them in force. */
@Module({
  imports: [AccountsModule],
  controllers: [RulesController],
  providers: [RulesService, RulesRepository, BacktestService, BacktestRepository],
  exports: [RulesService],
})
export class RulesModule {}
