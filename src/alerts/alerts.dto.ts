import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import {
  amountAnswer,
  currencyAnswer,
  cursorField,
  idAnswer,
  idField,
  limitField,
  pageOf,
  textField,
  timeAnswer,
} from '../http/fields';
import { MoneyAnswerDto } from '../transactions/dto/money-answer.dto';

/** By their number in the database, 1 first. */
export const PRIORITIES = ['urgent', 'high', 'normal'] as const;
export const REVIEW_STATUSES = ['open', 'in_review', 'closed'] as const;
export const LABELS = ['confirmed_fraud', 'false_positive', 'inconclusive'] as const;

export const priorityAnswer = z.enum(PRIORITIES).meta({ example: 'urgent' });
export const labelAnswer = z.enum(LABELS).nullable().meta({ example: null });

/** An analyst in a filter: a user, whoever asks, or nobody. */
export const assigneeField = z
  .string()
  .regex(/^(me|none|[1-9]\d{0,18})$/, 'must be a user id, me or none')
  .meta({ example: 'me' });

export const versionField = z
  .int('must be a whole number')
  .min(1)
  .max(4_294_967_295)
  .meta({ example: 1, description: 'As you read it: a change made in the meantime is not overwritten' });

export const noteField = textField(2000, 1).meta({ example: 'The customer does not know the payee.' });

export class AlertParams extends createZodDto(z.object({ alert_id: idField })) {}

export class AlertsQueryDto extends createZodDto(
  z.strictObject({
    status: z
      .enum(REVIEW_STATUSES)
      .optional()
      .meta({ example: 'open', description: 'Without: open and in_review' }),
    priority: z.enum(PRIORITIES).optional(),
    verdict: z.enum(['SUSPICIOUS', 'CRITICAL']).optional(),
    assignee: assigneeField.optional(),
    cursor: cursorField,
    limit: limitField,
  }),
) {}

export class StreamQueryDto extends createZodDto(
  z.strictObject({
    last_event_id: z
      .string()
      .regex(/^\d{1,19}$/, 'must be the id of an event')
      .optional()
      .meta({ example: '1042', description: 'As the header Last-Event-ID, for clients that cannot send it' }),
    lastEventId: z
      .string()
      .regex(/^\d{1,19}$/, 'must be the id of an event')
      .optional()
      .meta({ example: '1042', description: 'The same, by the name that EventSource polyfills use' }),
  }),
) {}

export class ReleaseAlertDto extends createZodDto(
  z.strictObject({
    version: versionField,
    label: z
      .enum(['false_positive', 'inconclusive'])
      .default('false_positive')
      .meta({ description: 'inconclusive teaches the models nothing', example: 'false_positive' }),
    note: noteField.optional(),
  }),
) {}

export class ConfirmAlertDto extends createZodDto(
  z.strictObject({
    version: versionField,
    reverse: z.boolean().optional().meta({
      example: true,
      description:
        'Bring the money back. By default when a customer of this bank received it: that of a payment or withdrawal has left',
    }),
    freeze_receiver: z
      .boolean()
      .default(false)
      .meta({ example: false, description: "Freeze the receiving customer's account as well" }),
    note: noteField.optional(),
  }),
) {}

const alert = z.object({
  alert_id: idAnswer,
  transaction_id: idAnswer.nullable().meta({ description: 'null: the alert is about what was declined' }),
  declined_id: idAnswer.nullable().meta({ example: null, description: 'see GET /declined-transactions' }),
  reference_id: z.string().nullable().meta({ example: 'FL0000000001K001' }),
  type: z.string().meta({ example: 'transfer' }),
  amount: amountAnswer,
  currency: currencyAnswer,
  description: z.string().nullable(),
  channel: z.string().nullable(),
  merchant: z.object({ name: z.string(), mcc: z.string() }).nullable(),
  case_id: idAnswer,
  user_id: idAnswer.meta({ description: 'The customer: the sender, or the receiver where no customer sent' }),
  username: z.string().meta({ example: 'grace.hopper' }),
  full_name: z.string(),
  verdict: z.enum(['SUSPICIOUS', 'CRITICAL']),
  risk_score: z.number().meta({ example: 0.92 }),
  priority: priorityAnswer,
  status: z.enum(REVIEW_STATUSES),
  assigned_to: idAnswer.nullable().meta({ description: 'Of its case' }),
  assigned_to_username: z.string().nullable(),
  alert_raised_at: timeAnswer,
  due_at: timeAnswer,
  is_overdue: z.boolean(),
  determination_at: timeAnswer.nullable(),
  label: labelAnswer,
  actions_state: z.enum(['none', 'pending', 'done', 'releasing', 'confirming']).meta({
    description:
      'none: nothing to do. pending: hold and block are under way, done: they stand. releasing, confirming: decided, its consequences are under way',
  }),
  version: z.number().int(),
});

const account = z.object({
  account_id: idAnswer,
  account_number: z.string().meta({ example: 'XF42FLRN891505762833' }),
  currency: currencyAnswer,
  balance: amountAnswer,
  available_balance: amountAnswer,
  status: z.enum(['active', 'frozen', 'closed']),
  debit_block: z.enum(['review', 'blacklist']).nullable(),
});

export const reasonAnswer = z.object({
  kind: z.string().meta({ example: 'rule', description: 'rule or feature' }),
  name: z.string(),
  text: z.string().meta({ example: '6 transfers in 10 minutes, limit 5' }),
  share: z
    .number()
    .nullable()
    .meta({ example: 0.4, description: 'Of a feature: its part of the score, 0 to 1' }),
});

const alertDetail = alert.extend({
  model_version: z.number().int().meta({ description: '0: rules alone' }),
  is_degraded: z.boolean(),
  raw_score: z.number().nullable(),
  p_value: z.number().nullable().meta({ description: 'Share of ordinary transactions that score as high' }),
  reasons: z
    .array(reasonAnswer)
    .meta({ description: 'Rules first, then the largest contributions of features' }),
  rules: z.array(z.object({ rule: z.string(), version: z.number().int().nullable() })),
  features: z.record(z.string(), z.unknown()).meta({ example: { amount: 950, hour_of_day: 3 } }),
  transaction: MoneyAnswerDto.schema.nullable(),
  customer: z.object({
    user_id: idAnswer,
    username: z.string(),
    full_name: z.string(),
    kyc_status: z.string(),
    is_active: z.boolean(),
    created_at: timeAnswer,
    alerts_count: z.number().int(),
    confirmed_count: z.number().int().meta({ description: 'Alerts of this customer that were confirmed' }),
    accounts: z.array(account),
  }),
  hold: z
    .object({ hold_id: idAnswer, status: z.string(), amount: amountAnswer })
    .nullable()
    .meta({ description: 'What was held of the credited money' }),
  outcome: z
    .object({
      determined_by: idAnswer.nullable(),
      recovered: amountAnswer.nullable().meta({ description: 'What came back of a confirmed fraud' }),
      recovery_transaction_id: idAnswer.nullable(),
      recovery_code: z.string().nullable().meta({
        description: 'OK: all of it; otherwise why not, such as INSUFFICIENT_FUNDS: the money was gone',
      }),
    })
    .nullable()
    .meta({ description: 'null: not decided yet' }),
});

export type AlertAnswer = z.output<typeof alert>;
export type AlertDetailAnswer = z.output<typeof alertDetail>;
export class AlertDto extends createZodDto(alert) {}
export class AlertListDto extends createZodDto(pageOf(alert)) {}
export class AlertDetailDto extends createZodDto(alertDetail) {}
