import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ZodValidationException } from 'nestjs-zod';
import type { ZodError } from 'zod';
import { BankError, ERRORS, type ErrorCode, isErrorCode, type LimitInfo } from '../errors';
import { isConnectionLost, signalMessage } from '../database';

/** The body of every error: RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  retryable: boolean;
  request_id: string;
  errors?: { field: string; message: string }[];
  /** Which limit the request would pass, and what was left of it. */
  limit?: LimitInfo;
}

/** Turns whatever was thrown into a problem. What is not a BankError tells the client nothing but a request id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(exception, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

/** Answers whatever went wrong. The web server calls it too, for addresses that it cannot even read. */
export function sendProblem(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = toBankError(exception);
  const { status } = ERRORS[error.code];
  if (status >= 500)
    request.log.error({ request_id: request.id, err: exception, code: error.code }, 'request failed');
  if (reply.sent) return;
  if (error.retryAfterSeconds !== undefined)
    void reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)));
  if (error.isReplayed) void reply.header('idempotency-replayed', 'true');
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  const problem: Problem = {
    ...problemOf(error.code, request.id, error.message),
    ...(error.errors ? { errors: error.errors } : {}),
    ...(error.limit ? { limit: error.limit } : {}),
  };
  void reply
    .status(status)
    .header('x-request-id', request.id)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}

/** The body for a code; `detail` says more than its title when there is more to say. */
export function problemOf(code: ErrorCode, requestId: string, detail?: string): Problem {
  const { status, title, retryable } = ERRORS[code];
  return {
    type: `urn:florin:error:${code.toLowerCase().replace(/_/g, '-')}`,
    title,
    status,
    detail: detail ?? title,
    code,
    retryable,
    request_id: requestId,
  };
}

/** Codes of the web server for requests that never reach a route. */
const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'MALFORMED_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED_JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_JSON',
  FST_ERR_BAD_URL: 'NOT_FOUND',
  FST_ERR_MAX_PARAM_LENGTH: 'NOT_FOUND',
};

const STATUS_CODES: Record<number, ErrorCode> = {
  400: 'VALIDATION_FAILED',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

function toBankError(exception: unknown): BankError {
  if (exception instanceof BankError) return exception;
  if (exception instanceof ZodValidationException) return fromZod(exception.getZodError() as ZodError);
  if (isConnectionLost(exception)) return new BankError('DATABASE_UNAVAILABLE', { retry_after_s: 1 });
  const signal = signalMessage(exception)?.split(':')[0] ?? '';
  if (isErrorCode(signal)) return new BankError(signal);
  const { code = '', statusCode } = exception as { code?: string; statusCode?: number };
  const status = exception instanceof HttpException ? exception.getStatus() : statusCode;
  return new BankError(FASTIFY_CODES[code] ?? STATUS_CODES[status ?? 500] ?? 'INTERNAL');
}

/** A body full of nonsense is not answered with a longer one. */
const MOST_ERRORS = 20;
const MOST_NAMES = 5;

function fromZod(error: ZodError): BankError {
  const errors = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          field: [...issue.path, key].join('.'),
          message: 'is not a field of this request',
        }))
      : [{ field: issue.path.join('.') || 'body', message: messageOf(issue) }],
  );
  const names = errors.slice(0, MOST_NAMES).map(({ field }) => field);
  const more = errors.length - names.length;
  return new BankError('VALIDATION_FAILED', {
    detail:
      `${errors.length === 1 ? 'A field is' : 'Some fields are'} not valid: ${names.join(', ')}` +
      (more > 0 ? ` and ${more.toLocaleString('en-US')} more` : ''),
    errors: errors.slice(0, MOST_ERRORS),
  });
}

function messageOf(issue: ZodError['issues'][number]): string {
  const isMissing =
    issue.code === 'invalid_type' && issue.input === undefined && /received undefined/.test(issue.message);
  return isMissing ? 'is required' : issue.message;
}
