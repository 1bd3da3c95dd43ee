import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { CurrentActor } from '../http/request-context';
import { SessionUserParams, UserSessionParams, UserSessionsDto } from './dto/sessions.dto';
import { RequirePermission, StepUp } from './permissions';
import { SessionListService } from './session-list.service';
import { TotpService } from './totp.service';

/** What administrators do about the sessions and second factors of others. */
@ApiTags('Administration')
@ApiBearerAuth()
@Controller('admin/users/:user_id')
export class UserSessionsController {
  constructor(
    private readonly sessions: SessionListService,
    private readonly totp: TotpService,
  ) {}

  @Get('sessions')
  @RequirePermission('users:read_all')
  @ApiOperation({ summary: 'Open sessions of a user, last used first', description: 'At most 200.' })
  @ApiOkResponse({ type: UserSessionsDto.Output })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED')
  list(@Param() { user_id }: SessionUserParams) {
    return this.sessions.of(user_id);
  }

  @Delete('sessions')
  @HttpCode(204)
  @RequirePermission('users:manage')
  @ApiOperation({
    summary: 'End all sessions of a user',
    description: 'It may be urgent, so it needs no step-up.',
  })
  @ApiNoContentResponse({ description: 'Ended, with every access token of the user' })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'USER_NOT_FOUND')
  async endAll(@CurrentActor() actor: Actor, @Param() { user_id }: SessionUserParams): Promise<void> {
    await this.sessions.endAll(actor, user_id);
  }

  @Delete('sessions/:session_id')
  @HttpCode(204)
  @RequirePermission('users:manage')
  @ApiOperation({ summary: 'End one session of a user' })
  @ApiNoContentResponse({ description: 'Ended; its access tokens too' })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'SESSION_NOT_FOUND')
  async end(
    @CurrentActor() actor: Actor,
    @Param() { user_id, session_id }: UserSessionParams,
  ): Promise<void> {
    await this.sessions.end(actor, user_id, session_id);
  }

  @Delete('totp')
  @HttpCode(204)
  @RequirePermission('users:manage')
  @StepUp()
  @ApiOperation({
    summary: 'Take away the second factor of a user',
    description:
      'For who lost phone and recovery codes, once you know by other means who asks. Ends all sessions of the user.',
  })
  @ApiNoContentResponse({ description: 'Taken away, and written into the audit' })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'USER_NOT_FOUND', 'TOTP_NOT_ENROLLED')
  async disableTotp(@CurrentActor() actor: Actor, @Param() { user_id }: SessionUserParams): Promise<void> {
    await this.totp.disable(actor, user_id);
  }
}
