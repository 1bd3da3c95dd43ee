import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission, StepUp } from '../auth/permissions';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { CurrentActor } from '../http/request-context';
import {
  BudgetDto,
  ModelChangeDto,
  ModelDto,
  ModelListDto,
  ModelParams,
  ModelsQueryDto,
  SetBudgetDto,
  TrainingDto,
} from './models.dto';
import { ModelsService } from './models.service';

@ApiTags('Risk models')
@ApiBearerAuth()
@Controller('risk/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'Versions of the risk model, newest first, with what each does or did' })
  @ApiOkResponse({ type: ModelListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@Query() query: ModelsQueryDto) {
    return this.models.list(query);
  }

  @Get('budget')
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'The budget of alerts: how many the model may raise' })
  @ApiOkResponse({ type: BudgetDto })
  @ApiErrors(...LOGIN_ERRORS)
  budget() {
    return this.models.budget();
  }

  @Put('budget')
  @RequirePermission('models:manage')
  @ApiOperation({
    summary: 'Set the budget of alerts',
    description:
      'The scores of running models are calibrated to it within seconds, without a training. Floors of rules are not affected.',
  })
  @ApiOkResponse({ type: BudgetDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED')
  setBudget(@CurrentActor() actor: Actor, @Body() body: SetBudgetDto) {
    return this.models.setBudget(actor, body);
  }

  @Post('retrain')
  @HttpCode(202)
  @RequirePermission('models:manage')
  @ApiOperation({
    summary: 'Ask the workers to train a new version now',
    description:
      'One of them begins within a minute. The version shadows the active one before it takes over.',
  })
  @ApiAcceptedResponse({ type: TrainingDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'RISK_MODEL_TOO_LITTLE_HISTORY')
  retrain(@CurrentActor() actor: Actor, @Body() { reason }: ModelChangeDto) {
    return this.models.retrain(actor, reason);
  }

  @Post(':model_version/activate')
  @HttpCode(200)
  @RequirePermission('models:manage')
  @StepUp()
  @ApiOperation({
    summary: 'Put a version in force: the way back to an earlier one',
    description: 'The version that judged is retired. Running workers judge by this one within seconds.',
  })
  @ApiOkResponse({ type: ModelDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'RISK_MODEL_NOT_FOUND', 'RISK_MODEL_REFUSED')
  activate(
    @CurrentActor() actor: Actor,
    @Param() { model_version }: ModelParams,
    @Body() { reason }: ModelChangeDto,
  ) {
    return this.models.activate(actor, model_version, reason);
  }
}
