import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import {
  amountAnswer,
  amountField,
  currencyAnswer,
  cursorField,
  idAnswer,
  idField,
  limitField,
  momentField,
  pageOf,
  textField,
  timeAnswer,
} from '../../http/fields';

const referenceAnswer = z.string().meta({ example: 'FL0000000001K001' });
const descriptionAnswer = z.string().nullable().meta({ example: 'Rent for March' });

const entry = z.object({
  account_id: idAnswer,
  direction: z.enum(['debit', 'credit']),
  amount: amountAnswer,
  balance_after: z
    .string()
    .nullable()
    .meta({ example: '874.50', description: 'null on accounts that are not yours' }),
});

const balance = z.object({
  account_id: idAnswer,
  balance: z.string().meta({ example: '874.50' }),
  available_balance: z.string().meta({ example: '874.50' }),
});

const moneyAnswer = z.object({
  transaction_id: z
    .string()
    .nullable()
    .meta({ example: '1042', description: 'null for holds and voids, which move no money' }),
  reference_id: referenceAnswer,
  hold_id: z
    .string()
    .nullable()
    .meta({ example: null, description: 'of a hold, and of what captures or releases it' }),
  type: z.string().meta({ example: 'transfer' }),
  status: z.enum(['posted', 'reversed', 'active', 'captured', 'voided', 'expired']),
  amount: amountAnswer,
  currency: currencyAnswer,
  description: descriptionAnswer,
  created_at: timeAnswer,
  effective_at: timeAnswer,
  entries: z.array(entry).meta({
    example: [
      { account_id: '42', direction: 'debit', amount: '125.50', balance_after: '874.50' },
      { account_id: '57', direction: 'credit', amount: '125.50', balance_after: null },
    ],
  }),
  balances: z.array(balance).meta({ description: 'Your accounts right after it' }),
  reversal_of: z.string().nullable().meta({ example: null, description: 'what this reverses' }),
  reversed_by: z.string().nullable().meta({ example: null, description: 'what reversed this' }),
});

export type MoneyAnswer = z.output<typeof moneyAnswer>;
export class MoneyAnswerDto extends createZodDto(moneyAnswer) {}

const batchResult = z.object({
  index: z.number().int().meta({ example: 0, description: 'the place of the item in the request' }),
  status: z.enum(['accepted', 'declined']),
  code: z.string().meta({ example: 'OK' }),
  detail: z.string().nullable().meta({ example: null, description: 'why it was declined' }),
  transaction: moneyAnswer.nullable(),
});

export type BatchResult = z.output<typeof batchResult>;
export class BatchAnswerDto extends createZodDto(
  z.object({
    accepted: z.number().int().meta({ example: 1 }),
    declined: z.number().int().meta({ example: 0 }),
    items: z.array(batchResult),
  }),
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
      transaction_id: idAnswer,
      reference_id: referenceAnswer,
      type: z.enum(TRANSACTION_TYPES),
      status: z.enum(['posted', 'reversed']),
      account_id: z.string().meta({
        example: '42',
        description: 'Your account; the debited one when it is between several of yours',
      }),
      direction: z.enum(['debit', 'credit']).meta({ example: 'debit' }),
      amount: z.string().meta({ example: '-20.00', description: 'signed: credits positive' }),
      currency: currencyAnswer,
      balance_after: z.string().meta({ example: '874.50' }),
      description: descriptionAnswer,
      merchant: z
        .object({ name: z.string(), mcc: z.string() })
        .nullable()
        .meta({ example: { name: 'Corner Bakery', mcc: '5462' } }),
      channel: z.string().nullable().meta({ example: 'online' }),
      effective_at: timeAnswer,
      created_at: timeAnswer,
    }),
  ),
) {}
export type HistoryItem = z.output<typeof HistoryDto.schema>['items'][number];
