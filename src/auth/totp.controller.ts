import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { PROOF_ERRORS } from './proof-errors';
import {
  CurrentActor,
  CurrentAuthentication,
  CurrentPrincipal,
  type Principal,
} from '../http/request-context';
import { RateLimit } from '../rate-limit/rate-limit.decorator';
import type { Authentication } from './authentication';
import {
  BeginTotpDto,
  RecoveryCodesDto,
  TotpCodeDto,
  TotpConfirmedDto,
  TotpEnrolmentDto,
  TotpStatusDto,
} from './dto/totp.dto';
import { OpenWhileEnrolling, RequirePermission } from './permissions';
import { TotpService } from './totp.service';

/** Your second factor. */
@ApiTags('Authentication')
@ApiBearerAuth()
@RequirePermission('profile:manage')
@OpenWhileEnrolling()
@Controller('auth/totp')
export class TotpController {
  constructor(private readonly totp: TotpService) {}

  @Get()
  @ApiOperation({ summary: 'How things stand with your second factor' })
  @ApiOkResponse({ type: TotpStatusDto.Output })
  @ApiErrors(...LOGIN_ERRORS)
  status(@CurrentPrincipal() principal: Principal) {
    return this.totp.status(principal);
  }

  @Post()
  @HttpCode(200)
  @RateLimit('login')
  @ApiOperation({
    summary: 'Begin to enrol a second factor',
    description:
      'Answers a new shared secret for an authenticator app (TOTP, RFC 6238). It counts once POST /auth/totp/confirm was sent its ' +
      'first code, within 15 minutes. Who has a second factor sends its code too, and keeps it until then.',
  })
  @ApiOkResponse({ type: TotpEnrolmentDto.Output })
  @ApiErrors(...PROOF_ERRORS)
  begin(@CurrentActor() actor: Actor, @CurrentPrincipal() principal: Principal, @Body() body: BeginTotpDto) {
    return this.totp.begin(actor, principal, body);
  }

  @Post('confirm')
  @HttpCode(200)
  @RateLimit('login')
  @ApiOperation({
    summary: 'Enrol it',
    description:
      'From now on every login asks for a code. Answers ten recovery codes, and an access token that opens what your role may do. ' +
      'Other sessions stay open; where the role needs a second factor they are closed until they step up.',
  })
  @ApiOkResponse({ type: TotpConfirmedDto.Output })
  @ApiErrors(
    ...LOGIN_ERRORS,
    'VALIDATION_FAILED',
    'TOTP_INVALID',
    'TOTP_NOT_PENDING',
    'RATE_LIMITED',
    'SECOND_FACTOR_UNAVAILABLE',
  )
  confirm(
    @CurrentActor() actor: Actor,
    @CurrentPrincipal() principal: Principal,
    @CurrentAuthentication() authentication: Authentication,
    @Body() { totp_code }: TotpCodeDto,
  ) {
    return this.totp.confirm(actor, principal, authentication, totp_code);
  }

  @Post('recovery-codes')
  @HttpCode(200)
  @RateLimit('login')
  @ApiOperation({ summary: 'New recovery codes', description: 'Those you have are no longer good.' })
  @ApiOkResponse({ type: RecoveryCodesDto.Output })
  @ApiErrors(
    ...LOGIN_ERRORS,
    'VALIDATION_FAILED',
    'TOTP_INVALID',
    'TOTP_NOT_ENROLLED',
    'USER_LOCKED',
    'RATE_LIMITED',
    'SECOND_FACTOR_UNAVAILABLE',
  )
  async renew(
    @CurrentActor() actor: Actor,
    @CurrentPrincipal() { user_id }: Principal,
    @Body() { totp_code }: TotpCodeDto,
  ) {
    return { recovery_codes: await this.totp.renewRecoveryCodes(actor, user_id, totp_code) };
  }
}
