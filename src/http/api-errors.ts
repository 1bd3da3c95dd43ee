import { applyDecorators } from '@nestjs/common';
import { ApiResponse, type ApiResponseNoStatusOptions } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from '../errors';

/** Documents the error codes of an operation, grouped by their HTTP status. */
export function ApiErrors(...codes: ErrorCode[]) {
  return applyDecorators(
    ...[...byStatus([...codes, 'INTERNAL', 'DATABASE_UNAVAILABLE'])].map(([status, list]) =>
      ApiResponse({ status, ...errorResponse(list) }),
    ),
  );
}

/** What every operation behind a login may answer. */
export const LOGIN_ERRORS = [
  'UNAUTHENTICATED',
  'TOKEN_EXPIRED',
  'FORBIDDEN',
  'SECOND_FACTOR_REQUIRED',
] as const satisfies ErrorCode[];

/** What every operation that takes a body may answer. */
export const BODY_ERRORS = [
  'MALFORMED_JSON',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
] as const satisfies ErrorCode[];

export function byStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  const map = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const { status } = ERRORS[code];
    map.set(status, [...(map.get(status) ?? []), code]);
  }
  return map;
}

/** The documented response for codes of one status, with an example of each. */
export function errorResponse(codes: readonly ErrorCode[]) {
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('; '),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  } satisfies ApiResponseNoStatusOptions;
}
