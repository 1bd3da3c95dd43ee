import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { RequirePermission } from '../auth/permissions';
import type { Actor } from '../database';
import { BankError } from '../errors';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import {
  type BankRequest,
  CurrentActor,
  CurrentMoneyRequest,
  CurrentPrincipal,
  type MoneyRequest,
  type Principal,
} from '../http/request-context';
import { MovesMoney } from '../transactions/money-route';
import {
  AlertDetailDto,
  AlertListDto,
  AlertParams,
  AlertsQueryDto,
  ConfirmAlertDto,
  ReleaseAlertDto,
  StreamQueryDto,
} from './alerts.dto';
import { AlertDecisionsService } from './alert-decisions.service';
import { AlertsService } from './alerts.service';
import { CaseFeed } from './case-feed';

@ApiTags('Alerts and cases')
@ApiBearerAuth()
@Controller('alerts')
export class AlertsController {
  constructor(
    private readonly alerts: AlertsService,
    private readonly decisions: AlertDecisionsService,
    private readonly feed: CaseFeed,
  ) {}

  @Get()
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'The queue of alerts: urgent first, then the riskiest, then the oldest' })
  @ApiOkResponse({ type: AlertListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@CurrentPrincipal() principal: Principal, @Query() query: AlertsQueryDto) {
    return this.alerts.list(principal, query);
  }

  @Get('stream')
  @RequirePermission('risk:review')
  @ApiOperation({
    summary: 'What happens to alerts and cases, live, as server-sent events',
    description:
      'Each event has the id of its row, its kind as its name (opened, alert_raised, attempt_declined, held, not_held, blocked, status, assigned, note, ' +
      'transaction_attached, released, confirmed, settled, closed) and JSON data. With Last-Event-ID it goes on behind that event, ' +
      'otherwise from now on. Heartbeats are comments. It ends with the access token, and when the server stops.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Go on behind this event',
    example: '1042',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({
    description: 'Events, until the connection ends',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'RATE_LIMITED', 'SHUTTING_DOWN')
  async stream(
    @CurrentPrincipal() { user_id }: Principal,
    @Query() query: StreamQueryDto,
    @Req() request: BankRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    void reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-cache, no-transform')
      // For proxies that would gather an answer before they pass it on.
      .header('x-accel-buffering', 'no')
      .header('connection', 'close');
    if (request.method === 'HEAD') {
      await reply.send('');
      return;
    }
    const token = (request.headers.authorization ?? '').replace(/^Bearer /i, '');
    const stream = await this.feed.open({ user_id, token }, lastEventId(request, query));
    await reply.send(stream);
  }

  @Get(':alert_id')
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'One alert, with its explanation, its transaction and its customer' })
  @ApiOkResponse({ type: AlertDetailDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'ALERT_NOT_FOUND')
  get(@CurrentPrincipal() principal: Principal, @Param() { alert_id }: AlertParams) {
    return this.alerts.get(principal, alert_id);
  }

  @Post(':alert_id/release')
  @HttpCode(200)
  @RequirePermission('risk:review')
  @MovesMoney(
    {
      summary: 'Decide that an alert is no fraud',
      description:
        "Gives back what is held, and lifts the sender's block when no other open alert of the account needs it.",
    },
    'ALERT_NOT_FOUND',
    'ALERT_CLOSED',
    'VERSION_CONFLICT',
    'OWN_AFFAIR',
  )
  @ApiOkResponse({ type: AlertDetailDto })
  release(
    @CurrentActor() actor: Actor,
    @CurrentMoneyRequest() request: MoneyRequest,
    @Param() { alert_id }: AlertParams,
    @Body() body: ReleaseAlertDto,
  ) {
    return this.decisions.release(actor, request, alert_id, body);
  }

  @Post(':alert_id/confirm')
  @HttpCode(200)
  @RequirePermission('risk:review')
  @MovesMoney(
    {
      summary: 'Decide that an alert is fraud',
      description:
        'Brings the money back as far as it is still there (`outcome` says how much, and why not all of it), freezes the account that ' +
        'the alert is about, and labels the transaction, from which the models learn.',
    },
    'ALERT_NOT_FOUND',
    'ALERT_CLOSED',
    'VERSION_CONFLICT',
    'OWN_AFFAIR',
  )
  @ApiOkResponse({ type: AlertDetailDto })
  confirm(
    @CurrentActor() actor: Actor,
    @CurrentMoneyRequest() request: MoneyRequest,
    @Param() { alert_id }: AlertParams,
    @Body() body: ConfirmAlertDto,
  ) {
    return this.decisions.confirm(actor, request, alert_id, body);
  }
}

/** @throws BankError VALIDATION_FAILED */
function lastEventId(request: BankRequest, query: StreamQueryDto): string | undefined {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return query.last_event_id ?? query.lastEventId;
  if (typeof header !== 'string' || !/^\d{1,19}$/.test(header)) {
    throw new BankError('VALIDATION_FAILED', {
      errors: [{ field: 'Last-Event-ID', message: 'must be the id of an event' }],
    });
  }
  return header;
}
