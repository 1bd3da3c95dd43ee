import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { textField } from '../../http/fields';
import { ROLES } from '../permissions';

const MAX_PASSWORD = 256;

/** A password to set. Whether it is a good one, PasswordPolicy says. */
export const newPasswordField = z
  .string()
  .min(1)
  .refine(
    (text) => [...text.normalize('NFC')].length <= MAX_PASSWORD,
    `must have at most ${MAX_PASSWORD} characters`,
  )
  .refine((text) => !/[\0\p{Surrogate}]/u.test(text), 'must be well-formed Unicode without null characters')
  .meta({
    example: 'correct horse battery staple',
    minLength: 8,
    maxLength: MAX_PASSWORD,
    format: 'password',
    description:
      'At least 15 characters unless the bank is set otherwise, of any kind; not a common password, a repetition, a sequence, or ' +
      'your own name. Composed and decomposed letters are the same.',
  });

/** A password to compare with: whatever cannot be one is simply wrong. */
export const passwordField = z
  .string()
  .min(1)
  .max(1000)
  .meta({ example: 'correct horse battery staple', format: 'password' });

const refreshTokenField = z
  .string()
  .min(1)
  .max(200)
  .meta({ example: 'pF0sS1yX1w8mN0bqkq1mX0m3nN5x2v7c9b4a6d8e0fg' });

export const totpCodeField = z
  .string()
  .transform((text) => text.replace(/\s/g, ''))
  .refine((text) => /^\d{6}$/.test(text), 'must have 6 digits')
  .meta({
    type: 'string',
    example: '492039',
    description: 'What the authenticator app shows now; good once',
  });

export const recoveryCodeField = z.string().min(1).max(64).meta({
  example: '7h3kq-p2m9x-0c4vt-8w1rn-zj5ea',
  description: 'One of the recovery codes, in place of totp_code; good once',
});

/** A second factor, where the user has one: either of the two. */
export const codeFields = {
  totp_code: totpCodeField.optional(),
  recovery_code: recoveryCodeField.optional(),
};

export class LoginDto extends createZodDto(
  z.strictObject({
    username: textField(64, 1).meta({ example: 'ada.lovelace' }),
    password: passwordField,
    ...codeFields,
  }),
) {}

export class RefreshTokenDto extends createZodDto(z.strictObject({ refresh_token: refreshTokenField })) {}

export class StepUpDto extends createZodDto(
  z.strictObject({
    password: passwordField
      .optional()
      .meta({ description: 'For who has no second factor; others send a code' }),
    ...codeFields,
  }),
) {}

const accessToken = {
  access_token: z
    .string()
    .meta({ example: 'eyJhbGciOiJIUzI1NiJ9.…', description: 'Send it as Authorization: Bearer …' }),
  token_type: z.literal('bearer').meta({ example: 'bearer' }),
  expires_in: z
    .int()
    .meta({ example: 3600, description: 'Seconds until the access token is no longer good' }),
};

export class AccessTokenDto extends createZodDto(z.object(accessToken)) {}

export class SessionDto extends createZodDto(
  z.object({
    ...accessToken,
    refresh_token: refreshTokenField.meta({
      description: 'Good once: POST /auth/refresh gives the next one',
    }),
    user_id: z.string().meta({ example: '42' }),
    username: z.string().meta({ example: 'ada.lovelace' }),
    role: z.enum(ROLES).meta({ example: 'customer' }),
  }),
) {}
