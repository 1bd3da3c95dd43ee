import { Injectable } from '@nestjs/common';
import { CredentialsRepository } from '../auth/credentials.repository';
import { PasswordHasher } from '../auth/password-hasher';
import { SecretChecker } from '../auth/secret-checker';
import { SessionsRepository } from '../auth/sessions.repository';
import { TokenRevocations } from '../auth/token-revocations';
import { type Actor, Database, duplicateKeyName, isDuplicateKey, type Queries } from '../database';
import { BankError, type ErrorCode } from '../errors';
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
    private readonly checker: SecretChecker,
    private readonly revocations: TokenRevocations,
  ) {}

  /** @throws BankError USERNAME_TAKEN, EMAIL_TAKEN */
  async register(actor: Actor, { password, ...user }: NewUser & { password: string }): Promise<Profile> {
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

  /** @throws BankError EMAIL_TAKEN */
  updateProfile(actor: Actor, userId: string, changes: ProfileChanges): Promise<Profile> {
    return this.change(actor, async (queries) => {
      await this.users.update(queries, userId, changes);
      return this.existing(userId, queries);
    });
  }

  /**
   * Ends every session of the user, the one that asks too: whoever knew the old password is out.
   * @throws BankError PASSWORD_INVALID, USER_LOCKED
   */
  async changePassword(
    actor: Actor,
    userId: string,
    currentPassword: string,
    newPassword: string,
  ): Promise<void> {
    const current = await this.checker.require('password', userId, currentPassword, 'PASSWORD_INVALID');
    const newHash = await this.hasher.hash(newPassword);
    await this.database.transaction(actor, async (queries) => {
      // Of two changes at once, one finds that the password it knew is no longer the password.
      if (!(await this.credentials.replacePassword(queries, userId, current.hash, newHash)))
        throw new BankError('PASSWORD_INVALID');
      await this.sessions.revokeAllOf(queries, userId);
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

  private async change<T>(actor: Actor, work: (queries: Queries) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction(actor, work);
    } catch (error) {
      const code = isDuplicateKey(error) ? TAKEN[duplicateKeyName(error)] : undefined;
      throw code ? new BankError(code) : error;
    }
  }
}
