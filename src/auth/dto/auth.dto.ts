import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { textField } from '../../http/fields';
import { fitsBcrypt, MAX_SECRET_BYTES } from '../password-hasher';
import { ROLES } from '../permissions';

const MIN_PASSWORD = 8;

/** A password to set. bcrypt reads 72 bytes and no more, so a longer one would be less than it seems. */
export const newPasswordField = z
  .string()
  .refine((text) => [...text].length >= MIN_PASSWORD, `must have at least ${MIN_PASSWORD} characters`)
  .refine(fitsBcrypt, `must have at most ${MAX_SECRET_BYTES} bytes in UTF-8, and no null character`)
  .meta({
    example: 'correct horse battery staple',
    minLength: MIN_PASSWORD,
    maxLength: MAX_SECRET_BYTES,
    format: 'password',
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

export class LoginDto extends createZodDto(
  z.strictObject({
    username: textField(64, 1).meta({ example: 'ada.lovelace' }),
    password: passwordField,
  }),
) {}

export class RefreshTokenDto extends createZodDto(z.strictObject({ refresh_token: refreshTokenField })) {}

export class SessionDto extends createZodDto(
  z.object({
    access_token: z
      .string()
      .meta({ example: 'eyJhbGciOiJIUzI1NiJ9.…', description: 'Send it as Authorization: Bearer …' }),
    token_type: z.literal('bearer').meta({ example: 'bearer' }),
    expires_in: z
      .int()
      .meta({ example: 3600, description: 'Seconds until the access token is no longer good' }),
    refresh_token: refreshTokenField.meta({
      description: 'Good once: POST /auth/refresh gives the next one',
    }),
    user_id: z.string().meta({ example: '42' }),
    username: z.string().meta({ example: 'ada.lovelace' }),
    role: z.enum(ROLES).meta({ example: 'customer' }),
  }),
) {}
