import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { ROLES } from '../../auth/permissions';
import { AccountDto } from '../../accounts/dto/account.dto';
import { cursorField, idField, limitField, pageOf, textField } from '../../http/fields';
import { flagField } from '../../http/query-fields';

const KYC_STATUSES = ['pending', 'verified', 'rejected'] as const;

const roleField = z.enum(ROLES).meta({ example: 'auditor' });
const kycField = z.enum(KYC_STATUSES).meta({ example: 'verified' });

export class UserParams extends createZodDto(z.object({ user_id: idField })) {}

export class AdminUsersQueryDto extends createZodDto(
  z.strictObject({
    role: roleField.optional(),
    kyc_status: kycField.optional(),
    is_active: flagField.optional(),
    q: textField(100, 1)
      .optional()
      .meta({ description: 'Part of the username, full name or e-mail address', example: 'hopper' }),
    cursor: cursorField,
    limit: limitField,
  }),
) {}

export class ChangeRoleDto extends createZodDto(
  z.strictObject({
    role: roleField,
    reason: textField(255, 3)
      .optional()
      .meta({ description: 'For whoever approves it', example: 'Joins the audit team' }),
  }),
) {}
export class ChangeKycDto extends createZodDto(z.strictObject({ kyc_status: kycField })) {}
export class ChangeActiveDto extends createZodDto(
  z.strictObject({ is_active: z.boolean().meta({ example: false }) }),
) {}

const adminUser = z.object({
  user_id: z.string().meta({ example: '42' }),
  username: z.string().meta({ example: 'grace.hopper' }),
  email: z.string().meta({ example: 'grace@bank.example' }),
  full_name: z.string().meta({ example: 'Grace Hopper' }),
  date_of_birth: z.string().nullable().meta({ example: '1986-12-09' }),
  phone_number: z.string().nullable().meta({ example: '+1 202 555 0143' }),
  role: z.string().meta({ example: 'customer' }),
  kyc_status: z.enum(KYC_STATUSES),
  is_active: z.boolean(),
  created_at: z.string().meta({ example: '2026-01-31T10:00:00.000000Z' }),
});

const customerProfile = z.object({
  source: z.string().meta({ description: 'where the profile came from' }),
  external_client_id: z.string().nullable(),
  gender: z.string().nullable(),
  address: z.string().nullable(),
  currency: z.string().meta({ example: 'USD' }),
  per_capita_income: z.string().nullable().meta({ example: '29278.00' }),
  yearly_income: z.string().nullable().meta({ example: '59696.00' }),
  total_debt: z.string().nullable().meta({ example: '127613.00' }),
  credit_score: z.number().int().nullable().meta({ example: 787 }),
  retirement_age: z.number().int().nullable(),
  num_credit_cards: z.number().int().nullable(),
});

const loginAttempt = z.object({
  occurred_at: z.string(),
  succeeded: z.boolean(),
  reason: z.string(),
  ip_address: z.string().nullable(),
  user_agent: z.string().nullable(),
});

const adminUserDetail = adminUser.extend({
  accounts: z.array(AccountDto.schema),
  customer_profile: customerProfile.nullable(),
  recent_logins: z.array(loginAttempt).meta({ description: 'the last ten attempts, newest first' }),
});

export type AdminUserAnswer = z.output<typeof adminUser>;
export type AdminUserDetailAnswer = z.output<typeof adminUserDetail>;
export class AdminUserDto extends createZodDto(adminUser) {}
export class AdminUserListDto extends createZodDto(pageOf(adminUser)) {}
export class AdminUserDetailDto extends createZodDto(adminUserDetail) {}
