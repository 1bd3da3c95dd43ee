import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import {
  amountAnswer,
  currencyAnswer,
  currencyField,
  cursorField,
  idAnswer,
  limitField,
  momentField,
  pageOf,
  timeAnswer,
} from '../../http/fields';

const numberAnswer = z.string().meta({ example: 'XF42FLRN891505762833' });

export const ACCOUNT_TYPES = ['savings', 'checking', 'wallet'] as const;

const clockField = z.enum(['effective', 'posted']).default('effective').meta({
  description: 'effective: when it happened (value date); posted: when the bank wrote it',
});

export class OpenAccountDto extends createZodDto(
  z.strictObject({
    account_type: z.enum(ACCOUNT_TYPES).meta({ example: 'checking' }),
    currency: currencyField,
  }),
) {}

const account = z.object({
  account_id: idAnswer,
  account_number: numberAnswer,
  account_type: z.string().meta({ example: 'checking' }),
  currency: currencyAnswer,
  balance: amountAnswer,
  held_balance: z.string().meta({ example: '0.00' }),
  available_balance: amountAnswer,
  overdraft_limit: z.string().meta({ example: '0.00' }),
  status: z.enum(['active', 'frozen', 'closed']),
  opened_at: timeAnswer,
});

export type AccountAnswer = z.output<typeof account>;
export class AccountDto extends createZodDto(account) {}
export class AccountListDto extends createZodDto(pageOf(account)) {}

export class BalanceQueryDto extends createZodDto(
  z.strictObject({ at: momentField.optional(), clock: clockField }),
) {}

export class BalanceDto extends createZodDto(
  z.object({
    account_id: idAnswer,
    account_number: numberAnswer,
    balance: amountAnswer,
    held_balance: z.string().nullable().meta({ example: '0.00', description: 'null for a past moment' }),
    available_balance: z
      .string()
      .nullable()
      .meta({ example: '125.50', description: 'null for a past moment' }),
    currency: currencyAnswer,
    as_of: timeAnswer,
    clock: z.enum(['effective', 'posted']),
  }),
) {}

export class StatementQueryDto extends createZodDto(
  z.strictObject({
    from: momentField.optional(),
    to: momentField.optional(),
    clock: clockField,
    cursor: cursorField,
    limit: limitField,
  }),
) {}

const statementItem = z.object({
  transaction_id: idAnswer,
  reference_id: z.string().meta({ example: 'FL0000000001K001' }),
  posted_at: timeAnswer,
  effective_at: timeAnswer,
  type: z.string().meta({ example: 'transfer' }),
  status: z.enum(['posted', 'reversed']),
  description: z.string().nullable().meta({ example: 'Rent for March' }),
  amount: z.string().meta({ example: '-20.00', description: 'signed: credits positive' }),
  balance_after: z
    .string()
    .meta({ example: '105.50', description: 'running balance in the order of this statement' }),
  counterparty: z
    .object({ name: z.string().nullable(), account_number: z.string().nullable() })
    .nullable()
    .meta({
      example: { name: 'Ada L.', account_number: '…2833' },
      description:
        'the other side; null when there are several. Other customers show a short name and the last four characters of ' +
        'the account number; the bank and merchants show none',
    }),
});

export type StatementItem = z.output<typeof statementItem>;

export class StatementDto extends createZodDto(
  z.object({
    account_id: idAnswer,
    account_number: numberAnswer,
    currency: currencyAnswer,
    from: timeAnswer.nullable().meta({ description: 'null: from the beginning' }),
    to: timeAnswer.nullable().meta({ description: 'exclusive; null: up to now' }),
    clock: z.enum(['effective', 'posted']),
    opening_balance: z
      .string()
      .meta({ example: '125.50', description: 'of the whole period, the same on every page' }),
    closing_balance: z
      .string()
      .meta({ example: '105.50', description: 'of the whole period, the same on every page' }),
    items: z.array(statementItem),
    next_cursor: z.string().nullable().meta({ example: null, description: 'null on the last page' }),
  }),
) {}

export class CurrencyListDto extends createZodDto(
  pageOf(
    z.object({
      currency: currencyAnswer,
      name: z.string().meta({ example: 'US dollar' }),
      exponent: z.number().int().meta({ example: 2, description: 'decimals' }),
    }),
  ),
) {}
