import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { timeAnswer } from '../../http/fields';
import { AccessTokenDto, codeFields, passwordField, totpCodeField } from './auth.dto';

export class BeginTotpDto extends createZodDto(z.strictObject({ password: passwordField, ...codeFields })) {}

export class TotpCodeDto extends createZodDto(z.strictObject({ totp_code: totpCodeField })) {}

export class TotpStatusDto extends createZodDto(
  z.object({
    is_enrolled: z.boolean().meta({ example: true }),
    enrolled_at: timeAnswer.nullable(),
    is_required: z.boolean().meta({ example: true, description: 'Whether your role needs one' }),
    recovery_codes_left: z.int().meta({ example: 10 }),
  }),
) {}

export class TotpEnrolmentDto extends createZodDto(
  z.object({
    secret: z.string().meta({
      example: 'T3QKDP6S5OFYW5DUBMKIIGYBXXT7P675',
      description: 'In base32, to type into an authenticator app. Shown this once',
    }),
    otpauth_uri: z.string().meta({
      example: 'otpauth://totp/Florin:grace?issuer=Florin&secret=T3QKDP6S5OFYW5DUBMKIIGYBXXT7P675&…',
      description: 'The same as a key URI, for a QR code',
    }),
    algorithm: z.literal('SHA1').meta({ example: 'SHA1' }),
    digits: z.int().meta({ example: 6 }),
    period_s: z.int().meta({ example: 30 }),
  }),
) {}

const recoveryCodes = {
  recovery_codes: z.array(z.string()).meta({
    example: ['7h3kq-p2m9x-0c4vt-8w1rn-zj5ea'],
    description: 'Ten codes, each good once in place of a one-time code. Shown this once: print them',
  }),
};

export class RecoveryCodesDto extends createZodDto(z.object(recoveryCodes)) {}

export class TotpConfirmedDto extends createZodDto(AccessTokenDto.schema.extend(recoveryCodes)) {}
