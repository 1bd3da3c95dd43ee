import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../auth/permissions';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { CurrentPrincipal, type Principal } from '../http/request-context';
import {
  RiskScoreListDto,
  RiskScoresQueryDto,
  SpendingPredictionDto,
  SpendingPredictionQueryDto,
  SpendingSummaryDto,
  SpendingSummaryQueryDto,
} from './analytics.dto';
import { RiskScoresService } from './risk-scores.service';
import { SpendingService } from './spending.service';

@ApiTags('Analytics')
@ApiBearerAuth()
@RequirePermission('analytics:own')
@Controller('analytics')
export class AnalyticsController {
  constructor(
    private readonly scores: RiskScoresService,
    private readonly spending: SpendingService,
  ) {}

  @Get('risk-scores')
  @ApiOperation({ summary: 'Fraud scores of your own transactions, newest first' })
  @ApiOkResponse({ type: RiskScoreListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  riskScores(@CurrentPrincipal() principal: Principal, @Query() query: RiskScoresQueryDto) {
    return this.scores.page(principal, query);
  }

  @Get('spending-summary')
  @ApiOperation({
    summary: 'Your income and expenses by category and month',
    description:
      'By the time when things happened. Transfers between your own accounts are neither income nor expense; a refund is ' +
      'less expense, and a reversal undoes what it reverses.',
  })
  @ApiOkResponse({ type: SpendingSummaryDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'ACCOUNT_NOT_FOUND', 'UNKNOWN_CURRENCY')
  summary(@CurrentPrincipal() principal: Principal, @Query() query: SpendingSummaryQueryDto) {
    return this.spending.summary(principal, query);
  }

  @Get('spending-prediction')
  @ApiOperation({
    summary: 'What you will probably spend next month',
    description: 'From complete months, three at least.',
  })
  @ApiOkResponse({ type: SpendingPredictionDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'UNKNOWN_CURRENCY', 'NOT_ENOUGH_HISTORY')
  prediction(@CurrentPrincipal() principal: Principal, @Query() { currency }: SpendingPredictionQueryDto) {
    return this.spending.prediction(principal, currency);
  }
}
