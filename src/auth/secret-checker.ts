import { Injectable } from '@nestjs/common';
import { BankError } from '../errors';
import { CredentialsRepository, type Secret, type SecretKind } from './credentials.repository';
import { PasswordHasher } from './password-hasher';

/**
 * Compares passwords and PINs under their lockout. A try is decided when it is recorded, not when it is read: of fifty guesses
 * at once, five are answered, and the rest meet the lock that those five brought, whether they were right or not.
 */
@Injectable()
export class SecretChecker {
  constructor(
    private readonly credentials: CredentialsRepository,
    private readonly hasher: PasswordHasher,
  ) {}

  /**
   * Whether `given` is the secret. `mayPass: false` has even the right one count as wrong, and look and last the same.
   * @throws BankError USER_LOCKED, with the time left, which tells nothing about the guess
   */
  async isRight(secret: Secret, given: string, mayPass = true): Promise<boolean> {
    if (secret.locked_s > 0) throw locked(secret.locked_s);
    const isRight = (await this.hasher.matches(secret.kind, given, secret.hash)) && mayPass;
    const isDecided = isRight
      ? await this.credentials.recordRight(secret)
      : await this.credentials.recordWrong(secret);
    if (isDecided) return isRight;
    const now = await this.credentials.findSecret(secret.kind, secret.user_id);
    if (now && now.locked_s > 0) throw locked(now.locked_s);
    // Not locked, so the secret itself was changed while this one was compared.
    return false;
  }

  /** The user's secret of a kind, if it is what was given. @throws BankError with `code` when wrong, or USER_LOCKED */
  async require(
    kind: SecretKind,
    userId: string,
    given: string,
    code: 'PASSWORD_INVALID' | 'PIN_INVALID',
  ): Promise<Secret> {
    const secret = await this.credentials.findSecret(kind, userId);
    if (!secret || !(await this.isRight(secret, given))) throw new BankError(code);
    return secret;
  }
}

/** The answer to a try that meets a lock: with the time left, which tells nothing about the guess. */
export function locked(seconds: number): BankError {
  return new BankError('USER_LOCKED', { retry_after_s: seconds });
}
