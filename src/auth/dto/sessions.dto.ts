import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { idField, timeAnswer } from '../../http/fields';

const sessionId = z.uuid({ error: 'must be the id of a session' });
const EXAMPLE_ID = '0b9f3c52-3f0e-4a63-9d0a-5f7c5d3a1e10';

export class SessionParams extends createZodDto(
  z.object({ session_id: sessionId.meta({ example: EXAMPLE_ID }) }),
) {}

export class SessionUserParams extends createZodDto(z.object({ user_id: idField })) {}

export class UserSessionParams extends createZodDto(
  z.object({ user_id: idField, session_id: sessionId.meta({ example: EXAMPLE_ID }) }),
) {}

const openSession = z.object({
  session_id: z.string().meta({ example: EXAMPLE_ID }),
  ip_address: z
    .string()
    .nullable()
    .meta({ example: '203.0.113.7', description: 'Where it was last used from' }),
  user_agent: z.string().nullable().meta({
    example: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
    description: 'The program that last used it',
  }),
  created_at: timeAnswer,
  last_used_at: timeAnswer.meta({ description: 'Login, refresh or step-up' }),
  authenticated_at: timeAnswer.meta({ description: 'Last proof of who the user is: login or step-up' }),
  has_second_factor: z.boolean().meta({ example: true }),
});

export class OwnSessionsDto extends createZodDto(
  z.object({
    items: z.array(
      openSession.extend({
        is_current: z.boolean().meta({ example: true, description: 'The one that asks' }),
      }),
    ),
  }),
) {}

export class UserSessionsDto extends createZodDto(z.object({ items: z.array(openSession) })) {}
