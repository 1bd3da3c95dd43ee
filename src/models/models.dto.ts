import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { cursorField, idAnswer, idField, limitField, pageOf, textField, timeAnswer } from '../http/fields';

const STATES = ['shadow', 'active', 'retired', 'refused'] as const;

export class ModelParams extends createZodDto(z.object({ model_version: idField })) {}
export class ModelsQueryDto extends createZodDto(
  z.strictObject({
    state: z.enum(STATES).optional().meta({ example: 'retired' }),
    cursor: cursorField,
    limit: limitField,
  }),
) {}
export class ModelChangeDto extends createZodDto(
  z.strictObject({
    reason: textField(200, 3).meta({ description: 'Why', example: 'Version 4 flags ordinary salaries' }),
  }),
) {}

const shareAnswer = z.number().min(0).max(1);
const measures = z.object({
  transactions: z.int().meta({ description: 'Verdicts looked at', example: 3000 }),
  alert_rate: shareAnswer.nullable().meta({
    description: 'The share that the model itself finds suspicious or worse; a version in shadow: would find',
    example: 0.0112,
  }),
  psi: z.number().nullable().meta({
    description: 'Population stability index of its raw scores against those of the training',
    example: 0.04,
  }),
  drifted: z
    .array(
      z.object({ name: z.string().meta({ example: 'log_amount' }), psi: z.number().meta({ example: 0.27 }) }),
    )
    .meta({ description: 'Features, or score, with an index above 0.2, the largest first' }),
  measured_at: timeAnswer,
});
const model = z.object({
  model_version: z.int().meta({ example: 4 }),
  kind: z.string().meta({ example: 'florin-forest' }),
  state: z.enum(STATES).meta({ example: 'active' }),
  state_reason: z
    .string()
    .nullable()
    .meta({ example: 'alert rate 1.05 % in 2000 transactions, budget 1.00 %' }),
  state_changed_at: timeAnswer,
  trained_on: z.enum(['history', 'baseline']).meta({ example: 'history' }),
  trained_rows: z.int().meta({ description: 'Ordinary transactions it learned from', example: 30_000 }),
  confirmed_frauds: z
    .int()
    .meta({ description: 'That taught the second model; 0: there is none', example: 41 }),
  trained_because: z.string().nullable().meta({ example: 'a week has passed' }),
  trained_at: timeAnswer,
  measures: measures.nullable().meta({ description: 'What it does lately; null: not measured yet' }),
});

const shareField = (example: number, description: string) =>
  z.number().min(0.00001).max(0.2).meta({ example, description });
export class SetBudgetDto extends createZodDto(
  z
    .strictObject({
      review_share: shareField(0.01, 'Of ordinary transactions: SUSPICIOUS or worse'),
      block_share: shareField(0.001, 'Of ordinary transactions: CRITICAL'),
      reason: textField(200, 3).meta({ description: 'Why', example: 'Two more analysts' }),
    })
    .refine(({ review_share, block_share }) => block_share < review_share, {
      path: ['block_share'],
      message: 'must be less than review_share',
    }),
) {}
const budget = z.object({
  review_share: shareAnswer.meta({ example: 0.01 }),
  block_share: shareAnswer.meta({ example: 0.001 }),
  changed_by: idAnswer.nullable().meta({ description: 'null: as the bank was delivered' }),
  changed_at: timeAnswer,
});

export type BudgetAnswer = z.output<typeof budget>;
export type ModelAnswer = z.output<typeof model>;

export class ModelDto extends createZodDto(model) {}
export class BudgetDto extends createZodDto(budget) {}
export class ModelListDto extends createZodDto(pageOf(model)) {}
export class TrainingDto extends createZodDto(z.object({ asked_at: timeAnswer })) {}
