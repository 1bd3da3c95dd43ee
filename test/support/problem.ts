import type { Response } from 'supertest';
import type { ErrorCode } from '../../src/errors';

/** Expects an RFC 9457 problem with this code, and everything that every problem has. */
export function expectProblem(answer: Response | undefined, status: number, code: ErrorCode): void {
  expect({ status: answer?.status, code: answer?.body.code }).toEqual({ status, code });
  expect(answer?.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer?.body).toMatchObject({
    type: `urn:florin:error:${code.toLowerCase().replace(/_/g, '-')}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    retryable: expect.any(Boolean),
    request_id: answer?.headers['x-request-id'],
  });
}
