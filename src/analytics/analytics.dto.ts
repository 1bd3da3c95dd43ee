import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { currencyField, cursorField, idField, limitField, momentField, pageOf } from '../http/fields';

export class RiskScoresQueryDto extends createZodDto(
  z.strictObject({ cursor: cursorField, limit: limitField }),
) {}

export class SpendingSummaryQueryDto extends createZodDto(
  z.strictObject({
    from: momentField
      .optional()
      .meta({ description: 'From the first movement on by default', example: '2026-01-01' }),
    to: momentField
      .optional()
      .meta({ description: 'Up to now by default; a day is included', example: '2026-01-31' }),
    account_id: idField.optional(),
    currency: currencyField.optional(),
  }),
) {}

export class SpendingPredictionQueryDto extends createZodDto(
  z.strictObject({
    currency: currencyField
      .optional()
      .meta({ description: 'By default the one that you use most', example: 'USD' }),
  }),
) {}

const riskScore = z.object({
  transaction_id: z.string().meta({ example: '1042' }),
  type: z.string().meta({ example: 'payment' }),
  amount: z.string().meta({ example: '125.50' }),
  currency: z.string().meta({ example: 'USD' }),
  risk_score: z.number().meta({ description: '0 to 1', example: 0.12 }),
  verdict: z.enum(['SAFE', 'SUSPICIOUS', 'CRITICAL']),
  model_version: z.number().int(),
  scored_at: z.string(),
  effective_at: z.string(),
});

const flows = {
  income: z.string().meta({ example: '3200.00' }),
  expenses: z.string().meta({ example: '1234.50' }),
};
const netFlow = z.string().meta({ description: 'income less expenses', example: '1965.50' });

const spendingSummary = z.object({
  from: z.string().nullable(),
  to: z.string().nullable(),
  currencies: z
    .array(
      z.object({
        currency: z.string().meta({ example: 'USD' }),
        ...flows,
        net_flow: netFlow,
        by_category: z.array(
          z.object({
            category: z.string().meta({
              description: 'Merchant category, or the kind of transaction where there is no merchant',
              example: 'Eating Places and Restaurants',
            }),
            mcc: z.string().nullable().meta({ example: '5812' }),
            ...flows,
            transactions_count: z.number().int(),
          }),
        ),
        by_month: z.array(
          z.object({ month: z.string().meta({ example: '2026-01' }), ...flows, net_flow: netFlow }),
        ),
      }),
    )
    .meta({ description: 'One of each currency that you have movements in' }),
});

const spendingPrediction = z.object({
  currency: z.string().meta({ example: 'USD' }),
  month: z.string().meta({ description: 'The month predicted', example: '2026-04' }),
  predicted_next_month: z.string().meta({ example: '1240.00' }),
  interval: z.object({
    low: z.string().meta({ example: '980.00' }),
    high: z.string().meta({ example: '1500.00' }),
    level: z.number().meta({ description: 'How likely the month lies in it', example: 0.8 }),
  }),
  trend: z.enum(['increasing', 'stable', 'decreasing']),
  monthly_data: z
    .array(z.object({ month: z.string().meta({ example: '2026-03' }), expenses: flows.expenses }))
    .meta({ description: 'The complete months that the prediction rests on, oldest first' }),
  method: z.string(),
});

export type RiskScoreAnswer = z.output<typeof riskScore>;
export type SpendingSummaryAnswer = z.output<typeof spendingSummary>;
export type SpendingPredictionAnswer = z.output<typeof spendingPrediction>;
export class RiskScoreListDto extends createZodDto(pageOf(riskScore)) {}
export class SpendingSummaryDto extends createZodDto(spendingSummary) {}
export class SpendingPredictionDto extends createZodDto(spendingPrediction) {}
