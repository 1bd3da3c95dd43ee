import { applyDecorators, Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { RequirePermission } from '../auth/permissions';
import type { ErrorCode } from '../errors';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { idField } from '../http/fields';
import {
  CurrentMoneyRequest,
  CurrentPrincipal,
  type MoneyRequest,
  type Principal,
} from '../http/request-context';
import { RateLimit } from '../rate-limit/rate-limit.decorator';
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
import { MoneyAnswerService } from './money-answer.service';
import { TransactionsService } from './transactions.service';

class TransactionParams extends createZodDto(z.object({ transaction_id: idField })) {}
class HoldParams extends createZodDto(z.object({ hold_id: idField })) {}

const MONEY_ERRORS = [
  ...LOGIN_ERRORS,
  'VALIDATION_FAILED',
  'INVALID_AMOUNT',
  'INVALID_IDEMPOTENCY_KEY',
  'IDEMPOTENCY_KEY_REUSED',
  'ACCOUNT_NOT_FOUND',
  'ACCOUNT_FROZEN',
  'ACCOUNT_CLOSED',
  'CURRENCY_MISMATCH',
  'RATE_LIMITED',
  'QUEUE_FULL',
  'SHUTTING_DOWN',
] as const satisfies ErrorCode[];

const SPENDING_ERRORS = [
  'INSUFFICIENT_FUNDS',
  'PIN_REQUIRED',
  'PIN_INVALID',
  'USER_LOCKED',
] as const satisfies ErrorCode[];
const DATED_ERRORS = ['EFFECTIVE_IN_FUTURE', 'PERIOD_CLOSED'] as const satisfies ErrorCode[];

/** What every route that moves money has in common. */
function MovesMoney(summary: string, ...errors: ErrorCode[]) {
  return applyDecorators(
    RateLimit('money'),
    ApiOperation({ summary }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Up to 255 characters. A repeat with the same body answers the first answer again.',
      example: '7c1b2f0e-rent-march',
    }),
    ApiErrors(...MONEY_ERRORS, ...errors),
  );
}

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
  @MovesMoney('Pay cash in', ...DATED_ERRORS)
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  deposit(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: DepositDto) {
    return this.transactions.post(request, { type: 'deposit', ...body }, pin);
  }

  @Post('withdraw')
  @MovesMoney('Take cash out', ...SPENDING_ERRORS, ...DATED_ERRORS)
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  withdraw(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: WithdrawDto) {
    return this.transactions.post(request, { type: 'withdrawal', ...body }, pin);
  }

  @Post('transfer')
  @MovesMoney(
    'Send money to another account',
    ...SPENDING_ERRORS,
    ...DATED_ERRORS,
    'SAME_ACCOUNT',
    'INVALID_ACCOUNT_NUMBER',
  )
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  transfer(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: TransferDto) {
    return this.transactions.post(request, { type: 'transfer', ...body }, pin);
  }

  @Post('payment')
  @MovesMoney('Pay a merchant', ...SPENDING_ERRORS, ...DATED_ERRORS)
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  payment(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: PaymentDto) {
    return this.transactions.post(request, { type: 'payment', ...body }, pin);
  }

  @Post('holds')
  @MovesMoney('Set funds aside', ...SPENDING_ERRORS)
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  hold(@CurrentMoneyRequest() request: MoneyRequest, @Body() { pin, ...body }: HoldDto) {
    return this.transactions.post(request, { type: 'hold', ...body }, pin);
  }

  @Post('holds/:hold_id/capture')
  @MovesMoney(
    'Take held funds, wholly or in part; the rest is released',
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
  @MovesMoney('Release held funds', 'HOLD_NOT_FOUND', 'HOLD_NOT_ACTIVE')
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
  @MovesMoney(
    'Up to 1,000 items at once, independent or all or none',
    ...SPENDING_ERRORS,
    'SAME_ACCOUNT',
    'INVALID_ACCOUNT_NUMBER',
  )
  @ApiOkResponse({ type: BatchAnswerDto })
  batch(@CurrentMoneyRequest() request: MoneyRequest, @Body() body: BatchDto) {
    return this.transactions.postMany(request, body);
  }

  @Post(':transaction_id/reversal')
  @RequirePermission('ledger:post_any')
  @MovesMoney(
    'Reverse a transaction, once',
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
