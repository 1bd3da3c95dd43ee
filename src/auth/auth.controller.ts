import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
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
import { ProfileDto, RegisterDto } from '../users/dto/user.dto';
import { UsersService } from '../users/users.service';
import type { Authentication } from './authentication';
import { type Client, CurrentClient } from './client';
import { AccessTokenDto, LoginDto, RefreshTokenDto, SessionDto, StepUpDto } from './dto/auth.dto';
import { LoginService } from './login.service';
import { OpenWhileEnrolling, Public, RequirePermission } from './permissions';
import { SessionsService } from './sessions.service';
import { TotpService } from './totp.service';

@ApiTags('Authentication')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly users: UsersService,
    private readonly logins: LoginService,
    private readonly sessions: SessionsService,
    private readonly totp: TotpService,
  ) {}

  @Post('register')
  @Public()
  @RateLimit('login')
  @ApiOperation({
    summary: 'Become a customer',
    description:
      'The new user is a customer whose kyc_status is pending. Log in to get a token. An address that is told too often that a ' +
      'username or an e-mail address is taken must wait.',
  })
  @ApiCreatedResponse({ type: ProfileDto.Output })
  @ApiErrors('VALIDATION_FAILED', 'USERNAME_TAKEN', 'EMAIL_TAKEN', 'RATE_LIMITED', 'TOO_MANY_LOGINS')
  register(@CurrentActor() actor: Actor, @Body() body: RegisterDto) {
    return this.users.register(actor, body);
  }

  @Post('login')
  @Public()
  @HttpCode(200)
  @RateLimit('login')
  @ApiOperation({
    summary: 'Log in',
    description:
      'Five wrong passwords lock the user for a minute, each further one for twice as long, up to a day. ' +
      'While locked even the right password answers USER_LOCKED, and usernames that nobody has lock in the same way. Who has a ' +
      'second factor sends totp_code or recovery_code too; TOTP_REQUIRED asks for it once the password is right.',
  })
  @ApiOkResponse({ type: SessionDto.Output })
  @ApiErrors(
    'VALIDATION_FAILED',
    'INVALID_CREDENTIALS',
    'TOTP_REQUIRED',
    'TOTP_INVALID',
    'USER_LOCKED',
    'RATE_LIMITED',
    'TOO_MANY_LOGINS',
    'SECOND_FACTOR_UNAVAILABLE',
  )
  login(@CurrentActor() actor: Actor, @CurrentClient() client: Client, @Body() body: LoginDto) {
    return this.logins.login(body, client, actor);
  }

  @Post('refresh')
  @Public()
  @HttpCode(200)
  @RateLimit('login')
  @ApiOperation({
    summary: 'Get a new access token',
    description:
      'The refresh token is good once; the answer holds the next one. Who lost the answer may repeat the request within half a ' +
      'minute, and gets the same refresh token. Using one again otherwise ends the session for whoever holds it.',
  })
  @ApiOkResponse({ type: SessionDto.Output })
  @ApiErrors('VALIDATION_FAILED', 'INVALID_REFRESH_TOKEN', 'RATE_LIMITED')
  refresh(
    @CurrentActor() actor: Actor,
    @CurrentClient() client: Client,
    @Body() { refresh_token }: RefreshTokenDto,
  ) {
    return this.sessions.refresh(refresh_token, client, actor);
  }

  @Post('logout')
  @Public()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Log out',
    description: 'Ends the session of the refresh token, and its access tokens within a second.',
  })
  @ApiNoContentResponse({ description: 'The session has ended, if there was one' })
  @ApiErrors('VALIDATION_FAILED')
  async logout(@CurrentActor() actor: Actor, @Body() { refresh_token }: RefreshTokenDto): Promise<void> {
    await this.sessions.logout(refresh_token, actor);
  }

  @Post('step-up')
  @HttpCode(200)
  @RequirePermission('profile:manage')
  @OpenWhileEnrolling()
  @ApiBearerAuth()
  @RateLimit('login')
  @ApiOperation({
    summary: 'Prove again who you are',
    description:
      'Answers an access token that opens acts that need a fresh proof, for the minutes that the bank is set to (15). Who has a ' +
      'second factor sends totp_code or recovery_code, others their password. A login counts as fresh too.',
  })
  @ApiOkResponse({ type: AccessTokenDto.Output })
  @ApiErrors(...PROOF_ERRORS)
  stepUp(
    @CurrentActor() actor: Actor,
    @CurrentPrincipal() principal: Principal,
    @CurrentAuthentication() authentication: Authentication,
    @Body() body: StepUpDto,
  ) {
    return this.totp.stepUp(actor, principal, authentication, body);
  }

  @Get('me')
  @RequirePermission('profile:manage')
  @OpenWhileEnrolling()
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Who you are' })
  @ApiOkResponse({ type: ProfileDto.Output })
  @ApiErrors(...LOGIN_ERRORS)
  me(@CurrentPrincipal() principal: Principal) {
    return this.users.profile(principal.user_id);
  }
}
