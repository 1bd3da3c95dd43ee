import { Body, Controller, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { FourEyes } from '../approvals/four-eyes.decorator';
import { RequirePermission, StepUp } from '../auth/permissions';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { CurrentActor } from '../http/request-context';
import { BacktestService } from './backtest.service';
import {
  BacktestConditionDto,
  BacktestDto,
  BacktestRuleDto,
  ChangeRuleDto,
  ChangeRuleStatusDto,
  CreateRuleDto,
  EndShadowDto,
  FactsDto,
  RuleDetailDto,
  type RuleDetailAnswer,
  RuleListDto,
  RuleParams,
  RulesQueryDto,
} from './rules.dto';
import { RulesService } from './rules.service';

const SHADOW_ERRORS = [
  ...LOGIN_ERRORS,
  'VALIDATION_FAILED',
  'RULE_NOT_FOUND',
  'RULE_CHANGED',
  'RULE_NOT_ACTIVE',
] as const;

@ApiTags('Fraud rules')
@ApiBearerAuth()
@Controller('risk')
export class RulesController {
  constructor(
    private readonly rules: RulesService,
    private readonly backtests: BacktestService,
  ) {}

  @Get('facts')
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'What is known of a transaction, and what conditions may ask of it' })
  @ApiOkResponse({ type: FactsDto })
  @ApiErrors(...LOGIN_ERRORS)
  facts() {
    return this.rules.facts();
  }

  @Get('rules')
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'All rules of the fraud engine as they are now' })
  @ApiOkResponse({ type: RuleListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@Query() query: RulesQueryDto) {
    return this.rules.list(query);
  }

  @Post('rules')
  @RequirePermission('rules:manage')
  @ApiOperation({
    summary: 'Write a rule',
    description: 'It is a draft: it judges nothing until its status is changed.',
  })
  @ApiCreatedResponse({ type: RuleDetailDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'RULE_NAME_TAKEN')
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateRuleDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.rules.create(actor, body));
  }

  @Post('rules/backtest')
  @HttpCode(200)
  @RequirePermission('rules:manage')
  @ApiOperation({
    summary: 'Ask an unpublished condition of past verdicts',
    description:
      'Looks at 100,000 verdicts or for 20 seconds at most, newest first, and says how far that was.',
  })
  @ApiOkResponse({ type: BacktestDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'BACKTEST_BUSY')
  backtestCondition(@Body() { condition, ...period }: BacktestConditionDto) {
    return this.backtests.run(condition, period);
  }

  @Get('rules/:rule_id')
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'A rule with every version; its ETag is the revision that a change needs' })
  @ApiOkResponse({ type: RuleDetailDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'RULE_NOT_FOUND')
  async get(@Param() { rule_id }: RuleParams, @Res({ passthrough: true }) reply: FastifyReply) {
    return tagged(reply, await this.rules.get(rule_id));
  }

  @Put('rules/:rule_id')
  @RequirePermission('rules:manage')
  @StepUp()
  @FourEyes('change_rule')
  @ApiOperation({
    summary: 'Change a rule: a new version, in force at once where the rule is',
    description: 'Needs the revision that you have seen, in the body or as If-Match.',
  })
  @ApiOkResponse({ type: RuleDetailDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'RULE_NOT_FOUND', 'RULE_PROTECTED', 'RULE_CHANGED')
  async change(
    @CurrentActor() actor: Actor,
    @Param() { rule_id }: RuleParams,
    @Body() body: ChangeRuleDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.rules.change(actor, rule_id, body, ifMatch));
  }

  @Put('rules/:rule_id/shadow')
  @RequirePermission('rules:manage')
  @ApiOperation({
    summary: 'Run a new version of a rule in shadow, beside the one in force',
    description:
      'Verdicts record what it would have done. Another version in shadow makes room for it. Needs the revision that you have seen.',
  })
  @ApiOkResponse({ type: RuleDetailDto })
  @ApiErrors(...SHADOW_ERRORS, 'RULE_PROTECTED')
  async shadow(
    @CurrentActor() actor: Actor,
    @Param() { rule_id }: RuleParams,
    @Body() body: ChangeRuleDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.rules.change(actor, rule_id, body, ifMatch, true));
  }

  @Post('rules/:rule_id/shadow/publish')
  @HttpCode(200)
  @RequirePermission('rules:manage')
  @StepUp()
  @FourEyes('publish_rule_shadow')
  @ApiOperation({ summary: 'Put the version in shadow in force, in place of the one that is' })
  @ApiOkResponse({ type: RuleDetailDto })
  @ApiErrors(...SHADOW_ERRORS, 'RULE_HAS_NO_SHADOW')
  async publish(
    @CurrentActor() actor: Actor,
    @Param() { rule_id }: RuleParams,
    @Body() body: EndShadowDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(
      reply,
      await this.rules.endShadow(actor, rule_id, { ...body, is_published: true }, ifMatch),
    );
  }

  @Post('rules/:rule_id/shadow/drop')
  @HttpCode(200)
  @RequirePermission('rules:manage')
  @ApiOperation({ summary: 'Drop the version in shadow; it stays to be read' })
  @ApiOkResponse({ type: RuleDetailDto })
  @ApiErrors(...SHADOW_ERRORS, 'RULE_HAS_NO_SHADOW')
  async drop(
    @CurrentActor() actor: Actor,
    @Param() { rule_id }: RuleParams,
    @Body() body: EndShadowDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(
      reply,
      await this.rules.endShadow(actor, rule_id, { ...body, is_published: false }, ifMatch),
    );
  }

  @Put('rules/:rule_id/status')
  @RequirePermission('rules:manage')
  @StepUp()
  @FourEyes('set_rule_status')
  @ApiOperation({
    summary: 'Run a rule in shadow, put it in force, or disable it',
    description:
      'In shadow it is recorded with the verdicts and changes none. A rule never becomes a draft again.',
  })
  @ApiOkResponse({ type: RuleDetailDto })
  @ApiErrors(
    ...LOGIN_ERRORS,
    'VALIDATION_FAILED',
    'RULE_NOT_FOUND',
    'RULE_PROTECTED',
    'RULE_CHANGED',
    'RULE_STATUS_NOT_ALLOWED',
  )
  async setStatus(
    @CurrentActor() actor: Actor,
    @Param() { rule_id }: RuleParams,
    @Body() body: ChangeRuleStatusDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.rules.setStatus(actor, rule_id, body, ifMatch));
  }

  @Post('rules/:rule_id/backtest')
  @HttpCode(200)
  @RequirePermission('rules:manage')
  @ApiOperation({ summary: 'Ask a version of a rule of past verdicts, before it is published' })
  @ApiOkResponse({ type: BacktestDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'RULE_NOT_FOUND', 'BACKTEST_BUSY')
  async backtestRule(@Param() { rule_id }: RuleParams, @Body() { version, ...period }: BacktestRuleDto) {
    return this.backtests.run(await this.rules.conditionOf(rule_id, version), period);
  }
}

function tagged(reply: FastifyReply, rule: RuleDetailAnswer): RuleDetailAnswer {
  void reply.header('etag', `"${rule.revision}"`);
  return rule;
}
