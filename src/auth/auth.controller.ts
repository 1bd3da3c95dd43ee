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
import { CurrentActor, CurrentPrincipal, type Principal } from '../http/request-context';
import { RateLimit } from '../rate-limit/rate-limit.decorator';
import { ProfileDto, RegisterDto } from '../users/dto/user.dto';
import { UsersService } from '../users/users.service';
import { type Client, CurrentClient } from './client';
import { LoginDto, RefreshTokenDto, SessionDto } from './dto/auth.dto';
import { Public, RequirePermission } from './permissions';
import { SessionsService } from './sessions.service';

@ApiTags('Authentication')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
  ) {}

  @Post('register')
  @Public()
  @RateLimit('login')
  @ApiOperation({
    summary: 'Become a customer',
    description: 'The new user is a customer whose kyc_status is pending. Log in to get a token.',
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
      'While locked even the right password answers USER_LOCKED.',
  })
  @ApiOkResponse({ type: SessionDto.Output })
  @ApiErrors('VALIDATION_FAILED', 'INVALID_CREDENTIALS', 'USER_LOCKED', 'RATE_LIMITED', 'TOO_MANY_LOGINS')
  login(@CurrentClient() client: Client, @Body() { username, password }: LoginDto) {
    return this.sessions.login(username, password, client);
  }

  @Post('refresh')
  @Public()
  @HttpCode(200)
  @RateLimit('login')
  @ApiOperation({
    summary: 'Get a new access token',
    description:
      'The refresh token is good once; the answer holds the next one. Using one again ends the session for whoever holds it.',
  })
  @ApiOkResponse({ type: SessionDto.Output })
  @ApiErrors('VALIDATION_FAILED', 'INVALID_REFRESH_TOKEN', 'RATE_LIMITED')
  refresh(@Body() { refresh_token }: RefreshTokenDto) {
    return this.sessions.refresh(refresh_token);
  }

  @Post('logout')
  @Public()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Log out',
    description:
      'Ends the session of the refresh token. An access token that was given out stays good until it expires.',
  })
  @ApiNoContentResponse({ description: 'The session has ended, if there was one' })
  @ApiErrors('VALIDATION_FAILED')
  async logout(@Body() { refresh_token }: RefreshTokenDto): Promise<void> {
    await this.sessions.logout(refresh_token);
  }

  @Get('me')
  @RequirePermission('profile:manage')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Who you are' })
  @ApiOkResponse({ type: ProfileDto.Output })
  @ApiErrors(...LOGIN_ERRORS)
  me(@CurrentPrincipal() principal: Principal) {
    return this.users.profile(principal.user_id);
  }
}
