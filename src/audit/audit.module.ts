import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { AuditLogsRepository } from './audit-logs.repository';
import { AuditLogsService } from './audit-logs.service';
import { AuditController } from './audit.controller';
import { BooksRepository } from './books.repository';
import { BooksService } from './books.service';
import { SealController, SealKeysController } from './seal.controller';
import { SealService } from './seal.service';

/** What auditors look at: who changed what, and whether the books are sound. */
@Module({
  imports: [AccountsModule],
  controllers: [AuditController, SealController, SealKeysController],
  providers: [AuditLogsService, AuditLogsRepository, BooksService, BooksRepository, SealService],
})
export class AuditModule {}
