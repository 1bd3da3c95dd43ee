import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import {
  amountAnswer,
  currencyAnswer,
  cursorField,
  idAnswer,
  idField,
  limitField,
  momentField,
  pageOf,
  textField,
  timeAnswer,
} from '../http/fields';
import {
  FACT_NAMES,
  parseCondition,
  REASON_TEMPLATE_MAX,
  RULE_ACTIONS,
  RULE_STATUSES,
  templateProblems,
  type Condition,
} from '../risk';

const EXAMPLE: Condition = {
  all: [
    { fact: 'amount_usd', op: 'gte', value: 10_000 },
    { fact: 'is_new_counterparty', op: 'eq', value: true },
  ],
};

/** A tree of comparisons; what is wrong with it is said by its place, such as condition.all.1.value. */
const conditionField = z
  .unknown()
  .transform((input, context): Condition => {
    const { condition, problems } = parseCondition(input);
    if (condition) return condition;
    for (const { path, message } of problems)
      context.addIssue({ code: 'custom', path: path === '' ? [] : path.split('.'), message });
    return z.NEVER;
  })
  .meta({
    description:
      'A tree: {"all": […]}, {"any": […]}, {"not": …} around comparisons {"fact", "op", "value"}. GET /risk/facts lists facts and ' +
      'operators. A comparison with a missing fact is false.',
    example: EXAMPLE,
  });

const floorField = z.number().min(0).max(1).meta({
  description: 'The risk that a transaction has at least: SUSPICIOUS from 0.5, CRITICAL from 0.8',
  example: 0.6,
});
const statusField = z.enum(RULE_STATUSES).meta({ example: 'shadow' });
const reasonField = textField(255, 3).meta({ description: 'Why', example: 'Asked for by the fraud team' });
const revisionField = z.int().positive().optional().meta({
  description: 'The revision that you have seen. For a change it or the header If-Match is needed',
  example: 3,
});

const ruleBody = {
  condition: conditionField,
  floor: floorField,
  action: z
    .enum(RULE_ACTIONS)
    .default('score')
    .meta({ description: 'hold: the credited money is held too. block: no allowance suppresses the rule' }),
  reason_template: textField(REASON_TEMPLATE_MAX, 1)
    .nullable()
    .default(null)
    .meta({
      description:
        'The reason in words: {fact} is its value, {limit:fact} what the condition compares it with. Without one the condition ' +
        'speaks for itself',
      example: '{amount_usd} US dollars to a new counterparty, limit {limit:amount_usd}',
    }),
  owner: textField(64, 1).meta({ description: 'Who answers for the rule', example: 'Fraud team' }),
  reason: reasonField,
};

function checkTemplate(
  body: { reason_template: string | null; condition: Condition },
  context: z.RefinementCtx,
): void {
  for (const message of templateProblems(body.reason_template ?? '', body.condition))
    context.addIssue({ code: 'custom', path: ['reason_template'], message });
}

export class RuleParams extends createZodDto(z.object({ rule_id: idField })) {}
export class RulesQueryDto extends createZodDto(
  z.strictObject({ status: statusField.optional(), cursor: cursorField, limit: limitField }),
) {}
export class CreateRuleDto extends createZodDto(
  z
    .strictObject({
      name: z
        .string()
        .regex(
          /^[a-z][a-z0-9_]{1,63}$/,
          'must be 2 to 64 small letters, digits and underscores, a letter first',
        )
        .meta({ example: 'large_to_new_counterparty' }),
      ...ruleBody,
    })
    .superRefine(checkTemplate),
) {}
export class ChangeRuleDto extends createZodDto(
  z.strictObject({ ...ruleBody, revision: revisionField }).superRefine(checkTemplate),
) {}
export class ChangeRuleStatusDto extends createZodDto(
  z.strictObject({ status: statusField, reason: reasonField, revision: revisionField }),
) {}

export class EndShadowDto extends createZodDto(
  z.strictObject({ reason: reasonField, revision: revisionField }),
) {}

