import { Global, Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { AdminModule } from '../admin/admin.module';
import { LimitsModule } from '../limits/limits.module';
import { RulesModule } from '../rules/rules.module';
import { ActRegistry } from './acts/act-registry';
import { LimitActs } from './acts/limit-acts';
import { MoneyActs } from './acts/money-acts';
import { RuleActs } from './acts/rule-acts';
import { StandingActs } from './acts/standing-acts';
import { ApprovalResumer } from './approval-resumer';
import { ApprovalsController } from './approvals.controller';
import { ApprovalsRepository } from './approvals.repository';
import { ApprovalsService } from './approvals.service';
import { FourEyesGate } from './four-eyes.gate';
import { FourEyesService } from './four-eyes.service';

/** Dangerous acts are requests that a second person approves. Global: routes of any capability may stand behind the gate. */
@Global()
@Module({
  imports: [AccountsModule, AdminModule, LimitsModule, RulesModule],
  controllers: [ApprovalsController],
  providers: [
    ApprovalsService,
    ApprovalsRepository,
    ApprovalResumer,
    FourEyesService,
    ActRegistry,
    StandingActs,
    MoneyActs,
    LimitActs,
    RuleActs,
    { provide: FourEyesGate, useExisting: ApprovalsService },
  ],
  exports: [FourEyesGate],
})
export class ApprovalsModule {}
