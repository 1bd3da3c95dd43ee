import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { AuditLogsRepository } from './audit-logs.repository';
import { AuditLogsService } from './audit-logs.service';
import { AuditController } from './audit.controller';
import { BooksRepository } from './books.repository';
import { BooksService } from './books.service';

/** What auditors look at: who changed what, and whether the books are sound. */
@Module({
  imports: [AccountsModule],
  controllers: [AuditController],
  providers: [AuditLogsService, AuditLogsRepository, BooksService, BooksRepository],
})
export class AuditModule {}
