import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../../auth/permissions';
import { ApiErrors, LOGIN_ERRORS } from '../../http/api-errors';
import { CurrentMoneyRequest, type MoneyRequest } from '../../http/request-context';
import { RateLimit } from '../../rate-limit/rate-limit.decorator';
import { MoneyAnswerDto } from '../../transactions/dto/money-answer.dto';
import { JournalEntryDto } from './journals.dto';
import { JournalsService } from './journals.service';

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('admin/journal-entries')
export class JournalsController {
  constructor(private readonly journals: JournalsService) {}

  @Post()
  @RequirePermission('ledger:post_any')
  @RateLimit('money')
  @ApiOperation({
    summary: 'Book a journal of 2 to 100 legs',
    description:
      "On customers' accounts and the bank's own alike. A customer's account cannot be overdrawn by it.",
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Up to 255 characters. A repeat with the same body answers the first answer again.',
    example: 'correction-1042',
  })
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  @ApiErrors(
    ...LOGIN_ERRORS,
    'VALIDATION_FAILED',
    'INVALID_AMOUNT',
    'INVALID_IDEMPOTENCY_KEY',
    'IDEMPOTENCY_KEY_REUSED',
    'JOURNAL_UNBALANCED',
    'UNKNOWN_CURRENCY',
    'ACCOUNT_NOT_FOUND',
    'ACCOUNT_CLOSED',
    'CURRENCY_MISMATCH',
    'EFFECTIVE_IN_FUTURE',
    'PERIOD_CLOSED',
    'INSUFFICIENT_FUNDS',
    'RATE_LIMITED',
    'QUEUE_FULL',
  )
  post(@CurrentMoneyRequest() request: MoneyRequest, @Body() body: JournalEntryDto) {
    return this.journals.post(request, body);
  }
}
