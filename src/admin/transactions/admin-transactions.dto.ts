import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import {
  amountField,
  currencyField,
  cursorField,
  idField,
  limitField,
  momentField,
  pageOf,
  textField,
} from '../../http/fields';
import { flagField } from '../../http/query-fields';
import { TRANSACTION_TYPES } from '../../transactions/dto/money-answer.dto';

const VERDICTS = ['PENDING', 'SAFE', 'SUSPICIOUS', 'CRITICAL'] as const;

export class AdminTransactionsQueryDto extends createZodDto(
  z.strictObject({
    account_id: idField.optional(),
    user_id: idField.optional().meta({ description: 'On any account of this user' }),
    type: z.enum(TRANSACTION_TYPES).optional(),
    status: z.enum(['posted', 'reversed']).optional(),
    currency: currencyField.optional(),
    from: momentField.optional().meta({ description: 'Of effective_at', example: '2026-01-01' }),
    to: momentField
      .optional()
      .meta({ description: 'Of effective_at; a day is included', example: '2026-01-31' }),
    min_amount: amountField.optional(),
    max_amount: amountField.optional(),
    verdict: z.enum(VERDICTS).optional().meta({ description: 'PENDING: not scored yet' }),
    min_risk_score: z.coerce.number().min(0).max(1).optional().meta({ example: 0.5 }),
    is_high_value: flagField.optional(),
    q: textField(100, 1).optional().meta({
      description: 'Part of the description or of the merchant, or the reference',
      example: 'bakery',
    }),
    cursor: cursorField,
    limit: limitField,
  }),
) {}

const entry = z.object({
  account_id: z.string(),
  account_number: z.string().meta({ example: 'XF42FLRN891505762833' }),
  user_id: z.string().nullable().meta({ description: "null: one of the bank's own accounts" }),
  direction: z.enum(['debit', 'credit']),
  amount: z.string().meta({ example: '125.50' }),
  balance_after: z.string(),
});

const adminTransaction = z.object({
  transaction_id: z.string().meta({ example: '1042' }),
  reference_id: z.string().meta({ example: 'FL0000000001K001' }),
  type: z.enum(TRANSACTION_TYPES),
  status: z.enum(['posted', 'reversed']),
  amount: z.string().meta({ example: '125.50' }),
  currency: z.string().meta({ example: 'USD' }),
  description: z.string().nullable(),
  merchant: z.object({ name: z.string(), mcc: z.string() }).nullable(),
  channel: z.string().nullable(),
  is_high_value: z.boolean(),
  initiated_by: z.string().nullable().meta({ description: 'user_id; null: the bank itself' }),
  initiated_by_username: z.string().nullable(),
  created_at: z.string(),
  effective_at: z.string(),
  reversal_of: z.string().nullable(),
  reversed_by: z.string().nullable(),
  verdict: z.enum(VERDICTS).meta({ description: 'of the newest model version; PENDING: not scored yet' }),
  risk_score: z.number().nullable().meta({ example: 0.92 }),
  model_version: z.number().int().nullable(),
  is_degraded: z.boolean().nullable().meta({ description: 'true: scored by rules alone' }),
  scored_at: z.string().nullable(),
  entries: z.array(entry),
});

export type AdminTransactionAnswer = z.output<typeof adminTransaction>;
export class AdminTransactionListDto extends createZodDto(pageOf(adminTransaction)) {}
