import { z } from 'zod';

/** true or false in a query string. */
export const flagField = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .meta({ example: 'true' });
