import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../auth/permissions';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { AuditLogsService } from './audit-logs.service';
import {
  AuditLogListDto,
  AuditLogsQueryDto,
  BalanceSheetDto,
  IntegrityDto,
  LoginActivityListDto,
  LoginActivityQueryDto,
  TrialBalanceDto,
} from './audit.dto';
import { BooksService } from './books.service';

@ApiTags('Audit')
@ApiBearerAuth()
@RequirePermission('audit:read')
@Controller('audit')
export class AuditController {
  constructor(
    private readonly logs: AuditLogsService,
    private readonly books: BooksService,
  ) {}

  @Get('logs')
  @ApiOperation({
    summary: 'Changes of users, accounts and settings, newest first',
    description: 'Written by the database itself for every change, whoever makes it.',
  })
  @ApiOkResponse({ type: AuditLogListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  auditLogs(@Query() query: AuditLogsQueryDto) {
    return this.logs.auditLogs(query);
  }

  @Get('login-activity')
  @ApiOperation({ summary: 'Attempts to log in, good and bad, newest first' })
  @ApiOkResponse({ type: LoginActivityListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  loginActivity(@Query() query: LoginActivityQueryDto) {
    return this.logs.loginActivity(query);
  }

  @Get('integrity')
  @ApiOperation({
    summary: 'Check the whole ledger',
    description:
      'Every transaction balances, every balance is the sum of its entries, no running balance has a gap, nobody is ' +
      'overdrawn. No problems is health.',
  })
  @ApiOkResponse({ type: IntegrityDto })
  @ApiErrors(...LOGIN_ERRORS)
  integrity() {
    return this.books.integrity();
  }

  @Get('trial-balance')
  @ApiOperation({ summary: 'Debit and credit totals of each kind of account and currency' })
  @ApiOkResponse({ type: TrialBalanceDto })
  @ApiErrors(...LOGIN_ERRORS)
  trialBalance() {
    return this.books.trialBalance();
  }

  @Get('balance-sheet')
  @ApiOperation({ summary: 'Assets, liabilities and equity of each currency' })
  @ApiOkResponse({ type: BalanceSheetDto })
  @ApiErrors(...LOGIN_ERRORS)
  balanceSheet() {
    return this.books.balanceSheet();
  }
}
