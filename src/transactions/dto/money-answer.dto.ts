import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import {
  momentField,
  amountField,
  cursorField,
  idField,
  limitField,
  pageOf,
  textField,
} from '../../http/fields';

const entry = z.object({
  account_id: z.string(),
  direction: z.enum(['debit', 'credit']),
  amount: z.string().meta({ example: '125.50' }),
  balance_after: z.string().nullable().meta({ description: 'null on accounts that are not yours' }),
});

const balance = z.object({
  account_id: z.string(),
  balance: z.string().meta({ example: '874.50' }),
  available_balance: z.string().meta({ example: '874.50' }),
});

const moneyAnswer = z.object({
  transaction_id: z
    .string()
    .nullable()
    .meta({ example: '1042', description: 'null for holds and voids, which move no money' }),
  reference_id: z.string().meta({ example: 'FL0000000001K001' }),
  hold_id: z.string().nullable(),
  type: z.string().meta({ example: 'transfer' }),
  status: z.enum(['posted', 'reversed', 'active', 'captured', 'voided', 'expired']),
  amount: z.string().meta({ example: '125.50' }),
  currency: z.string().meta({ example: 'USD' }),
  description: z.string().nullable(),
  created_at: z.string(),
  effective_at: z.string(),
  entries: z.array(entry),
  balances: z.array(balance).meta({ description: 'Your accounts right after it' }),
  reversal_of: z.string().nullable(),
  reversed_by: z.string().nullable(),
});

export type MoneyAnswer = z.output<typeof moneyAnswer>;
export class MoneyAnswerDto extends createZodDto(moneyAnswer) {}

const batchResult = z.object({
  index: z.number().int(),
  status: z.enum(['accepted', 'declined']),
  replayed: z.boolean(),
  code: z.string().meta({ example: 'OK' }),
  detail: z.string().nullable(),
  transaction: moneyAnswer.nullable(),
});

export type BatchResult = z.output<typeof batchResult>;
export class BatchAnswerDto extends createZodDto(
  z.object({ accepted: z.number().int(), declined: z.number().int(), items: z.array(batchResult) }),
) {}

export const TRANSACTION_TYPES = [
  'deposit',
  'withdrawal',
  'transfer',
  'payment',
  'refund',
  'capture',
  'reversal',
  'journal',
] as const;
export const SORTS = ['-effective_at', 'effective_at', '-amount', 'amount'] as const;

export class HistoryQueryDto extends createZodDto(
  z.strictObject({
    account_id: idField.optional(),
    type: z.enum(TRANSACTION_TYPES).optional(),
    status: z.enum(['posted', 'reversed']).optional(),
    from: momentField.optional(),
    to: momentField.optional(),
    min_amount: amountField.optional(),
    max_amount: amountField.optional(),
    q: textField(100, 1)
      .optional()
      .meta({ description: 'Part of the description or of the merchant, or a whole reference' }),
    sort: z.enum(SORTS).default('-effective_at'),
    cursor: cursorField,
    limit: limitField,
  }),
) {}

export class HistoryDto extends createZodDto(
  pageOf(
    z.object({
      transaction_id: z.string(),
      reference_id: z.string(),
      type: z.string(),
      status: z.enum(['posted', 'reversed']),
      account_id: z
        .string()
        .meta({ description: 'Your account; the debited one of a transfer between two of yours' }),
      direction: z.enum(['debit', 'credit']),
      amount: z.string().meta({ example: '-20.00', description: 'signed: credits positive' }),
      currency: z.string(),
      balance_after: z.string(),
      description: z.string().nullable(),
      merchant: z.object({ name: z.string(), mcc: z.string() }).nullable(),
      channel: z.string().nullable(),
      effective_at: z.string(),
      created_at: z.string(),
    }),
  ),
) {}
export type HistoryItem = z.output<typeof HistoryDto.schema>['items'][number];
