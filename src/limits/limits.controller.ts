import { Body, Controller, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FourEyes } from '../approvals/four-eyes.decorator';
import { RequirePermission, StepUp } from '../auth/permissions';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { CurrentActor, CurrentPrincipal, type Principal } from '../http/request-context';
import {
  ClassLimitsDto,
  ClassLimitsListDto,
  ClassParams,
  CustomerLimitsDto,
  EndUserLimitsDto,
  LimitedUserParams,
  OwnLimitsDto,
  SetClassLimitsDto,
  SetUserLimitsDto,
} from './limits.dto';
import { LimitsService } from './limits.service';

@ApiTags('Limits')
@ApiBearerAuth()
@Controller('limits')
export class LimitsController {
  constructor(private readonly limits: LimitsService) {}

  @Get()
  @RequirePermission('accounts:own')
  @ApiOperation({
    summary: 'Your limits, and what is left of them today',
    description:
      'They are for what you send: withdrawals, payments, holds, and transfers to others. All accounts and currencies count together, by a coarse worth.',
  })
  @ApiOkResponse({ type: OwnLimitsDto })
  @ApiErrors(...LOGIN_ERRORS, 'USER_NOT_FOUND')
  own(@CurrentPrincipal() principal: Principal) {
    return this.limits.own(principal.user_id);
  }
}

@ApiTags('Limits')
@ApiBearerAuth()
@Controller('admin')
export class AdminLimitsController {
  constructor(private readonly limits: LimitsService) {}

  @Get('limits')
  @RequirePermission('limits:read')
  @ApiOperation({ summary: 'Limits by role and KYC status' })
  @ApiOkResponse({ type: ClassLimitsListDto })
  @ApiErrors(...LOGIN_ERRORS)
  classes() {
    return this.limits.classes();
  }

  @Put('limits/:role/:kyc_status')
  @RequirePermission('limits:manage')
  @StepUp()
  @FourEyes('set_class_limits')
  @ApiOperation({ summary: 'Change the limits of a role and KYC status' })
  @ApiOkResponse({ type: ClassLimitsDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'CUSTOMER_LIMITS_NOT_FOUND', 'VERSION_CONFLICT')
  setClass(
    @CurrentActor() actor: Actor,
    @Param() params: ClassParams,
    @Body() { revision, ...values }: SetClassLimitsDto,
  ) {
    return this.limits.setClass(actor, { ...params, revision }, values);
  }

  @Get('users/:user_id/limits')
  @RequirePermission('limits:read')
  @ApiOperation({ summary: 'Limits of one customer, and what is left of them today' })
  @ApiOkResponse({ type: CustomerLimitsDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'USER_NOT_FOUND')
  get(@Param() { user_id }: LimitedUserParams) {
    return this.limits.ofUser(user_id);
  }

  @Put('users/:user_id/limits')
  @RequirePermission('limits:manage')
  @StepUp()
  @FourEyes('set_user_limits')
  @ApiOperation({
    summary: 'Give a customer limits of his own, in place of those of his role and KYC status',
  })
  @ApiOkResponse({ type: CustomerLimitsDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'USER_NOT_FOUND', 'VERSION_CONFLICT')
  setUser(
    @CurrentActor() actor: Actor,
    @Param() { user_id }: LimitedUserParams,
    @Body() { revision, reason, ...values }: SetUserLimitsDto,
  ) {
    return this.limits.setUser(actor, { user_id, revision }, values, reason);
  }

  @Delete('users/:user_id/limits')
  @RequirePermission('limits:manage')
  @StepUp()
  @FourEyes('end_user_limits')
  @ApiOperation({ summary: 'Give a customer the limits of his role and KYC status again' })
  @ApiOkResponse({ type: CustomerLimitsDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'USER_NOT_FOUND', 'VERSION_CONFLICT')
  endUser(
    @CurrentActor() actor: Actor,
    @Param() { user_id }: LimitedUserParams,
    @Query() { revision, reason }: EndUserLimitsDto,
  ) {
    return this.limits.setUser(actor, { user_id, revision }, null, reason);
  }
}
