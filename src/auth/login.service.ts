import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../database';
import { BankError, type ErrorCode } from '../errors';
import type { Client } from './client';
import { CredentialsRepository, type Login } from './credentials.repository';
import { LoginDecoysRepository } from './login-decoys.repository';
import { PasswordHasher } from './password-hasher';
import { locked, SecretChecker } from './secret-checker';
import { type GivenCode, SecondFactorService } from './second-factor.service';
import { type LoginReason, SessionsRepository } from './sessions.repository';
import { type Session, SessionsService } from './sessions.service';

export interface GivenLogin extends GivenCode {
  username: string;
  password: string;
}

/** What login_activity says of a login that failed with one of these. */
const REASONS: Partial<Record<ErrorCode, LoginReason>> = {
  USER_LOCKED: 'LOCKED',
  TOTP_REQUIRED: 'CODE_MISSING',
  TOTP_INVALID: 'WRONG_CODE',
};

/** Decides who is let in. */
@Injectable()
export class LoginService {
  constructor(
    private readonly database: Database,
    private readonly credentials: CredentialsRepository,
    private readonly decoys: LoginDecoysRepository,
    private readonly records: SessionsRepository,
    private readonly checker: SecretChecker,
    private readonly hasher: PasswordHasher,
    private readonly secondFactor: SecondFactorService,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Opens a session. Unknown users, wrong passwords and inactive users get the same answer after the same work, and the same lock.
   * The second factor is asked for when the password is right, so it tells nothing to who does not know that.
   * @throws BankError INVALID_CREDENTIALS, USER_LOCKED, TOTP_REQUIRED, TOTP_INVALID, RATE_LIMITED
   */
  async login(given: GivenLogin, client: Client, actor: Actor): Promise<Session> {
    const { username } = given;
    const [login, decoyLocked_s] = await Promise.all([
      this.credentials.findLogin(username),
      // Also asked for users who exist, who would be told by the time it takes otherwise.
      this.decoys.lockedSeconds(username),
    ]);
    const attempt = { username, user_id: login?.user_id ?? null, ...client };
    try {
      const opened = login
        ? await this.enter(login, given, client, { ...actor, user_id: login.user_id })
        : await this.refuseNobody(given, decoyLocked_s);
      await this.records.recordLogin({ ...attempt, reason: typeof opened === 'string' ? opened : 'OK' });
      if (typeof opened !== 'string') return opened;
    } catch (error) {
      const reason = error instanceof BankError ? REASONS[error.code] : undefined;
      if (reason) await this.records.recordLogin({ ...attempt, reason });
      throw error;
    }
    throw new BankError('INVALID_CREDENTIALS');
  }

  /** A session, or why not. */
  private async enter(
    login: Login,
    given: GivenLogin,
    client: Client,
    actor: Actor,
  ): Promise<Session | LoginReason> {
    if (!(await this.checker.isRight(login.password, given.password, login.is_active)))
      return login.is_active ? 'WRONG_PASSWORD' : 'INACTIVE';
    const hasSecondFactor = await this.secondFactor.pass(login.user_id, given, actor);
    return this.database.transaction(null, async (queries): Promise<Session | LoginReason> => {
      // The password may have changed, or the user been deactivated, while it was compared.
      const user = await this.credentials.lockStanding(queries, login.user_id);
      if (user?.password_hash !== login.password.hash) return 'WRONG_PASSWORD';
      if (!user.is_active) return 'INACTIVE';
      return this.sessions.open(queries, user, client, hasSecondFactor);
    });
  }

  /** What SecretChecker does for a user who exists. */
  private async refuseNobody({ username, password }: GivenLogin, locked_s: number): Promise<LoginReason> {
    if (locked_s > 0) throw locked(locked_s);
    await this.hasher.matches('password', password, null);
    if (!(await this.decoys.recordWrong(username))) {
      const now_s = await this.decoys.lockedSeconds(username);
      if (now_s > 0) throw locked(now_s);
    }
    return 'UNKNOWN_USER';
  }
}
