import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { cursorField, idAnswer, idField, limitField, pageOf, textField, timeAnswer } from '../http/fields';
import { KIND_NAMES } from './kinds';

const STATUSES = ['pending', 'expired', 'approved', 'executed', 'failed', 'rejected', 'cancelled'] as const;
const kindField = z.enum(KIND_NAMES).meta({ example: 'role_change' });

export class ApprovalParams extends createZodDto(z.object({ approval_id: idField })) {}
export class ApprovalsQueryDto extends createZodDto(
  z.strictObject({
    status: z.enum(STATUSES).optional().meta({ example: 'pending' }),
    kind: kindField.optional(),
    cursor: cursorField,
    limit: limitField,
  }),
) {}

/** A body that may be left out. */
export class DecideApprovalDto extends createZodDto(
  z.preprocess(
    (body) => body ?? {},
    z.strictObject({
      note: textField(255, 1)
        .optional()
        .meta({ description: 'Kept with the decision', example: 'Called back' }),
    }),
  ),
) {}
export class SetFourEyesDto extends createZodDto(
  z.strictObject({
    kinds: z
      .array(kindField)
      .max(KIND_NAMES.length)
      .meta({ description: 'Kinds that need a second person; four_eyes_change comes with any other' }),
    reason: textField(255, 3).meta({ description: 'Why', example: 'Opening day' }),
  }),
) {}

const event = z.object({
  event: z.enum(['requested', 'approved', 'rejected', 'cancelled', 'executed', 'failed']),
  actor_user_id: z.string().nullable(),
  note: z.string().nullable(),
  occurred_at: timeAnswer,
});

const approval = z.object({
  approval_id: idAnswer,
  kind: z.string().meta({ example: 'role_change' }),
  act: z.string().meta({ example: 'change_role' }),
  status: z.enum(STATUSES).meta({
    description:
      'approved: it is being executed; failed: it was approved, but the bank refused it, see result',
  }),
  payload: z.record(z.string(), z.unknown()).meta({ description: 'What is executed, as it is' }),
  reason: z.string().nullable(),
  requested_by: idAnswer,
  requested_by_username: z.string().nullable(),
  requested_at: timeAnswer,
  expires_at: timeAnswer,
  decided_by: z.string().nullable(),
  decided_by_username: z.string().nullable(),
  decided_at: timeAnswer.nullable(),
  decision_note: z.string().nullable(),
  executed_at: timeAnswer.nullable(),
  result: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: 'code, and what the act made, such as transaction_id' }),
});
const approvalDetail = approval.extend({ events: z.array(event) });
const fourEyes = z.object({
  kinds: z.array(kindField).meta({ description: 'need a second person' }),
  is_default: z.boolean().meta({ description: 'true: nobody decided yet, the environment says so' }),
  reversal_over_usd: z
    .string()
    .meta({ example: '1000', description: 'worth above which a reversal needs one' }),
});

export type ApprovalAnswer = z.output<typeof approval>;
export type ApprovalDetailAnswer = z.output<typeof approvalDetail>;
export type FourEyesAnswer = z.output<typeof fourEyes>;
export class ApprovalDto extends createZodDto(approval) {}
export class ApprovalListDto extends createZodDto(pageOf(approval)) {}
export class ApprovalDetailDto extends createZodDto(approvalDetail) {}
export class FourEyesDto extends createZodDto(fourEyes) {}
