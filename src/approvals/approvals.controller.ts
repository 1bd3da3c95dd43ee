import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission, StepUp } from '../auth/permissions';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { CurrentActor } from '../http/request-context';
import {
  ApprovalDetailDto,
  ApprovalListDto,
  ApprovalParams,
  ApprovalsQueryDto,
  DecideApprovalDto,
  FourEyesDto,
  SetFourEyesDto,
} from './approvals.dto';
import { ApprovalsService } from './approvals.service';
import { FourEyes } from './four-eyes.decorator';
import { APPROVAL_KINDS } from './kinds';

/** Whoever may do one of the acts; the procedure asks for the permission of the very kind. */
const DECIDERS = [...new Set(Object.values(APPROVAL_KINDS).map(({ permission }) => permission))];
const DECISION_ERRORS = [
  ...LOGIN_ERRORS,
  'VALIDATION_FAILED',
  'APPROVAL_NOT_FOUND',
  'APPROVAL_DECIDED',
  'APPROVAL_EXPIRED',
] as const;

@ApiTags('Approvals')
@ApiBearerAuth()
@Controller('approvals')
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  @Get()
  @RequirePermission('approvals:read')
  @ApiOperation({ summary: 'Acts that a second person is asked to approve, newest first' })
  @ApiOkResponse({ type: ApprovalListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@Query() query: ApprovalsQueryDto) {
    return this.approvals.list(query);
  }

  @Get('settings')
  @RequirePermission('approvals:read')
  @ApiOperation({ summary: 'Which kinds of acts need a second person' })
  @ApiOkResponse({ type: FourEyesDto })
  @ApiErrors(...LOGIN_ERRORS)
  settings() {
    return this.approvals.settings();
  }

  @Put('settings')
  @RequirePermission('users:manage')
  @StepUp()
  @FourEyes('set_four_eyes')
  @ApiOperation({
    summary: 'Decide which kinds of acts need a second person',
    description: 'Of any, changing this is one too, so that nobody turns it off alone.',
  })
  @ApiOkResponse({ type: FourEyesDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED')
  set(@CurrentActor() actor: Actor, @Body() { kinds }: SetFourEyesDto) {
    return this.approvals.setFourEyes(actor, kinds);
  }

  @Get(':approval_id')
  @RequirePermission('approvals:read')
  @ApiOperation({ summary: 'One request for approval, with what happened to it' })
  @ApiOkResponse({ type: ApprovalDetailDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'APPROVAL_NOT_FOUND')
  get(@Param() { approval_id }: ApprovalParams) {
    return this.approvals.get(approval_id);
  }

  @Post(':approval_id/approve')
  @HttpCode(200)
  @RequirePermission(...DECIDERS)
  @StepUp()
  @ApiOperation({
    summary: 'Approve an act, which is then executed',
    description:
      'Neither who asked nor whom it is about can. Needs the permission of the act itself. The answer has the result; failed is an act that the bank refused.',
  })
  @ApiOkResponse({ type: ApprovalDetailDto })
  @ApiErrors(...DECISION_ERRORS, 'APPROVAL_OWN', 'APPROVAL_REQUESTER_GONE')
  approve(
    @CurrentActor() actor: Actor,
    @Param() { approval_id }: ApprovalParams,
    @Body() { note }: DecideApprovalDto,
  ) {
    return this.approvals.decide(actor, approval_id, 'approved', note);
  }

  @Post(':approval_id/reject')
  @HttpCode(200)
  @RequirePermission(...DECIDERS)
  @ApiOperation({ summary: 'Reject an act' })
  @ApiOkResponse({ type: ApprovalDetailDto })
  @ApiErrors(...DECISION_ERRORS, 'APPROVAL_OWN')
  reject(
    @CurrentActor() actor: Actor,
    @Param() { approval_id }: ApprovalParams,
    @Body() { note }: DecideApprovalDto,
  ) {
    return this.approvals.decide(actor, approval_id, 'rejected', note);
  }

  @Post(':approval_id/cancel')
  @HttpCode(200)
  @RequirePermission(...DECIDERS)
  @ApiOperation({ summary: 'Take back what you have asked for' })
  @ApiOkResponse({ type: ApprovalDetailDto })
  @ApiErrors(...DECISION_ERRORS)
  cancel(
    @CurrentActor() actor: Actor,
    @Param() { approval_id }: ApprovalParams,
    @Body() { note }: DecideApprovalDto,
  ) {
    return this.approvals.decide(actor, approval_id, 'cancelled', note);
  }
}
