import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { AdminLimitsController, LimitsController } from './limits.controller';
import { LimitsRepository } from './limits.repository';
import { LimitsService } from './limits.service';

/** What customers may send, a transaction and a day. */
@Module({
  imports: [AccountsModule],
  controllers: [LimitsController, AdminLimitsController],
  providers: [LimitsService, LimitsRepository],
  exports: [LimitsService],
})
export class LimitsModule {}
