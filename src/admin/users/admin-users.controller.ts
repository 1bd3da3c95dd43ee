import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FourEyes } from '../../approvals/four-eyes.decorator';
import { RequirePermission, StepUp } from '../../auth/permissions';
import type { Actor } from '../../database';
import { ApiErrors, LOGIN_ERRORS } from '../../http/api-errors';
import { CurrentActor } from '../../http/request-context';
import {
  AdminUserDetailDto,
  AdminUserDto,
  AdminUserListDto,
  AdminUsersQueryDto,
  ChangeActiveDto,
  ChangeKycDto,
  ChangeRoleDto,
  UserParams,
} from './admin-users.dto';
import { AdminUsersService } from './admin-users.service';

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('admin/users')
export class AdminUsersController {
  constructor(private readonly users: AdminUsersService) {}

  @Get()
  @RequirePermission('users:read_all')
  @ApiOperation({ summary: 'All users, newest first' })
  @ApiOkResponse({ type: AdminUserListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@Query() query: AdminUsersQueryDto) {
    return this.users.list(query);
  }

  @Get(':user_id')
  @RequirePermission('users:read_all')
  @ApiOperation({ summary: 'One user with accounts, customer profile and last logins' })
  @ApiOkResponse({ type: AdminUserDetailDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'USER_NOT_FOUND')
  get(@Param() { user_id }: UserParams) {
    return this.users.get(user_id);
  }

  @Patch(':user_id/role')
  @RequirePermission('users:manage')
  @StepUp()
  @FourEyes('change_role')
  @ApiOperation({
    summary: 'Change the role of a user',
    description: 'Ends the access tokens of the user. The last active administrator cannot be demoted.',
  })
  @ApiOkResponse({ type: AdminUserDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'USER_NOT_FOUND', 'LAST_ADMINISTRATOR')
  changeRole(
    @CurrentActor() actor: Actor,
    @Param() { user_id }: UserParams,
    @Body() { role }: ChangeRoleDto,
  ) {
    return this.users.changeStanding(actor, user_id, { role });
  }

  @Patch(':user_id/kyc')
  @RequirePermission('users:manage')
  @ApiOperation({ summary: 'Record the result of checking who a customer is (KYC)' })
  @ApiOkResponse({ type: AdminUserDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'USER_NOT_FOUND')
  changeKyc(
    @CurrentActor() actor: Actor,
    @Param() { user_id }: UserParams,
    @Body() { kyc_status }: ChangeKycDto,
  ) {
    return this.users.changeStanding(actor, user_id, { kyc_status });
  }

  @Patch(':user_id/active')
  @RequirePermission('users:manage')
  @StepUp()
  @ApiOperation({
    summary: 'Deactivate or reactivate a user',
    description:
      'Deactivating ends access and refresh tokens. The last active administrator cannot be deactivated.',
  })
  @ApiOkResponse({ type: AdminUserDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'USER_NOT_FOUND', 'LAST_ADMINISTRATOR')
  changeActive(
    @CurrentActor() actor: Actor,
    @Param() { user_id }: UserParams,
    @Body() { is_active }: ChangeActiveDto,
  ) {
    return this.users.changeStanding(actor, user_id, { is_active });
  }
}
