import { ERRORS, type ErrorCode } from './error-codes';

export interface FieldError {
  field: string;
  message: string;
}

/** A limit of a customer that a request would pass. Decimals of the currency. */
export interface LimitInfo {
  limit: string;
  /** When it was declined. */
  left: string;
  currency: string;
}

interface BankErrorOptions {
  detail?: string;
  errors?: FieldError[];
  limit?: LimitInfo;
  /** Sent as Retry-After. */
  retry_after_s?: number;
  /** The refusal was decided before under the same Idempotency-Key and is given again. */
  is_replayed?: boolean;
  cause?: unknown;
}

/** A failure that the client is told about, by its code. Anything else that is thrown becomes INTERNAL. */
export class BankError extends Error {
  override name = 'BankError';
  readonly errors?: FieldError[];
  readonly limit?: LimitInfo;
  readonly retryAfterSeconds?: number;
  readonly isReplayed: boolean;

  constructor(
    readonly code: ErrorCode,
    options: BankErrorOptions = {},
  ) {
    super(options.detail ?? ERRORS[code].title, { cause: options.cause });
    this.errors = options.errors;
    this.limit = options.limit;
    this.retryAfterSeconds = options.retry_after_s;
    this.isReplayed = options.is_replayed ?? false;
  }
}
