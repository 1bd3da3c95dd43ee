import { Inject, Injectable } from '@nestjs/common';
import { totpPlace } from '../crypto/encrypted-columns';
import { Keyring } from '../crypto/keyring';
import { KEYRING } from '../crypto/crypto.module';
import { type Actor, Database } from '../database';
import { BankError } from '../errors';
import { CODE_RATE_LIMITER } from '../rate-limit/rate-limit.guard';
import type { RateLimiter } from '../rate-limit/rate-limiter';
import { hashRecoveryCode } from './recovery-codes';
import { locked } from './secret-checker';
import { stepOf } from './totp-codes';
import { TotpRepository, type TotpState } from './totp.repository';

/** What a client sends as its second factor. */
export interface GivenCode {
  totp_code?: string | undefined;
  recovery_code?: string | undefined;
}

/**
 * Looks at one-time and recovery codes under their lockout and their rate limit. As with passwords, a try is decided when it is
 * recorded: of fifty guesses at once five are answered, and a code that was right once is wrong ever after.
 */
@Injectable()
export class SecondFactorService {
  constructor(
    @Inject(KEYRING) private readonly keyring: Keyring | null,
    @Inject(CODE_RATE_LIMITER) private readonly limiter: RateLimiter,
    private readonly database: Database,
    private readonly totp: TotpRepository,
  ) {}

  /**
   * Lets someone on who has no second factor, answering false, or who gave it, answering true.
   * @throws BankError TOTP_REQUIRED, TOTP_INVALID, USER_LOCKED, RATE_LIMITED
   */
  async pass(userId: string, given: GivenCode, actor: Actor): Promise<boolean> {
    const state = await this.totp.find(userId);
    if (state.secret === null) return false;
    await this.require(userId, state, given, actor);
    return true;
  }

  private async require(
    userId: string,
    state: TotpState,
    { totp_code, recovery_code }: GivenCode,
    actor: Actor,
  ): Promise<void> {
    if (totp_code === undefined && recovery_code === undefined) throw new BankError('TOTP_REQUIRED');
    await this.limiter.take(userId);
    if (state.locked_s > 0) throw locked(state.locked_s);
    const isRight =
      totp_code !== undefined
        ? await this.isRightCode(userId, state.secret ?? '', totp_code)
        : await this.isRightRecoveryCode(userId, recovery_code ?? '', actor);
    if (isRight) return;
    if (!(await this.totp.recordWrong(userId))) {
      const { locked_s } = await this.totp.find(userId);
      if (locked_s > 0) throw locked(locked_s);
    }
    throw new BankError('TOTP_INVALID');
  }

  private async isRightCode(userId: string, secret: string, code: string): Promise<boolean> {
    const step = stepOf(code, this.open(secret, userId));
    return step !== null && this.totp.takeStep(userId, secret, step);
  }

  private isRightRecoveryCode(userId: string, code: string, actor: Actor): Promise<boolean> {
    return this.database.transaction(actor, (queries) =>
      this.totp.takeRecoveryCode(queries, userId, hashRecoveryCode(code)),
    );
  }

  /**
   * The time step of the first code of a new secret, which counts under no lock yet.
   * @throws BankError TOTP_INVALID, RATE_LIMITED
   */
  async firstStep(userId: string, pendingSecret: string, code: string): Promise<number> {
    await this.limiter.take(userId);
    const step = stepOf(code, this.open(pendingSecret, userId));
    if (step === null) throw new BankError('TOTP_INVALID');
    return step;
  }

  /** Encrypts a shared secret for its row. @throws BankError SECOND_FACTOR_UNAVAILABLE without DATA_KEYS */
  seal(secret: string, userId: string): string {
    return this.requireKeyring().encrypt(secret, totpPlace(userId));
  }

  /** @throws BankError SECOND_FACTOR_UNAVAILABLE without DATA_KEYS */
  private open(ciphertext: string, userId: string): string {
    return this.requireKeyring().decrypt(ciphertext, totpPlace(userId)).toString();
  }

  private requireKeyring(): Keyring {
    if (!this.keyring) throw new BankError('SECOND_FACTOR_UNAVAILABLE');
    return this.keyring;
  }
}
