import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { newPasswordField, passwordField } from '../../auth/dto/auth.dto';
import { textField } from '../../http/fields';

/** Younger people open accounts with their parents, at the counter. */
const MIN_AGE_YEARS = 16;
const MAX_AGE_YEARS = 130;

const usernameField = z
  .string()
  .regex(/^[A-Za-z0-9._-]{3,64}$/, 'must have 3 to 64 letters, digits, dots, underscores or hyphens')
  .meta({ example: 'ada.lovelace' });

const emailField = z
  .email('must be an e-mail address')
  .max(254, 'must have at most 254 characters')
  .meta({ example: 'ada@example.com' });

const fullNameField = textField(200, 1).meta({ example: 'Ada Lovelace', minLength: 1, maxLength: 200 });

/** 7 to 15 digits, as E.164 has them, with a plus where it is written; spaces, dots, hyphens and brackets are taken out. */
const phoneField = z
  .string()
  .max(40)
  .transform((text) => text.replace(/[\s().-]/g, ''))
  .refine((text) => /^\+?\d{7,15}$/.test(text), 'must be a phone number such as +442079460000')
  .meta({ type: 'string', example: '+442079460000' });

const birthDateField = z.iso
  .date({ error: 'must be a date such as 1990-12-31', abort: true })
  .refine((date) => yearsSince(date) >= MIN_AGE_YEARS, `must be at least ${MIN_AGE_YEARS} years ago`)
  .refine((date) => yearsSince(date) <= MAX_AGE_YEARS, 'must be the birthday of someone alive')
  .meta({ example: '1990-12-10', description: `At least ${MIN_AGE_YEARS} years ago` });

/** Whole years from a day to today, in UTC. */
function yearsSince(date: string): number {
  const today = new Date().toISOString().slice(0, 10);
  const years = Number(today.slice(0, 4)) - Number(date.slice(0, 4));
  return today.slice(5) < date.slice(5) ? years - 1 : years;
}

export class RegisterDto extends createZodDto(
  z.strictObject({
    username: usernameField,
    password: newPasswordField,
    email: emailField,
    full_name: fullNameField,
    date_of_birth: birthDateField,
    phone_number: phoneField.nullish(),
  }),
) {}

export class UpdateProfileDto extends createZodDto(
  z
    .strictObject({
      full_name: fullNameField.optional(),
      email: emailField.optional(),
      phone_number: phoneField.nullable().optional().meta({ description: 'null takes it away' }),
    })
    .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
      error: 'must have at least one of full_name, email, phone_number',
    }),
) {}

export class ChangePasswordDto extends createZodDto(
  z.strictObject({ current_password: passwordField, new_password: newPasswordField }),
) {}

export class SetPinDto extends createZodDto(
  z.strictObject({
    new_pin: z
      .string()
      .regex(/^\d{4,6}$/, 'must have 4 to 6 digits')
      .meta({ example: '2468' }),
    password: passwordField,
  }),
) {}

export class ProfileDto extends createZodDto(
  z.object({
    user_id: z.string().meta({ example: '42' }),
    username: z.string().meta({ example: 'ada.lovelace' }),
    email: z.string().meta({ example: 'ada@example.com' }),
    full_name: z.string().meta({ example: 'Ada Lovelace' }),
    date_of_birth: z.string().meta({ example: '1990-12-10', format: 'date' }).nullable(),
    phone_number: z.string().meta({ example: '+442079460000' }).nullable(),
    role: z.string().meta({ example: 'customer' }),
    kyc_status: z.enum(['pending', 'verified', 'rejected']).meta({ example: 'pending' }),
    is_active: z.boolean().meta({ example: true }),
    has_pin: z.boolean().meta({ example: false, description: 'Whether large amounts need a PIN' }),
    created_at: z.string().meta({ example: '2026-01-31T10:00:00.000000Z', format: 'date-time' }),
  }),
) {}
