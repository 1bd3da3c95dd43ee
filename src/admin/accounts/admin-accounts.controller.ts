import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FourEyes } from '../../approvals/four-eyes.decorator';
import { RequirePermission, StepUp } from '../../auth/permissions';
import type { Actor } from '../../database';
import { ApiErrors, LOGIN_ERRORS } from '../../http/api-errors';
import { CurrentActor } from '../../http/request-context';
import {
  AdminAccountDto,
  AdminAccountListDto,
  AdminAccountParams,
  AdminAccountsQueryDto,
  ChangeStatusDto,
} from './admin-accounts.dto';
import { AdminAccountsService } from './admin-accounts.service';

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('admin/accounts')
export class AdminAccountsController {
  constructor(private readonly accounts: AdminAccountsService) {}

  @Get()
  @RequirePermission('accounts:read_all')
  @ApiOperation({ summary: "All accounts, newest first; the bank's own with include_system=true" })
  @ApiOkResponse({ type: AdminAccountListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@Query() query: AdminAccountsQueryDto) {
    return this.accounts.list(query);
  }

  @Patch(':account_id/freeze')
  @RequirePermission('accounts:manage')
  @ApiOperation({
    summary: "Freeze a customer's account",
    description:
      'Nothing is paid from or into it any more, except reversals, journals and releases of holds.',
  })
  @ApiOkResponse({ type: AdminAccountDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'ACCOUNT_NOT_FOUND', 'ACCOUNT_CLOSED')
  freeze(
    @CurrentActor() actor: Actor,
    @Param() { account_id }: AdminAccountParams,
    @Body() { reason }: ChangeStatusDto,
  ) {
    return this.accounts.setStatus(actor, account_id, 'frozen', reason);
  }

  @Patch(':account_id/unfreeze')
  @RequirePermission('accounts:manage')
  @StepUp()
  @FourEyes('unfreeze_account')
  @ApiOperation({ summary: 'Let a frozen account work again' })
  @ApiOkResponse({ type: AdminAccountDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'ACCOUNT_NOT_FOUND', 'ACCOUNT_CLOSED')
  unfreeze(
    @CurrentActor() actor: Actor,
    @Param() { account_id }: AdminAccountParams,
    @Body() { reason }: ChangeStatusDto,
  ) {
    return this.accounts.setStatus(actor, account_id, 'active', reason);
  }

  @Patch(':account_id/close')
  @RequirePermission('accounts:manage')
  @StepUp()
  @ApiOperation({
    summary: "Close a customer's account for good",
    description: 'Balance and holds must be zero. A closed account is never opened again.',
  })
  @ApiOkResponse({ type: AdminAccountDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'ACCOUNT_NOT_FOUND', 'ACCOUNT_CLOSED', 'ACCOUNT_NOT_EMPTY')
  close(
    @CurrentActor() actor: Actor,
    @Param() { account_id }: AdminAccountParams,
    @Body() { reason }: ChangeStatusDto,
  ) {
    return this.accounts.setStatus(actor, account_id, 'closed', reason);
  }
}
