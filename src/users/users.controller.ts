import { Body, Controller, Get, HttpCode, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../auth/permissions';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { CurrentActor, CurrentPrincipal, type Principal } from '../http/request-context';
import { RateLimit } from '../rate-limit/rate-limit.decorator';
import { ChangePasswordDto, ProfileDto, SetPinDto, UpdateProfileDto } from './dto/user.dto';
import { UsersService } from './users.service';

@ApiTags('Users')
@ApiBearerAuth()
@RequirePermission('profile:manage')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get('profile')
  @ApiOperation({ summary: 'Your profile' })
  @ApiOkResponse({ type: ProfileDto.Output })
  @ApiErrors(...LOGIN_ERRORS)
  profile(@CurrentPrincipal() principal: Principal) {
    return this.users.profile(principal.user_id);
  }

  @Put('profile')
  @ApiOperation({
    summary: 'Change your profile',
    description:
      'Takes any of the fields, at least one; the others stay as they are. Another `full_name` must be verified again: ' +
      'until then `kyc_status` is `pending`.',
  })
  @ApiOkResponse({ type: ProfileDto.Output })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'EMAIL_TAKEN')
  update(
    @CurrentActor() actor: Actor,
    @CurrentPrincipal() { user_id }: Principal,
    @Body() body: UpdateProfileDto,
  ) {
    return this.users.updateProfile(actor, user_id, body);
  }

  @Put('password')
  @HttpCode(204)
  @RateLimit('login')
  @ApiOperation({
    summary: 'Change your password',
    description:
      'Ends every session, this one too: log in again. A wrong password counts towards the lock of the login.',
  })
  @ApiNoContentResponse({ description: 'Changed' })
  @ApiErrors(
    ...LOGIN_ERRORS,
    'VALIDATION_FAILED',
    'PASSWORD_INVALID',
    'USER_LOCKED',
    'RATE_LIMITED',
    'TOO_MANY_LOGINS',
  )
  async changePassword(
    @CurrentActor() actor: Actor,
    @CurrentPrincipal() { user_id }: Principal,
    @Body() body: ChangePasswordDto,
  ): Promise<void> {
    await this.users.changePassword(actor, user_id, body.current_password, body.new_password);
  }

  @Put('pin')
  @HttpCode(204)
  @RateLimit('login')
  @ApiOperation({
    summary: 'Set or change your PIN',
    description:
      'From then on, large amounts need it. A wrong password counts towards the lock of the login.',
  })
  @ApiNoContentResponse({ description: 'Set' })
  @ApiErrors(
    ...LOGIN_ERRORS,
    'VALIDATION_FAILED',
    'PASSWORD_INVALID',
    'USER_LOCKED',
    'RATE_LIMITED',
    'TOO_MANY_LOGINS',
  )
  async setPin(@CurrentPrincipal() { user_id }: Principal, @Body() body: SetPinDto): Promise<void> {
    await this.users.setPin(user_id, body.new_pin, body.password);
  }
}
