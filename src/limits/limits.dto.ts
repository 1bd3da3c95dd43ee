import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { ROLES } from '../auth/permissions';
import { amountAnswer, currencyAnswer, idAnswer, idField, textField, timeAnswer } from '../http/fields';

const KYC_STATUSES = ['pending', 'verified', 'rejected'] as const;

const dollars = z
  .string()
  .regex(/^\d{1,11}(\.\d{1,2})?$/, 'must be an amount of US dollars such as "2500.00"')
  .nullable()
  .meta({ example: '2500.00', description: 'US dollars, or what is worth as much; null: no limit' });
const reasonField = textField(255, 3).meta({ description: 'Why', example: 'Bought a house' });

const values = {
  per_transaction_usd: dollars,
  per_day_usd: dollars,
  per_counterparty_usd: dollars.meta({
    example: '1500.00',
    description: 'To one receiver a day, in US dollars; null: no limit',
  }),
  reason: reasonField,
};
const revisionField = z
  .int()
  .min(0)
  .max(1_000_000_000)
  .meta({ example: 1, description: 'The one that you have seen' });

export class ClassParams extends createZodDto(
  z.object({ role: z.enum(ROLES), kyc_status: z.enum(KYC_STATUSES) }),
) {}
export class LimitedUserParams extends createZodDto(z.object({ user_id: idField })) {}
export class SetClassLimitsDto extends createZodDto(z.strictObject({ ...values, revision: revisionField })) {}
export class SetUserLimitsDto extends createZodDto(
  z.strictObject({
    ...values,
    revision: revisionField.meta({ example: 0, description: 'own_revision as you have seen it' }),
  }),
) {}
export class EndUserLimitsDto extends createZodDto(
  z.strictObject({
    reason: reasonField,
    revision: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_000_000_000)
      .meta({ example: 1, description: 'own_revision as you have seen it' }),
  }),
) {}

const limitDollars = z.string().nullable().meta({ example: '2500.00', description: 'null: no limit' });
const shownValues = {
  per_transaction_usd: limitDollars,
  per_day_usd: limitDollars,
  per_counterparty_usd: limitDollars,
};

const classLimits = z.object({
  role: z.string().meta({ example: 'customer' }),
  kyc_status: z.string().meta({ example: 'pending' }),
  ...shownValues,
  revision: z.number().int().meta({ example: 1 }),
  updated_by: z.string().nullable().meta({ example: null }),
  updated_at: timeAnswer,
});

const inCurrency = z.object({
  currency: currencyAnswer,
  per_transaction: amountAnswer.nullable().meta({ description: 'null: no limit' }),
  per_day: amountAnswer.nullable(),
  per_counterparty: amountAnswer.nullable(),
  used_today: amountAnswer.meta({
    description: 'All accounts and currencies together; 0 without a limit a day',
  }),
  left_today: amountAnswer.nullable(),
});
const ownLimits = z.object({
  resets_at: timeAnswer.meta({ description: 'Midnight UTC' }),
  items: z.array(inCurrency).meta({ description: 'For each currency in which there is an account' }),
});

export type LimitsInput = Omit<z.output<typeof SetClassLimitsDto.schema>, 'revision'>;
export type ClassLimitsAnswer = z.output<typeof classLimits>;
export type OwnLimitsAnswer = z.output<typeof ownLimits>;
export class OwnLimitsDto extends createZodDto(ownLimits) {}
export class ClassLimitsListDto extends createZodDto(
  z.object({ items: z.array(classLimits), next_cursor: z.string().nullable().meta({ example: null }) }),
) {}
export class ClassLimitsDto extends createZodDto(classLimits) {}
const customerLimits = ownLimits.extend({
  user_id: idAnswer,
  role: z.string().meta({ example: 'customer' }),
  kyc_status: z.string().meta({ example: 'verified' }),
  own_revision: z.number().int().meta({ example: 0, description: '0: those of his role and KYC status' }),
  ...shownValues,
});
export type CustomerLimitsAnswer = z.output<typeof customerLimits>;
export class CustomerLimitsDto extends createZodDto(customerLimits) {}
