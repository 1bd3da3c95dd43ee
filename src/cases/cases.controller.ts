import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../auth/permissions';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import {
  CurrentActor,
  CurrentMoneyRequest,
  CurrentPrincipal,
  type MoneyRequest,
  type Principal,
} from '../http/request-context';
import { MovesMoney } from '../transactions/money-route';
import {
  AddNoteDto,
  AssignCaseDto,
  AttachTransactionDto,
  CaseDetailDto,
  CaseListDto,
  CaseParams,
  CasesQueryDto,
  ChangeCaseStatusDto,
  CloseCaseDto,
} from './cases.dto';
import { CasesService } from './cases.service';

const CHANGE_ERRORS = [
  ...LOGIN_ERRORS,
  'VALIDATION_FAILED',
  'CASE_NOT_FOUND',
  'CASE_CLOSED',
  'OWN_AFFAIR',
] as const;

@ApiTags('Alerts and cases')
@ApiBearerAuth()
@Controller('cases')
export class CasesController {
  constructor(private readonly cases: CasesService) {}

  @Get()
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'Cases: urgent first, then what is due first' })
  @ApiOkResponse({ type: CaseListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@CurrentPrincipal() principal: Principal, @Query() query: CasesQueryDto) {
    return this.cases.list(principal, query);
  }

  @Get(':case_id')
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'One case, with its alerts, transactions, notes and history' })
  @ApiOkResponse({ type: CaseDetailDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'CASE_NOT_FOUND')
  get(@Param() { case_id }: CaseParams) {
    return this.cases.get(case_id);
  }

  @Post(':case_id/notes')
  @RequirePermission('risk:review')
  @ApiOperation({ summary: 'Add a note, which nobody can change afterwards' })
  @ApiCreatedResponse({ type: CaseDetailDto })
  @ApiErrors(...CHANGE_ERRORS)
  addNote(@CurrentActor() actor: Actor, @Param() { case_id }: CaseParams, @Body() { note }: AddNoteDto) {
    return this.cases.addNote(actor, case_id, note);
  }

  @Post(':case_id/assignment')
  @HttpCode(200)
  @RequirePermission('risk:review')
  @ApiOperation({ summary: 'Give a case to an analyst, or to nobody' })
  @ApiOkResponse({ type: CaseDetailDto })
  @ApiErrors(...CHANGE_ERRORS, 'VERSION_CONFLICT', 'NOT_AN_ANALYST')
  assign(@CurrentActor() actor: Actor, @Param() { case_id }: CaseParams, @Body() body: AssignCaseDto) {
    return this.cases.assign(actor, case_id, body);
  }

  @Post(':case_id/transactions')
  @RequirePermission('risk:review')
  @ApiOperation({ summary: 'Attach a transaction, of whatever customer; one that is there already stays' })
  @ApiCreatedResponse({ type: CaseDetailDto })
  @ApiErrors(...CHANGE_ERRORS, 'TRANSACTION_NOT_FOUND')
  attach(
    @CurrentActor() actor: Actor,
    @Param() { case_id }: CaseParams,
    @Body() { transaction_id }: AttachTransactionDto,
  ) {
    return this.cases.attach(actor, case_id, transaction_id);
  }

  @Post(':case_id/status')
  @HttpCode(200)
  @RequirePermission('risk:review')
  @ApiOperation({ summary: 'Take a case and its open alerts into review, or put them back' })
  @ApiOkResponse({ type: CaseDetailDto })
  @ApiErrors(...CHANGE_ERRORS, 'VERSION_CONFLICT')
  setStatus(
    @CurrentActor() actor: Actor,
    @Param() { case_id }: CaseParams,
    @Body() body: ChangeCaseStatusDto,
  ) {
    return this.cases.setStatus(actor, case_id, body);
  }

  @Post(':case_id/close')
  @HttpCode(200)
  @RequirePermission('risk:review')
  @MovesMoney(
    {
      summary: 'Close a case with a label',
      description:
        'Alerts that are still open get the same label, with all that follows from it: see release and confirm of an alert.',
    },
    'CASE_NOT_FOUND',
    'CASE_CLOSED',
    'OWN_AFFAIR',
    'VERSION_CONFLICT',
  )
  @ApiOkResponse({ type: CaseDetailDto })
  close(
    @CurrentActor() actor: Actor,
    @CurrentMoneyRequest() request: MoneyRequest,
    @Param() { case_id }: CaseParams,
    @Body() body: CloseCaseDto,
  ) {
    return this.cases.close(actor, request, case_id, body);
  }
}
