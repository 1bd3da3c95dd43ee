import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import {
  CurrentActor,
  CurrentAuthentication,
  CurrentPrincipal,
  type Principal,
} from '../http/request-context';
import type { Authentication } from './authentication';
import { OwnSessionsDto, SessionParams } from './dto/sessions.dto';
import { RequirePermission } from './permissions';
import { SessionListService } from './session-list.service';

/** Where you are logged in. */
@ApiTags('Authentication')
@ApiBearerAuth()
@RequirePermission('profile:manage')
@Controller('auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionListService) {}

  @Get()
  @ApiOperation({ summary: 'Your open sessions, last used first', description: 'At most 200.' })
  @ApiOkResponse({ type: OwnSessionsDto.Output })
  @ApiErrors(...LOGIN_ERRORS)
  list(@CurrentPrincipal() { user_id }: Principal, @CurrentAuthentication() authentication: Authentication) {
    return this.sessions.own(user_id, authentication);
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'End all your sessions but this one' })
  @ApiNoContentResponse({ description: 'Ended; their access tokens too' })
  @ApiErrors(...LOGIN_ERRORS)
  async endOthers(
    @CurrentActor() actor: Actor,
    @CurrentPrincipal() { user_id }: Principal,
    @CurrentAuthentication() authentication: Authentication,
  ): Promise<void> {
    await this.sessions.endOthers(actor, user_id, authentication);
  }

  @Delete(':session_id')
  @HttpCode(204)
  @ApiOperation({ summary: 'End one of your sessions' })
  @ApiNoContentResponse({ description: 'Ended; its access tokens too' })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'SESSION_NOT_FOUND')
  async end(
    @CurrentActor() actor: Actor,
    @CurrentPrincipal() { user_id }: Principal,
    @Param() { session_id }: SessionParams,
  ): Promise<void> {
    await this.sessions.end(actor, user_id, session_id);
  }
}
