import { LOGIN_ERRORS } from '../http/api-errors';

/** What a request may answer that asks a user who is logged in to prove again who they are: by password, or by a second factor. */
export const PROOF_ERRORS = [
  ...LOGIN_ERRORS,
  'VALIDATION_FAILED',
  'PASSWORD_INVALID',
  'TOTP_REQUIRED',
  'TOTP_INVALID',
  'USER_LOCKED',
  'RATE_LIMITED',
  'TOO_MANY_LOGINS',
  'SECOND_FACTOR_UNAVAILABLE',
] as const;
