import { Inject, Injectable } from '@nestjs/common';
import { CredentialsRepository } from '../auth/credentials.repository';
import { PasswordHasher } from '../auth/password-hasher';
import { PasswordPolicy } from '../auth/password-policy';
import { SecretChecker } from '../auth/secret-checker';
import { SessionsRepository } from '../auth/sessions.repository';
import { TokenRevocations } from '../auth/token-revocations';
import { type Actor, Database, duplicateKeyName, isDuplicateKey, type Queries } from '../database';
import { BankError, type ErrorCode } from '../errors';
import { clientKey } from '../rate-limit/client-key';
import { TAKEN_RATE_LIMITER } from '../rate-limit/rate-limit.guard';
import type { RateLimiter } from '../rate-limit/rate-limiter';
import { type NewUser, type Profile, type ProfileChanges, UsersRepository } from './users.repository';

const TAKEN: Record<string, ErrorCode> = {
  uq_users_username: 'USERNAME_TAKEN',
  uq_users_email: 'EMAIL_TAKEN',
};

/** What people do about themselves: register, keep their profile, set password and PIN. */
@Injectable()
export class UsersService {
  constructor(
    private readonly database: Database,
    private readonly users: UsersRepository,
    private readonly credentials: CredentialsRepository,
    private readonly sessions: SessionsRepository,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly checker: SecretChecker,
    private readonly revocations: TokenRevocations,
    @Inject(TAKEN_RATE_LIMITER) private readonly takenLimiter: RateLimiter,
  ) {}

  /** @throws BankError VALIDATION_FAILED for a poor password; USERNAME_TAKEN, EMAIL_TAKEN, RATE_LIMITED */
  async register(actor: Actor, { password, ...user }: NewUser & { password: string }): Promise<Profile> {
    this.policy.check('password', password, user);
    await this.takenLimiter.requireLeft(whoIsTold(actor));
    const passwordHash = await this.hasher.hash(password);
    return this.change(actor, async (queries) => {
      const userId = await this.users.insert(queries, user);
      await this.credentials.insert(queries, userId, passwordHash);
      return this.existing(userId, queries);
    });
  }

  profile(userId: string): Promise<Profile> {
    return this.existing(userId, this.database);
  }

  /** @throws BankError EMAIL_TAKEN, RATE_LIMITED */
  async updateProfile(actor: Actor, userId: string, changes: ProfileChanges): Promise<Profile> {
    if (changes.email !== undefined) await this.takenLimiter.requireLeft(whoIsTold(actor));
    return this.change(actor, async (queries) => {
      await this.users.update(queries, userId, changes);
      return this.existing(userId, queries);
    });
  }

  /**
   * Ends every session of the user, the one that asks too: whoever knew the old password is out.
   * @throws BankError VALIDATION_FAILED for a poor password; PASSWORD_INVALID, USER_LOCKED
   */
  async changePassword(
    actor: Actor,
    userId: string,
    currentPassword: string,
    newPassword: string,
  ): Promise<void> {
    this.policy.check('new_password', newPassword, await this.profile(userId));
    const current = await this.checker.require('password', userId, currentPassword, 'PASSWORD_INVALID');
    const newHash = await this.hasher.hash(newPassword);
    await this.database.transaction(actor, async (queries) => {
      // Of two changes at once, one finds that the password it knew is no longer the password.
      if (!(await this.credentials.replacePassword(queries, userId, current.hash, newHash)))
        throw new BankError('PASSWORD_INVALID');
      await this.sessions.revokeAllOf(queries, userId, 'password_changed');
    });
    await this.revocations.poll();
  }

  /** @throws BankError PASSWORD_INVALID, USER_LOCKED */
  async setPin(userId: string, newPin: string, password: string): Promise<void> {
    await this.checker.require('password', userId, password, 'PASSWORD_INVALID');
    await this.credentials.setPin(userId, await this.hasher.hash(newPin));
  }

  private async existing(userId: string, queries: Queries): Promise<Profile> {
    const profile = await this.users.find(userId, queries);
    if (!profile) throw new BankError('USER_NOT_FOUND');
    return profile;
  }

  /** Who is told that a name or an address is taken learns that somebody is a customer: so it is told only so often. */
  private async change<T>(actor: Actor, work: (queries: Queries) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction(actor, work);
    } catch (error) {
      const code = isDuplicateKey(error) ? TAKEN[duplicateKeyName(error)] : undefined;
      if (!code) throw error;
      await this.takenLimiter.take(whoIsTold(actor));
      throw new BankError(code);
    }
  }
}

function whoIsTold({ user_id, ip_address }: Actor): string {
  return user_id ?? clientKey(ip_address ?? '');
}
