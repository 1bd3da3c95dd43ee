import { Injectable } from '@nestjs/common';
import { compare, hash } from 'bcrypt';
import { BankError } from '../errors';

const ROUNDS = 12;
/** bcrypt reads no further. */
export const MAX_SECRET_BYTES = 72;
/** The hash of nothing anyone knows: compared with when there is no user, so that the answer takes as long. */
const NOBODY = '$2b$12$3PkCbDA1q3ClSDgbrclLg..EWBC3rISvtp1gPxLqEdfhOol6eeHry';

/** Hashes at once in this process: libuv has four threads, and files, DNS and compression need some too. */
const MAX_RUNNING = 2;
/** At a quarter of a second a hash, who comes later than this would wait for longer than clients do. */
const MAX_WAITING = 100;

/** bcrypt for passwords and PINs: on libuv's threads, off the event loop, a few at a time. */
@Injectable()
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @throws BankError TOO_MANY_LOGINS when too many wait */
  hash(secret: string): Promise<string> {
    return this.whenFree(() => hash(secret, ROUNDS));
  }

  /**
   * Whether `secret` belongs to `storedHash`. Without a usable hash it does the same work and answers false.
   * @throws BankError TOO_MANY_LOGINS when too many wait
   */
  async matches(secret: string, storedHash: string | null): Promise<boolean> {
    const isUsable = storedHash?.startsWith('$2') ?? false;
    const isSame = await this.whenFree(() => compare(secret, isUsable && storedHash ? storedHash : NOBODY));
    // Beyond what bcrypt reads, a longer secret would match its beginning.
    return isSame && isUsable && fitsBcrypt(secret);
  }

  private async whenFree<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= MAX_RUNNING) {
      if (this.waiting.length >= MAX_WAITING) throw new BankError('TOO_MANY_LOGINS', { retry_after_s: 10 });
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      // The place goes to the next in line without becoming free in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

/** Whether bcrypt reads all of it: at most 72 bytes, and no NUL, at which some implementations stop. */
export function fitsBcrypt(secret: string): boolean {
  return Buffer.byteLength(secret) <= MAX_SECRET_BYTES && !secret.includes('\0');
}
