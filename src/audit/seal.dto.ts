import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { idAnswer, idField, timeAnswer } from '../http/fields';

const hashAnswer = z
  .string()
  .meta({ example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' });
const keyIdAnswer = z.string().meta({ example: '1f2e3d4c5b6a7988' });

const seal = z.object({
  sealed: z
    .object({
      block_id: idAnswer,
      head_hash: hashAnswer.meta({ description: 'SHA-256 of the newest block; it depends on all before it' }),
      sealed_at: timeAnswer,
      transactions_until_id: idAnswer.meta({ description: 'The newest transaction that is sealed' }),
      audit_until_id: z
        .string()
        .meta({ description: 'The newest audit row that is sealed', example: '9001' }),
      key_id: keyIdAnswer.nullable(),
      signature: z
        .enum(['valid', 'invalid', 'unknown_key', 'none'])
        .meta({ description: 'Of the newest block alone: npm run verify-chain looks at every one' }),
    })
    .nullable()
    .meta({ description: 'null until the worker has sealed for the first time' }),
  waiting: z
    .object({
      transactions_count: z.number().int(),
      audit_rows_count: z.number().int(),
      oldest_at: timeAnswer.nullable(),
    })
    .meta({ description: 'Rows that are not sealed yet' }),
  lag_seconds: z.number().meta({
    description: 'Age of the oldest row that waits. Under a minute while a worker runs',
    example: 31.2,
  }),
});

const head = z.object({
  format: z.literal('florin-seal-head-1'),
  statement: z
    .string()
    .meta({ description: 'What was signed, byte for byte', example: 'florin-seal 1\nchain …' }),
  head_hash: hashAnswer.meta({ description: 'SHA-256 of the statement' }),
  key_id: keyIdAnswer.nullable(),
  public_key: z.string().nullable().meta({ description: 'PEM; compare it with one from elsewhere' }),
  signature: z.string().nullable().meta({ description: 'Ed25519 of the statement, base64' }),
});

const keys = z.object({
  items: z.array(
    z.object({
      key_id: keyIdAnswer,
      algorithm: z.literal('Ed25519'),
      public_key: z.string().meta({ description: 'PEM', example: '-----BEGIN PUBLIC KEY-----\n…' }),
      source: z.enum(['configured', 'database']).meta({
        description:
          'configured: by SEAL_PUBLIC_KEYS. database: nobody vouches for it but the database itself',
      }),
    }),
  ),
});

export type SealAnswer = z.output<typeof seal>;
export type SealHeadAnswer = z.output<typeof head>;
export type SealKeysAnswer = z.output<typeof keys>;

export class SealHeadQueryDto extends createZodDto(
  z.strictObject({
    block_id: idField
      .optional()
      .meta({ description: 'An older block; by default the newest', example: '12' }),
  }),
) {}
export class SealDto extends createZodDto(seal) {}
export class SealHeadDto extends createZodDto(head) {}
export class SealKeysDto extends createZodDto(keys) {}
