import { isIP } from 'node:net';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import {
  cursorField,
  idAnswer,
  idField,
  limitField,
  pageOf,
  textField,
  timeAnswer,
  timeField,
} from '../http/fields';
import { flagField } from '../http/query-fields';
import { canonicalAddress, normalName } from '../risk';

export const LISTS = ['block', 'allow', 'snooze'] as const;
const SUBJECT_TYPES = ['account', 'user', 'merchant', 'card', 'country', 'device', 'ip', 'name'] as const;
/** What an allowance may be for: what the bank gave a number. Names, devices, addresses and countries are what customers say of themselves. */
const ALLOWED_TYPES: readonly SubjectType[] = ['account', 'user', 'merchant', 'card'];
export type ListName = (typeof LISTS)[number];
export type SubjectType = (typeof SUBJECT_TYPES)[number];

const listField = z.enum(LISTS).meta({ example: 'snooze' });
const subjectTypeField = z.enum(SUBJECT_TYPES).meta({ example: 'user' });
const reasonField = textField(255, 3).meta({ description: 'Why', example: 'Sells a house this month' });

/** What is wrong with a value of a kind of subject. */
function valueProblem(type: SubjectType, value: string): string | null {
  switch (type) {
    case 'country':
      return /^[A-Z]{2}$/.test(value) ? null : 'must be an ISO 3166 code of two letters';
    case 'ip':
      return isIP(value) === 0 ? 'must be an IP address' : null;
    case 'name':
      return normalName(value).length < 3 ? 'must have at least 3 letters' : null;
    case 'device':
      return null;
    default:
      return /^[1-9]\d{0,18}$/.test(value) ? null : `must be the id of the ${type}`;
  }
}

/** A value as it is stored and compared. */
export function subjectValue(type: SubjectType, value: string): string {
  if (type === 'name') return normalName(value);
  return type === 'ip' ? canonicalAddress(value) : value;
}

export class ListEntryParams extends createZodDto(z.object({ list_entry_id: idField })) {}
export class ListEntriesQueryDto extends createZodDto(
  z.strictObject({
    list: listField.optional(),
    subject_type: subjectTypeField.optional(),
    subject_value: textField(200, 1).optional().meta({ example: '42' }),
    rule_id: idField.optional(),
    active: flagField.optional().meta({ description: 'Neither removed nor expired' }),
    cursor: cursorField,
    limit: limitField,
  }),
) {}
export class AddListEntryDto extends createZodDto(
  z
    .strictObject({
      list: listField,
      subject_type: subjectTypeField,
      subject_value: z.union([textField(200, 1), z.int().positive().transform(String)]).meta({
        description:
          'The id of an account, user, merchant or card, an ISO 3166 code, a user agent, an IP address, or a name in any order',
        example: '42',
      }),
      rule_id: idField.optional().meta({
        description:
          'The one rule that is suppressed; by default all that only raise the score. A rule that holds money is suppressed by an entry that names it alone',
      }),
      reason: reasonField,
      expires_at: timeField
        .optional()
        .meta({ description: 'Until it is removed by default', example: '2100-01-31T10:00:00Z' }),
    })
    .superRefine((entry, context) => {
      const wrong = (field: string, message: string) =>
        context.addIssue({ code: 'custom', path: [field], message });
      const problem = valueProblem(entry.subject_type, entry.subject_value);
      if (problem !== null) wrong('subject_value', problem);
      if (entry.list === 'allow' && !ALLOWED_TYPES.includes(entry.subject_type))
        wrong('subject_type', 'an allowance is for an account, a user, a merchant or a card');
      if (entry.list === 'snooze' && entry.subject_type !== 'user' && entry.subject_type !== 'account')
        wrong('subject_type', 'a snooze is for one customer: a user or an account');
      if (entry.list === 'snooze' && entry.rule_id === undefined) wrong('rule_id', 'a snooze is of one rule');
      if (entry.list === 'snooze' && entry.expires_at === undefined) wrong('expires_at', 'a snooze ends');
      if (entry.list === 'block' && entry.rule_id !== undefined)
        wrong('rule_id', 'the block-list knows no rules');
      if (entry.expires_at !== undefined && new Date(entry.expires_at).getTime() <= Date.now())
        wrong('expires_at', 'must lie in the future');
    }),
) {}
export class RemoveListEntryDto extends createZodDto(z.strictObject({ reason: reasonField.optional() })) {}

const listEntry = z.object({
  list_entry_id: idAnswer,
  list: z.enum(LISTS),
  subject_type: z.enum(SUBJECT_TYPES),
  subject_value: z.string(),
  rule_id: idAnswer.nullable(),
  rule_name: z.string().nullable(),
  reason: z.string(),
  is_active: z.boolean(),
  created_by: idAnswer.nullable(),
  created_at: timeAnswer,
  expires_at: timeAnswer.nullable(),
  removed_by: idAnswer.nullable(),
  removed_at: timeAnswer.nullable(),
  removal_reason: z.string().nullable(),
});

export type ListEntryAnswer = z.output<typeof listEntry>;
export class ListEntryDto extends createZodDto(listEntry) {}
export class ListEntryListDto extends createZodDto(pageOf(listEntry)) {}
