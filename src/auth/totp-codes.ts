import { Secret, TOTP } from 'otpauth';

/** What authenticator apps agree on: RFC 6238 with SHA-1, six digits and half a minute. */
export const TOTP_DIGITS = 6;
export const TOTP_PERIOD_S = 30;
const ALGORITHM = 'SHA1';
const ISSUER = 'Florin';
/** RFC 4226, section 4, R6: 160 bits are recommended. */
const SECRET_BYTES = 20;
/** Steps before and after the present one that are taken: clocks differ, and people type slowly. */
const WINDOW = 1;

/** A new shared secret in base32, as people type it into an app. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** The key URI that apps read from a QR code. */
export function otpauthUri(username: string, secret: string): string {
  return totp(secret, username).toString();
}

/** The time step that a code belongs to, or null when it is not one of the present steps. */
export function stepOf(code: string, secret: string, nowMs = Date.now()): number | null {
  const delta = totp(secret).validate({ token: code, timestamp: nowMs, window: WINDOW });
  return delta === null ? null : Math.floor(nowMs / 1000 / TOTP_PERIOD_S) + delta;
}

function totp(secret: string, label = ''): TOTP {
  return new TOTP({
    issuer: ISSUER,
    label,
    algorithm: ALGORITHM,
    digits: TOTP_DIGITS,
    period: TOTP_PERIOD_S,
    secret: Secret.fromBase32(secret),
  });
}
