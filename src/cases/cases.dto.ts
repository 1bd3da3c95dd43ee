import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import {
  AlertDto,
  assigneeField,
  labelAnswer,
  LABELS,
  noteField,
  PRIORITIES,
  priorityAnswer,
  REVIEW_STATUSES,
  versionField,
} from '../alerts/alerts.dto';
import {
  amountAnswer,
  currencyAnswer,
  cursorField,
  idAnswer,
  idField,
  limitField,
  pageOf,
  timeAnswer,
} from '../http/fields';

export class CaseParams extends createZodDto(z.object({ case_id: idField })) {}

export class CasesQueryDto extends createZodDto(
  z.strictObject({
    status: z
      .enum(REVIEW_STATUSES)
      .optional()
      .meta({ example: 'open', description: 'Without: open and in_review' }),
    priority: z.enum(PRIORITIES).optional(),
    assignee: assigneeField.optional(),
    user_id: idField.optional().meta({ description: 'Cases of this customer' }),
    label: z.enum(LABELS).optional().meta({ description: 'Of closed cases' }),
    cursor: cursorField,
    limit: limitField,
  }),
) {}

export class AddNoteDto extends createZodDto(z.strictObject({ note: noteField })) {}

export class AssignCaseDto extends createZodDto(
  z.strictObject({
    version: versionField,
    assigned_to: idField.nullable().meta({ example: '42', description: 'An analyst; null: nobody' }),
  }),
) {}

export class AttachTransactionDto extends createZodDto(z.strictObject({ transaction_id: idField })) {}

export class ChangeCaseStatusDto extends createZodDto(
  z.strictObject({
    version: versionField,
    status: z.enum(['open', 'in_review']).meta({ example: 'in_review' }),
  }),
) {}

export class CloseCaseDto extends createZodDto(
  z.strictObject({
    version: versionField,
    label: z.enum(LABELS).meta({ example: 'false_positive', description: 'Its open alerts get it too' }),
    note: noteField.optional(),
  }),
) {}

const fraudCase = z.object({
  case_id: idAnswer,
  user_id: idAnswer.meta({ description: 'The customer' }),
  username: z.string().meta({ example: 'grace.hopper' }),
  full_name: z.string(),
  status: z.enum(REVIEW_STATUSES),
  priority: priorityAnswer,
  assigned_to: idAnswer.nullable(),
  assigned_to_username: z.string().nullable(),
  alert_raised_at: timeAnswer.meta({ description: 'Of its first alert, which opened it' }),
  due_at: timeAnswer,
  is_overdue: z.boolean(),
  determination_at: timeAnswer.nullable(),
  determined_by: idAnswer.nullable(),
  label: labelAnswer,
  alerts_count: z.number().int(),
  open_alerts_count: z.number().int(),
  highest_risk_score: z.number().meta({ example: 0.92 }),
  version: z.number().int(),
});

const event = z.object({
  event_id: idAnswer,
  event: z.string().meta({ example: 'alert_raised' }),
  alert_id: idAnswer.nullable(),
  transaction_id: idAnswer.nullable(),
  actor_user_id: idAnswer.nullable().meta({ description: 'null: the bank itself' }),
  actor_username: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable().meta({ example: null }),
  occurred_at: timeAnswer,
});

const transaction = z.object({
  transaction_id: idAnswer,
  reference_id: z.string(),
  type: z.string().meta({ example: 'transfer' }),
  amount: amountAnswer,
  currency: currencyAnswer,
  description: z.string().nullable(),
  effective_at: timeAnswer,
  verdict: z.string().nullable().meta({ example: 'CRITICAL' }),
  risk_score: z.number().nullable(),
  alert_id: idAnswer.nullable().meta({ description: 'of the alert that it raised in this case' }),
  attached_by: idAnswer.nullable(),
  attached_at: timeAnswer.nullable().meta({ description: 'null: it is here for its alert' }),
});

const caseDetail = fraudCase.extend({
  alerts: z.array(AlertDto.schema).meta({ description: 'Newest first, 200 at most' }),
  transactions: z.array(transaction).meta({ description: 'Of its alerts, and attached ones; 400 at most' }),
  notes: z
    .array(
      z.object({
        event_id: idAnswer,
        note: z.string(),
        author_user_id: idAnswer.nullable(),
        author_username: z.string().nullable(),
        written_at: timeAnswer,
      }),
    )
    .meta({ description: 'Oldest first' }),
  history: z.array(event).meta({ description: 'All that happened, oldest first; the newest 500' }),
});

export type CaseAnswer = z.output<typeof fraudCase>;
export type CaseDetailAnswer = z.output<typeof caseDetail>;
export class CaseDto extends createZodDto(fraudCase) {}
export class CaseListDto extends createZodDto(pageOf(fraudCase)) {}
export class CaseDetailDto extends createZodDto(caseDetail) {}
