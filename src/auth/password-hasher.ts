import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { compare, hash } from 'bcrypt';
import type { SecretKind } from './credentials.repository';
import { WaitingLine, type WaitingLineOptions } from './waiting-line';

const ROUNDS = 12;
/** bcrypt reads no further. */
const BCRYPT_BYTES = 72;
/**
 * Names this use of the hash, and is no secret: a hash that another service lost, of the same password, cannot be compared with ours.
 */
const LONG_PASSWORD = 'florin long password';
/** The hash of nothing anyone knows: compared with when there is no user, so that the answer takes as long. */
const NOBODY = '$2b$12$3PkCbDA1q3ClSDgbrclLg..EWBC3rISvtp1gPxLqEdfhOol6eeHry';

/**
 * Hashes at once in this process, and how many may wait: at a quarter of a second a hash, who comes later would wait for longer
 * than clients do. Three in all, because libuv has four threads, and files, DNS and compression need some too. PINs have a line
 * of their own, so that who moves money keeps nobody from logging in.
 */
const LINES = {
  password: { running_max: 2, waiting_max: 100, retry_after_s: 10 },
  pin: { running_max: 1, waiting_max: 50, retry_after_s: 10 },
} as const satisfies Record<SecretKind, WaitingLineOptions>;

/** bcrypt for passwords and PINs: on libuv's threads, off the event loop, a few at a time. */
@Injectable()
export class PasswordHasher {
  private readonly lines: Record<SecretKind, WaitingLine> = {
    password: new WaitingLine(LINES.password),
    pin: new WaitingLine(LINES.pin),
  };

  /** @throws BankError TOO_MANY_LOGINS when too many wait */
  hash(secret: string): Promise<string> {
    return this.lines.password.run(() => hash(bcryptInput(secret), ROUNDS));
  }

  /**
   * Whether `secret` belongs to `storedHash`. Without a usable hash it does the same work and answers false.
   * @throws BankError TOO_MANY_LOGINS when too many wait
   */
  async matches(kind: SecretKind, secret: string, storedHash: string | null): Promise<boolean> {
    const isUsable = storedHash?.startsWith('$2') ?? false;
    const isSame = await this.lines[kind].run(() =>
      compare(bcryptInput(secret), isUsable && storedHash ? storedHash : NOBODY),
    );
    return isSame && isUsable;
  }
}

/**
 * What bcrypt is given: the secret in Unicode's normal form C, so that it does not matter how a keyboard composes letters. Where that
 * has more than the 72 bytes that bcrypt reads, or a NUL, at which some implementations stop, a keyed SHA-384 of it stands for all of
 * it, as 64 characters.
 */
export function bcryptInput(secret: string): string {
  const normal = secret.normalize('NFC');
  if (Buffer.byteLength(normal) <= BCRYPT_BYTES && !normal.includes('\0')) return normal;
  return createHmac('sha384', LONG_PASSWORD).update(normal).digest('base64');
}