const period = {
  from: momentField
    .optional()
    .meta({ description: '30 days before its end by default', example: '2026-01-01' }),
  to: momentField
    .optional()
    .meta({ description: 'Now by default; a day is included', example: '2026-01-31' }),
};
export class BacktestRuleDto extends createZodDto(
  z.strictObject({
    ...period,
    version: z.int().positive().optional().meta({ description: 'The current one by default' }),
  }),
) {}
export class BacktestConditionDto extends createZodDto(
  z.strictObject({ ...period, condition: conditionField }),
) {}

const conditionAnswer = z.record(z.string(), z.unknown()).meta({ example: EXAMPLE });
const version = z.object({
  version: z.number().int(),
  condition: conditionAnswer,
  floor: z.number(),
  action: z.enum(RULE_ACTIONS),
  reason_template: z.string().nullable(),
  owner: z.string(),
  reason: z.string(),
  created_by: idAnswer.nullable().meta({ description: 'null: came with the bank' }),
  created_by_username: z.string().nullable(),
  created_at: timeAnswer,
});
const rule = version.extend({
  rule_id: idAnswer,
  name: z.string(),
  status: z.enum(RULE_STATUSES),
  shadow_version: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'The version that runs in shadow beside the one in force', example: null }),
  revision: z.number().int().meta({ description: 'Grows with every change; also the ETag' }),
  is_protected: z.boolean().meta({ description: 'Stays as it is and in force' }),
  updated_at: timeAnswer,
});
const ruleDetail = rule.extend({
  versions: z.array(version).meta({ description: 'Every version, newest first' }),
});

const counts = (description: string) =>
  z.object({ fraud: z.int(), honest: z.int(), unlabelled: z.int() }).meta({ description });
const backtest = z.object({
  from: timeAnswer,
  to: timeAnswer,
  condition: conditionAnswer,
  covered: z.object({
    verdicts: z.int().meta({ description: 'looked at' }),
    is_complete: z.boolean().meta({ description: 'whether that is the whole period' }),
    stopped_by: z.enum(['verdicts', 'time']).nullable(),
    from: timeAnswer.nullable().meta({ description: 'when the first one that was looked at happened' }),
    labels: counts('of all that was looked at'),
  }),
  missing_facts: z
    .record(z.string(), z.int())
    .meta({ description: 'Facts of the condition, and in how many verdicts they were missing' }),
  flagged: z.object({
    transactions: z.int(),
    by_verdict_now: z.object({ SAFE: z.int(), SUSPICIOUS: z.int(), CRITICAL: z.int() }),
    labels: counts('of what the rule would have flagged'),
    precision: z.number().nullable().meta({ description: 'fraud among the labelled; null without labels' }),
    recall: z.number().nullable().meta({ description: 'share of all labelled fraud; null without fraud' }),
  }),
  sample: z
    .array(
      z.object({
        transaction_id: idAnswer,
        effective_at: timeAnswer,
        type: z.string(),
        amount: amountAnswer,
        currency: currencyAnswer,
        verdict: z.enum(['SAFE', 'SUSPICIOUS', 'CRITICAL']),
        risk_score: z.number(),
        label: z.enum(['fraud', 'honest']).nullable(),
      }),
    )
    .meta({ description: 'the newest of what would have been flagged' }),
});
const facts = z.object({
  items: z.array(
    z.object({
      fact: z.enum(FACT_NAMES as [string, ...string[]]),
      kind: z.enum(['number', 'boolean', 'text']),
      unit: z.string(),
      definition: z.string(),
      operators: z.array(z.string()),
    }),
  ),
});

export type VersionAnswer = z.output<typeof version>;
export type RuleAnswer = z.output<typeof rule>;
export type RuleDetailAnswer = z.output<typeof ruleDetail>;
export type BacktestAnswer = z.output<typeof backtest>;
export type FactsAnswer = z.output<typeof facts>;
export class RuleListDto extends createZodDto(pageOf(rule)) {}
export class RuleDetailDto extends createZodDto(ruleDetail) {}
export class BacktestDto extends createZodDto(backtest) {}
export class FactsDto extends createZodDto(facts) {}
