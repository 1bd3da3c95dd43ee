import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

const checkStatus = z.enum(['ok', 'degraded', 'failed']).meta({ example: 'ok' });
const check = z.object({ status: checkStatus });

export class AliveDto extends createZodDto(z.object({ status: z.literal('ok').meta({ example: 'ok' }) })) {}

export class ReadinessDto extends createZodDto(
  z.object({
    status: z.enum(['ready', 'unavailable']).meta({ example: 'ready' }),
    checks: z.object({
      database: check,
      redis: check,
      procedures: check,
      outbox: z.object({
        status: checkStatus,
        lag_seconds: z
          .int()
          .optional()
          .meta({ example: 0, description: 'Age of the oldest batch that waits for the worker' }),
        batches: z.int().optional().meta({ example: 0 }),
      }),
    }),
  }),
) {}

export class WelcomeDto extends createZodDto(
  z.object({
    name: z.string().meta({ example: 'florin' }),
    version: z.string().meta({ example: '0.1.0' }),
    links: z.record(z.string(), z.string()).meta({ example: { docs: '/docs' } }),
  }),
) {}
