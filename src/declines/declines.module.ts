import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { DeclinesController } from './declines.controller';
import { DeclinesRepository } from './declines.repository';
import { DeclinesService } from './declines.service';

/** What customers asked for and did not get, for staff. */
@Module({
  imports: [AccountsModule],
  controllers: [DeclinesController],
  providers: [DeclinesService, DeclinesRepository],
})
export class DeclinesModule {}
