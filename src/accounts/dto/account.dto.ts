import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { currencyField, cursorField, limitField, momentField, pageOf } from '../../http/fields';

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
  account_id: z.string().meta({ example: '42' }),
  account_number: z.string().meta({ example: 'XF42FLRN891505762833' }),
  account_type: z.string().meta({ example: 'checking' }),
  currency: z.string().meta({ example: 'USD' }),
  balance: z.string().meta({ example: '125.50' }),
  held_balance: z.string().meta({ example: '0.00' }),
  available_balance: z.string().meta({ example: '125.50' }),
  overdraft_limit: z.string().meta({ example: '0.00' }),
  status: z.enum(['active', 'frozen', 'closed']),
  opened_at: z.string(),
});

export type AccountAnswer = z.output<typeof account>;
export class AccountDto extends createZodDto(account) {}
export class AccountListDto extends createZodDto(pageOf(account)) {}

export class BalanceQueryDto extends createZodDto(
  z.strictObject({ at: momentField.optional(), clock: clockField }),
) {}

export class BalanceDto extends createZodDto(
  z.object({
    account_id: z.string(),
    account_number: z.string(),
    balance: z.string().meta({ example: '125.50' }),
    held_balance: z.string().nullable().meta({ description: 'null for a past moment' }),
    available_balance: z.string().nullable().meta({ description: 'null for a past moment' }),
    currency: z.string(),
    as_of: z.string(),
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
  transaction_id: z.string(),
  reference_id: z.string(),
  posted_at: z.string(),
  effective_at: z.string(),
  type: z.string().meta({ example: 'transfer' }),
  status: z.enum(['posted', 'reversed']),
  description: z.string().nullable(),
  amount: z.string().meta({ example: '-20.00', description: 'signed: credits positive' }),
  balance_after: z.string().meta({ description: 'running balance in the order of this statement' }),
  counterparty: z.object({ name: z.string().nullable(), account_number: z.string().nullable() }).nullable(),
});

export type StatementItem = z.output<typeof statementItem>;

export class StatementDto extends createZodDto(
  z.object({
    account_id: z.string(),
    account_number: z.string(),
    currency: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    clock: z.enum(['effective', 'posted']),
    opening_balance: z.string().meta({ description: 'of the whole period, the same on every page' }),
    closing_balance: z.string().meta({ description: 'of the whole period, the same on every page' }),
    items: z.array(statementItem),
    next_cursor: z.string().nullable(),
  }),
) {}

export class CurrencyListDto extends createZodDto(
  pageOf(
    z.object({
      currency: z.string(),
      name: z.string(),
      exponent: z.number().int().meta({ description: 'decimals' }),
    }),
  ),
) {}
