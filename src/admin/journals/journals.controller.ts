import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { FourEyes } from '../../approvals/four-eyes.decorator';
import { RequirePermission, StepUp } from '../../auth/permissions';
import { CurrentMoneyRequest, type MoneyRequest } from '../../http/request-context';
import { MoneyAnswerDto } from '../../transactions/dto/money-answer.dto';
import { MovesMoney } from '../../transactions/money-route';
import { JournalEntryDto } from './journals.dto';
import { JournalsService } from './journals.service';

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('admin/journal-entries')
export class JournalsController {
  constructor(private readonly journals: JournalsService) {}

  @Post()
  @RequirePermission('ledger:post_any')
  @StepUp()
  @FourEyes('post_journal')
  @MovesMoney(
    {
      summary: 'Book a journal of 2 to 100 legs',
      description:
        "On customers' accounts and the bank's own alike. A customer's account cannot be overdrawn by it.",
    },
    'JOURNAL_UNBALANCED',
    'UNKNOWN_CURRENCY',
    'EFFECTIVE_IN_FUTURE',
    'PERIOD_CLOSED',
    'INSUFFICIENT_FUNDS',
  )
  @ApiCreatedResponse({ type: MoneyAnswerDto })
  post(@CurrentMoneyRequest() request: MoneyRequest, @Body() body: JournalEntryDto) {
    return this.journals.post(request, body);
  }
}
