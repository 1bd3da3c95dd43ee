import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, type ApiOperationOptions } from '@nestjs/swagger';
import type { ErrorCode } from '../errors';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { RateLimit } from '../rate-limit/rate-limit.decorator';

const MONEY_ERRORS = [
  ...LOGIN_ERRORS,
  'VALIDATION_FAILED',
  'INVALID_AMOUNT',
  'INVALID_IDEMPOTENCY_KEY',
  'IDEMPOTENCY_KEY_REUSED',
  'ACCOUNT_NOT_FOUND',
  'ACCOUNT_CLOSED',
  'CURRENCY_MISMATCH',
  'RATE_LIMITED',
  'QUEUE_FULL',
  'SHUTTING_DOWN',
] as const satisfies ErrorCode[];

/** What every route that moves money has in common. */
export function MovesMoney(operation: ApiOperationOptions, ...errors: ErrorCode[]) {
  return applyDecorators(
    RateLimit('money'),
    ApiOperation(operation),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Up to 255 characters. A repeat with the same body answers the first answer again.',
      example: '7c1b2f0e-rent-march',
    }),
    ApiErrors(...MONEY_ERRORS, ...errors),
  );
}
