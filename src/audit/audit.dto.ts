import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { cursorField, idField, limitField, momentField, pageOf, textField } from '../http/fields';
import { flagField } from '../http/query-fields';

const page = { cursor: cursorField, limit: limitField };
const period = {
  from: momentField.optional().meta({ example: '2026-01-01' }),
  to: momentField.optional().meta({ description: 'A day is included', example: '2026-01-31' }),
};

export class AuditLogsQueryDto extends createZodDto(
  z.strictObject({
    table_name: z
      .string()
      .regex(/^[a-z_]{1,64}$/, 'must be the name of a table')
      .optional()
      .meta({ example: 'accounts' }),
    record_id: idField.optional(),
    action: z
      .string()
      .regex(/^[A-Z_]{1,16}$/, 'must be an action such as UPDATE')
      .optional()
      .meta({ example: 'UPDATE' }),
    actor_user_id: idField.optional(),
    ...period,
    ...page,
  }),
) {}

export class LoginActivityQueryDto extends createZodDto(
  z.strictObject({
    user_id: idField.optional(),
    username: textField(64, 1).optional().meta({ example: 'grace.hopper' }),
    succeeded: flagField.optional(),
    ip_address: textField(45, 2).optional().meta({ example: '203.0.113.7' }),
    ...period,
    ...page,
  }),
) {}

const values = z
  .record(z.string(), z.unknown())
  .nullable()
  .meta({
    description: 'The row, as columns and values; amounts in minor units',
    example: { account_id: 42, status: 'frozen' },
  });

const auditLog = z.object({
  audit_id: z.string().meta({ example: '9001' }),
  table_name: z.string().meta({ example: 'accounts' }),
  record_id: z.string().nullable().meta({ example: '42' }),
  action: z.string().meta({ example: 'UPDATE' }),
  old_values: values,
  new_values: values,
  actor_user_id: z.string().nullable().meta({ description: 'null: not through the API' }),
  actor_username: z.string().nullable(),
  actor_db_user: z.string(),
  ip_address: z.string().nullable(),
  request_id: z.string().nullable(),
  created_at: z.string(),
});

const loginActivity = z.object({
  login_activity_id: z.string(),
  user_id: z.string().nullable().meta({ description: 'null: no such user' }),
  username: z.string(),
  succeeded: z.boolean(),
  reason: z.string(),
  ip_address: z.string().nullable(),
  user_agent: z.string().nullable(),
  occurred_at: z.string(),
});

const integrityProblem = z.object({
  problem: z.string().meta({ example: 'balance_differs_from_entries' }),
  transaction_id: z.string().nullable(),
  reference_id: z
    .string()
    .nullable()
    .meta({ description: 'Of the transaction, or the number of the account' }),
  account_id: z.string().nullable(),
  currency: z.string().nullable(),
  net_sum: z.string().meta({ description: 'What is wrong by how much', example: '0.01' }),
  entries_count: z.number().int(),
});

const integrity = z.object({
  healthy: z.boolean(),
  checked_at: z.string(),
  duration_ms: z.number().int(),
  problems_count: z.number().int(),
  problems: z.array(integrityProblem).meta({ description: 'At most 1,000 of them' }),
  incremental: z
    .object({
      healthy: z.boolean(),
      proven_until_transaction_id: z.string(),
      transactions_waiting: z.number().int().meta({ description: 'Posted since the last proven one' }),
      first_problem: z.string().meta({ example: 'running_balance_gap' }).nullable(),
      checked_at: z.string(),
      duration_ms: z.number().int(),
    })
    .nullable()
    .meta({ description: 'What the worker proves every minute; null before its first run' }),
});

const trialBalance = z.object({
  as_of: z.string(),
  balanced: z.boolean(),
  items: z.array(
    z.object({
      gl_code: z.string().meta({ example: '2000' }),
      account_type: z.string().meta({ example: 'checking' }),
      name: z.string().meta({ example: 'Customer deposits: checking' }),
      category: z.enum(['asset', 'liability', 'equity', 'income', 'expense']),
      currency: z.string().meta({ example: 'USD' }),
      accounts_count: z.number().int(),
      debit_total: z.string().meta({ example: '0.00' }),
      credit_total: z.string().meta({ example: '125.50' }),
    }),
  ),
  totals: z.array(
    z.object({
      currency: z.string().meta({ example: 'USD' }),
      debit_total: z.string().meta({ example: '125.50' }),
      credit_total: z.string().meta({ example: '125.50' }),
      balanced: z.boolean(),
    }),
  ),
});

const balanceSheet = z.object({
  as_of: z.string(),
  balanced: z.boolean(),
  items: z.array(
    z.object({
      currency: z.string().meta({ example: 'USD' }),
      assets: z.string().meta({ example: '125.50' }),
      liabilities: z.string().meta({ example: '100.00' }),
      equity: z.string().meta({
        description: 'with income less expense of the running year',
        example: '25.50',
      }),
      balanced: z.boolean().meta({ description: 'assets equal liabilities plus equity' }),
    }),
  ),
});

export type AuditLogAnswer = z.output<typeof auditLog>;
export type LoginActivityAnswer = z.output<typeof loginActivity>;
export type IntegrityAnswer = z.output<typeof integrity>;
export type TrialBalanceAnswer = z.output<typeof trialBalance>;
export type BalanceSheetAnswer = z.output<typeof balanceSheet>;

export class AuditLogListDto extends createZodDto(pageOf(auditLog)) {}
export class LoginActivityListDto extends createZodDto(pageOf(loginActivity)) {}
export class IntegrityDto extends createZodDto(integrity) {}
export class TrialBalanceDto extends createZodDto(trialBalance) {}
export class BalanceSheetDto extends createZodDto(balanceSheet) {}
