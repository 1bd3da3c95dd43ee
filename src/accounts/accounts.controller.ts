import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { Public, RequirePermission } from '../auth/permissions';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { idField } from '../http/fields';
import { CurrentActor, CurrentPrincipal, type Principal } from '../http/request-context';
import { RateLimit } from '../rate-limit/rate-limit.decorator';
import { AccountsService } from './accounts.service';
import { CurrenciesService } from './currencies.service';
import {
  AccountDto,
  AccountListDto,
  BalanceDto,
  BalanceQueryDto,
  CurrencyListDto,
  OpenAccountDto,
  StatementDto,
  StatementQueryDto,
} from './dto/account.dto';

class AccountParams extends createZodDto(z.object({ account_id: idField })) {}

@ApiTags('Accounts')
@ApiBearerAuth()
@Controller('accounts')
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Post()
  @RequirePermission('accounts:own')
  @RateLimit('money')
  @ApiOperation({ summary: 'Open an account' })
  @ApiCreatedResponse({ type: AccountDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'UNKNOWN_CURRENCY', 'TOO_MANY_ACCOUNTS', 'RATE_LIMITED')
  open(@CurrentActor() actor: Actor, @CurrentPrincipal() principal: Principal, @Body() body: OpenAccountDto) {
    return this.accounts.open(actor, principal, body.account_type, body.currency);
  }

  @Get()
  @RequirePermission('accounts:own', 'accounts:read_all')
  @ApiOperation({ summary: 'Your accounts, oldest first' })
  @ApiOkResponse({ type: AccountListDto })
  @ApiErrors(...LOGIN_ERRORS)
  list(@CurrentPrincipal() principal: Principal) {
    return this.accounts.list(principal);
  }

  @Get(':account_id')
  @RequirePermission('accounts:own', 'accounts:read_all')
  @ApiOperation({ summary: 'One account' })
  @ApiOkResponse({ type: AccountDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'ACCOUNT_NOT_FOUND')
  get(@CurrentPrincipal() principal: Principal, @Param() { account_id }: AccountParams) {
    return this.accounts.get(principal, account_id);
  }

  @Get(':account_id/balance')
  @RequirePermission('accounts:own', 'accounts:read_all')
  @ApiOperation({ summary: 'Balance now, or at a past moment on either clock' })
  @ApiOkResponse({ type: BalanceDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'ACCOUNT_NOT_FOUND')
  balance(
    @CurrentPrincipal() principal: Principal,
    @Param() { account_id }: AccountParams,
    @Query() query: BalanceQueryDto,
  ) {
    return this.accounts.balance(principal, account_id, query.at, query.clock);
  }

  @Get(':account_id/statement')
  @RequirePermission('accounts:own', 'accounts:read_all')
  @ApiOperation({
    summary: 'Movements of a period, oldest first',
    description:
      'opening_balance plus all movements of the period equals closing_balance. A day as `to` is included.',
  })
  @ApiOkResponse({ type: StatementDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR', 'ACCOUNT_NOT_FOUND')
  statement(
    @CurrentPrincipal() principal: Principal,
    @Param() { account_id }: AccountParams,
    @Query() query: StatementQueryDto,
  ) {
    return this.accounts.statement(principal, account_id, query);
  }
}

@ApiTags('Accounts')
@Controller('currencies')
export class CurrenciesController {
  constructor(private readonly currencies: CurrenciesService) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'Currencies that the bank keeps books in' })
  @ApiOkResponse({ type: CurrencyListDto })
  @ApiErrors()
  list() {
    const items = this.currencies
      .list()
      .map(({ currency, name, exponent }) => ({ currency, name, exponent }));
    return { items, next_cursor: null };
  }
}
