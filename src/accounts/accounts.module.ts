import { Module } from '@nestjs/common';
import { AccountDirectory } from './account-directory';
import { AccountIdentitiesRepository } from './account-identities.repository';
import { AccountsController, CurrenciesController } from './accounts.controller';
import { AccountsRepository } from './accounts.repository';
import { AccountsService } from './accounts.service';
import { CurrenciesService } from './currencies.service';

@Module({
  controllers: [AccountsController, CurrenciesController],
  providers: [
    AccountsService,
    AccountsRepository,
    AccountIdentitiesRepository,
    AccountDirectory,
    CurrenciesService,
  ],
  exports: [AccountsService, AccountsRepository, AccountDirectory, CurrenciesService],
})
export class AccountsModule {}
