import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { reasonAnswer } from '../alerts/alerts.dto';
import {
  amountAnswer,
  currencyAnswer,
  cursorField,
  idAnswer,
  idField,
  limitField,
  momentField,
  pageOf,
  timeAnswer,
} from '../http/fields';
import { flagField } from '../http/query-fields';

export class DeclinesQueryDto extends createZodDto(
  z.strictObject({
    account_id: idField.optional().meta({ description: 'Asked for by the owner of this account' }),
    user_id: idField.optional().meta({ description: 'On any account of this user' }),
    code: z
      .string()
      .regex(/^[A-Z_]{3,32}$/, 'must be an error code such as INSUFFICIENT_FUNDS')
      .optional()
      .meta({ example: 'RISK_DECLINED' }),
    rule: z
      .string()
      .regex(/^[a-z][a-z0-9_]{1,63}$/, 'must be the name of a rule')
      .optional()
      .meta({ example: 'blacklist', description: 'Declined by this rule, perhaps among others' }),
    by_fraud_engine: flagField
      .optional()
      .meta({ description: 'Declined by the block-list or by a judgement before posting, or not' }),
    from: momentField.optional().meta({ description: 'Of declined_at', example: '2026-01-01' }),
    to: momentField
      .optional()
      .meta({ description: 'Of declined_at; a day is included', example: '2026-01-31' }),
    cursor: cursorField,
    limit: limitField,
  }),
) {}

const account = z.object({
  account_id: idAnswer,
  account_number: z.string().meta({ example: 'XF42FLRN891505762833' }),
  user_id: idAnswer.nullable().meta({ description: "null: one of the bank's own accounts" }),
  username: z.string().nullable().meta({ example: 'grace.hopper' }),
});

const decline = z.object({
  declined_id: idAnswer,
  type: z.string().meta({ example: 'transfer' }),
  code: z.string().meta({ example: 'RISK_DECLINED' }),
  reason: z.string().nullable(),
  account: account.nullable().meta({ description: 'Of the customer who asked; null: it was not theirs' }),
  counterparty: account.nullable(),
  amount: amountAnswer.nullable(),
  currency: currencyAnswer.nullable(),
  description: z.string().nullable(),
  channel: z.string().nullable(),
  merchant: z.object({ name: z.string(), mcc: z.string() }).nullable(),
  card_id: idAnswer.nullable(),
  initiated_by: idAnswer.nullable().meta({ description: 'user_id; null: the bank itself' }),
  initiated_by_username: z.string().nullable(),
  effective_at: timeAnswer,
  declined_at: timeAnswer,
  rules_triggered: z
    .array(z.string())
    .nullable()
    .meta({
      example: ['blacklist'],
      description: 'Names of rules; null: it was not declined by the fraud engine',
    }),
  risk_score: z.number().nullable().meta({ example: 0.92, description: 'Of a judgement before posting' }),
  reasons: z.array(reasonAnswer).meta({ description: 'Of a judgement before posting' }),
  alert_id: idAnswer.nullable(),
  case_id: idAnswer.nullable(),
});

export type DeclineAnswer = z.output<typeof decline>;
export class DeclineListDto extends createZodDto(pageOf(decline)) {}
