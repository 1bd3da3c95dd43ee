import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { FourEyes } from '../approvals/four-eyes.decorator';
import { RequirePermission, StepUp } from '../auth/permissions';
import type { ErrorCode } from '../errors';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { idField } from '../http/fields';
import {
  CurrentMoneyRequest,
  CurrentPrincipal,
  type MoneyRequest,
  type Principal,
} from '../http/request-context';
import { BatchAnswerDto, HistoryDto, HistoryQueryDto, MoneyAnswerDto } from './dto/money-answer.dto';
import {
  BatchDto,
  CaptureDto,
  DepositDto,
  HoldDto,
  PaymentDto,
  ReversalDto,
  TransferDto,
  VoidDto,
  WithdrawDto,
} from './dto/money-request.dto';
import { HistoryService } from './history.service';
import { MovesMoney } from './money-route';
import { MoneyAnswerService } from './money-answer.service';
import { TransactionsService } from './transactions.service';

class TransactionParams extends createZodDto(z.object({ transaction_id: idField })) {}
class HoldParams extends createZodDto(z.object({ hold_id: idField })) {}

const SPENDING_ERRORS = [
  'ACCOUNT_FROZEN',
  'DECLINED_BY_BANK',
  'BLOCKED',
  'ACCOUNT_UNDER_REVIEW',
  'LIMIT_PER_TRANSACTION',
  'LIMIT_PER_DAY',
  'LIMIT_PER_COUNTERPARTY',
  'INSUFFICIENT_FUNDS',
  'PIN_REQUIRED',
  'PIN_INVALID',
  'USER_LOCKED',
  'TOO_MANY_LOGINS',
] as const satisfies ErrorCode[];
/** Of what leaves the bank for good. */
const JUDGED_ERRORS = ['RISK_DECLINED', 'JUDGEMENT_UNAVAILABLE'] as const satisfies ErrorCode[];
const DATED_ERRORS = ['EFFECTIVE_IN_FUTURE', 'PERIOD_CLOSED'] as const satisfies ErrorCode[];

@ApiTags('Transactions')
@ApiBearerAuth()
@RequirePermission('transactions:own', 'ledger:post_any')
@Controller('transactions')
export class TransactionsController {
  constructor(
    private readonly transactions: TransactionsService,
    private readonly answers: MoneyAnswerService,
    private readonly history: HistoryService,
  ) {}

  @Post('deposit')
  @MovesMoney({ summary: 'Pay cash in' }, 'ACCOUNT_FROZEN', 'DECLINED_BY_BANK', 'BLOCKED', ...DATED_ERRORS)
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  deposit(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: DepositDto) {
    return this.transactions.post(request, { type: 'deposit', ...body }, pin);
  }

  @Post('withdraw')
  @MovesMoney({ summary: 'Take cash out' }, ...SPENDING_ERRORS, ...JUDGED_ERRORS, ...DATED_ERRORS)
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  withdraw(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: WithdrawDto) {
    return this.transactions.post(request, { type: 'withdrawal', ...body }, pin);
  }

  @Post('transfer')
  @MovesMoney(
    { summary: 'Send money to another account' },
    ...SPENDING_ERRORS,
    'RISK_DECLINED',
    ...DATED_ERRORS,
    'SAME_ACCOUNT',
    'INVALID_ACCOUNT_NUMBER',
  )
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  transfer(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: TransferDto) {
    return this.transactions.post(request, { type: 'transfer', ...body }, pin);
  }

  @Post('payment')
  @MovesMoney({ summary: 'Pay a merchant' }, ...SPENDING_ERRORS, 'RISK_DECLINED', ...DATED_ERRORS)
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  payment(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: PaymentDto) {
    return this.transactions.post(request, { type: 'payment', ...body }, pin);
  }

  @Post('holds')
  @MovesMoney({ summary: 'Set funds aside' }, ...SPENDING_ERRORS, ...JUDGED_ERRORS)
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  hold(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: HoldDto) {
    return this.transactions.post(request, { type: 'hold', ...body }, pin);
  }

  @Post('holds/:hold_id/capture')
  @MovesMoney(
    { summary: 'Take held funds, wholly or in part; the rest is released' },
    'ACCOUNT_FROZEN',
    'DECLINED_BY_BANK',
    'BLOCKED',
    'ACCOUNT_UNDER_REVIEW',
    'HOLD_NOT_FOUND',
    'HOLD_NOT_ACTIVE',
    'CAPTURE_EXCEEDS_HOLD',
  )
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  capture(
    @CurrentMoneyRequest() request: MoneyRequest,
    @Param() { hold_id }: HoldParams,
    @Body() body: CaptureDto,
  ) {
    return this.transactions.post(request, { type: 'capture', hold_id, ...body });
  }

  @Post('holds/:hold_id/void')
  @HttpCode(200)
  @MovesMoney({ summary: 'Release held funds' }, 'HOLD_NOT_FOUND', 'HOLD_NOT_ACTIVE', 'HOLD_UNDER_REVIEW')
  @ApiOkResponse({ type: MoneyAnswerDto })
  void(
    @CurrentMoneyRequest() request: MoneyRequest,
    @Param() { hold_id }: HoldParams,
    @Body() body: VoidDto,
  ) {
    return this.transactions.post(request, { type: 'void', hold_id, ...body });
  }

  @Post('batch')
  @HttpCode(200)
  @FourEyes('post_batch')
  @MovesMoney(
    { summary: 'Up to 1,000 items at once, independent or all or none' },
    ...SPENDING_ERRORS,
    'JUDGEMENT_UNAVAILABLE',
    'SAME_ACCOUNT',
    'INVALID_ACCOUNT_NUMBER',
    'APPROVAL_REQUIRED',
  )
  @ApiOkResponse({ type: BatchAnswerDto })
  batch(@CurrentMoneyRequest() request: MoneyRequest, @Body() body: BatchDto) {
    return this.transactions.postMany(request, body);
  }

  @Post(':transaction_id/reversal')
  @RequirePermission('ledger:post_any')
  @StepUp()
  @FourEyes('post_reversal')
  @MovesMoney(
    { summary: 'Reverse a transaction, once' },
    'TRANSACTION_NOT_FOUND',
    'ALREADY_REVERSED',
    'NOT_REVERSIBLE',
    'INSUFFICIENT_FUNDS',
  )
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  reversal(
    @CurrentMoneyRequest() request: MoneyRequest,
    @Param() params: TransactionParams,
    @Body() body: ReversalDto,
  ) {
    return this.transactions.post(request, { type: 'reversal', ...params, ...body });
  }

  @Get('history')
  @RequirePermission('transactions:own', 'transactions:read_all')
  @ApiOperation({ summary: 'Your transactions, newest first unless sorted otherwise' })
  @ApiOkResponse({ type: HistoryDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR', 'ACCOUNT_NOT_FOUND')
  list(@CurrentPrincipal() principal: Principal, @Query() query: HistoryQueryDto) {
    return this.history.page(principal, query);
  }

  @Get(':transaction_id')
  @RequirePermission('transactions:own', 'transactions:read_all')
  @ApiOperation({ summary: 'One transaction as it stands now' })
  @ApiOkResponse({ type: MoneyAnswerDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'TRANSACTION_NOT_FOUND')
  get(@CurrentPrincipal() principal: Principal, @Param() { transaction_id }: TransactionParams) {
    return this.answers.read(transaction_id, principal);
  }
}
