import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { TransactionsModule } from '../transactions/transactions.module';
import { AdminAccountsController } from './accounts/admin-accounts.controller';
import { AdminAccountsRepository } from './accounts/admin-accounts.repository';
import { AdminAccountsService } from './accounts/admin-accounts.service';
import { JournalsController } from './journals/journals.controller';
import { JournalsService } from './journals/journals.service';
import { PeriodsController } from './periods/periods.controller';
import { PeriodsRepository } from './periods/periods.repository';
import { PeriodsService } from './periods/periods.service';
import { AdminTransactionsController } from './transactions/admin-transactions.controller';
import { AdminTransactionsRepository } from './transactions/admin-transactions.repository';
import { AdminTransactionsService } from './transactions/admin-transactions.service';
import { AdminUsersController } from './users/admin-users.controller';
import { AdminUsersRepository } from './users/admin-users.repository';
import { AdminUsersService } from './users/admin-users.service';

/** What the bank's staff sees and decides. */
@Module({
  imports: [AccountsModule, TransactionsModule],
  controllers: [
    AdminUsersController,
    AdminAccountsController,
    JournalsController,
    AdminTransactionsController,
    PeriodsController,
  ],
  providers: [
    AdminUsersService,
    AdminUsersRepository,
    AdminAccountsService,
    AdminAccountsRepository,
    JournalsService,
    AdminTransactionsService,
    AdminTransactionsRepository,
    PeriodsService,
    PeriodsRepository,
  ],
  exports: [AdminUsersService, AdminAccountsService, JournalsService],
})
export class AdminModule {}
