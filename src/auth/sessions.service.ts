import { randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import { Database, type Queries } from '../database';
import { BankError } from '../errors';
import type { Client } from './client';
import { CredentialsRepository, type Login, type Standing } from './credentials.repository';
import { PasswordHasher } from './password-hasher';
import { SecretChecker } from './secret-checker';
import { type LoginReason, SessionsRepository } from './sessions.repository';
import { TokenService } from './token.service';

/** What a login or a refresh answers. */
export interface Session {
  access_token: string;
  token_type: 'bearer';
  /** Seconds. */
  expires_in: number;
  refresh_token: string;
  user_id: string;
  username: string;
  role: string;
}

const REFRESH_TOKEN_BYTES = 32;

/** Logs in and out, and renews sessions. */
@Injectable()
export class SessionsService {
  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly database: Database,
    private readonly credentials: CredentialsRepository,
    private readonly sessions: SessionsRepository,
    private readonly checker: SecretChecker,
    private readonly hasher: PasswordHasher,
    private readonly tokens: TokenService,
  ) {}

  /**
   * Opens a session. Unknown users, wrong passwords and inactive users get the same answer after the same work.
   * @throws BankError INVALID_CREDENTIALS, USER_LOCKED
   */
  async login(username: string, password: string, client: Client): Promise<Session> {
    const login = await this.credentials.findLogin(username);
    const attempt = { username, user_id: login?.user_id ?? null, ...client };
    let reason: LoginReason;
    try {
      reason = await this.decide(login, password);
    } catch (error) {
      if (error instanceof BankError && error.code === 'USER_LOCKED')
        await this.sessions.recordLogin({ ...attempt, reason: 'LOCKED' });
      throw error;
    }
    const opened = login && reason === 'OK' ? await this.open(login) : reason;
    await this.sessions.recordLogin({ ...attempt, reason: typeof opened === 'string' ? opened : 'OK' });
    if (typeof opened === 'string') throw new BankError('INVALID_CREDENTIALS');
    return opened;
  }

  /** A session, or why not: the password may have changed, or the user been deactivated, while it was compared. */
  private async open({ user_id, password }: Login): Promise<Session | LoginReason> {
    const refreshToken = newRefreshToken();
    return this.database.transaction(null, async (queries): Promise<Session | LoginReason> => {
      const user = await this.credentials.lockStanding(queries, user_id);
      if (user?.password_hash !== password.hash) return 'WRONG_PASSWORD';
      if (!user.is_active) return 'INACTIVE';
      await this.issue(queries, refreshToken, randomUUID(), user_id);
      return this.session(user, refreshToken);
    });
  }

  private async decide(login: Login | null, password: string): Promise<LoginReason> {
    if (!login) {
      await this.hasher.matches('password', password, null);
      return 'UNKNOWN_USER';
    }
    if (await this.checker.isRight(login.password, password, login.is_active)) return 'OK';
    return login.is_active ? 'WRONG_PASSWORD' : 'INACTIVE';
  }

  /**
   * Gives a new session for a refresh token, which is good once. One that was used or revoked before may be stolen: all that
   * descend from the same login end then, whoever holds them.
   * @throws BankError INVALID_REFRESH_TOKEN
   */
  async refresh(token: string): Promise<Session> {
    const successor = newRefreshToken();
    const user = await this.database.transaction(null, async (queries): Promise<Standing | null> => {
      const known = await this.sessions.find(queries, token);
      if (!known) return null;
      const holder = await this.credentials.lockStanding(queries, known.user_id);
      if ((await this.sessions.use(queries, token)) && holder?.is_active) {
        await this.issue(queries, successor, known.family_id, known.user_id);
        return holder;
      }
      // Answered with null, not thrown: the revocation must be committed.
      const found = await this.sessions.find(queries, token);
      if (found?.is_spent) await this.sessions.revokeFamily(queries, found.family_id);
      return null;
    });
    if (!user) throw new BankError('INVALID_REFRESH_TOKEN');
    return this.session(user, successor);
  }

  /** Ends the session that a refresh token belongs to. A token that nobody knows is nothing to complain about. */
  async logout(token: string): Promise<void> {
    const found = await this.sessions.find(this.database, token);
    if (found) await this.sessions.revokeFamily(this.database, found.family_id);
  }

  private issue(queries: Queries, token: string, familyId: string, userId: string): Promise<void> {
    return this.sessions.issue(queries, token, familyId, userId, this.environment.REFRESH_TOKEN_DAYS);
  }

  private session({ user_id, username, role, token_version }: Standing, refreshToken: string): Session {
    return {
      access_token: this.tokens.sign({ user_id, username, role }, token_version),
      token_type: 'bearer',
      expires_in: this.tokens.lifetimeSeconds,
      refresh_token: refreshToken,
      user_id,
      username,
      role,
    };
  }
}

function newRefreshToken(): string {
  return randomBytes(REFRESH_TOKEN_BYTES).toString('base64url');
}
