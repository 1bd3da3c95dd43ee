import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import { type Actor, Database, type Queries } from '../database';
import { BankError } from '../errors';
import type { Principal } from '../http/request-context';
import type { Authentication } from './authentication';
import type { Client } from './client';
import { CredentialsRepository, type Standing } from './credentials.repository';
import { SessionsRepository } from './sessions.repository';
import { TokenRevocations } from './token-revocations';
import { TokenService } from './token.service';

/** An access token by itself. */
export interface AccessToken {
  access_token: string;
  token_type: 'bearer';
  /** Seconds. */
  expires_in: number;
}

/** What a login or a refresh answers. */
export interface Session extends AccessToken {
  refresh_token: string;
  user_id: string;
  username: string;
  role: string;
}

const REFRESH_TOKEN_BYTES = 32;

/** Opens, renews and ends sessions. Who may have one is decided by LoginService. */
@Injectable()
export class SessionsService {
  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly database: Database,
    private readonly credentials: CredentialsRepository,
    private readonly sessions: SessionsRepository,
    private readonly revocations: TokenRevocations,
    private readonly tokens: TokenService,
  ) {}

  /** A session for a user whose standing is locked in this transaction. */
  async open(queries: Queries, user: Standing, client: Client, hasSecondFactor: boolean): Promise<Session> {
    const sessionId = randomUUID();
    const refreshToken = randomBytes(REFRESH_TOKEN_BYTES).toString('base64url');
    await this.sessions.open(queries, sessionId, user.user_id, client, hasSecondFactor);
    await this.issue(queries, refreshToken, sessionId, user.user_id);
    return this.session(user, refreshToken, {
      session_id: sessionId,
      authenticated_at_s: nowSeconds(),
      has_second_factor: hasSecondFactor,
    });
  }

  /**
   * Gives a new session for a refresh token, which is good once. One that comes again within REFRESH_GRACE_SECONDS, and whose
   * successor nobody has used, is answered with the same successor: its client lost the answer. Any other that was used or revoked
   * before may be stolen: all that descend from the same login end then, whoever holds them.
   * @throws BankError INVALID_REFRESH_TOKEN
   */
  async refresh(token: string, client: Client, actor: Actor): Promise<Session> {
    const session = await this.database.transaction(actor, async (queries): Promise<Session | null> => {
      const known = await this.sessions.find(queries, token);
      if (!known) return null;
      const holder = await this.credentials.lockStanding(queries, known.user_id);
      if (!holder?.is_active) return null;
      const successor = await this.successor(queries, token, known.family_id, known.user_id);
      if (!successor) return null;
      const proof = await this.sessions.touch(queries, known.family_id, client);
      return this.session(holder, successor, {
        session_id: known.family_id,
        authenticated_at_s: proof?.authenticated_at_s ?? 0,
        has_second_factor: proof?.has_second_factor ?? false,
      });
    });
    if (session) return session;
    // Whatever ended by this ends here at once.
    await this.revocations.poll();
    throw new BankError('INVALID_REFRESH_TOKEN');
  }

  /** The token that follows. Null, with the family revoked, for one that is spent: not thrown, as that must be committed. */
  private async successor(
    queries: Queries,
    token: string,
    familyId: string,
    userId: string,
  ): Promise<string | null> {
    const seed = randomBytes(REFRESH_TOKEN_BYTES);
    if (await this.sessions.use(queries, token, seed)) {
      const successor = successorOf(token, seed);
      await this.issue(queries, successor, familyId, userId);
      await this.sessions.forgetSeeds(queries, familyId, token);
      return successor;
    }
    const found = await this.sessions.find(queries, token, this.environment.REFRESH_GRACE_SECONDS);
    if (!found?.is_spent) return null;
    const again = found.grace_seed && successorOf(token, found.grace_seed);
    if (again && (await this.sessions.isUnused(queries, again))) return again;
    await this.sessions.revokeFamily(queries, familyId, 'token_reused');
    return null;
  }

  /** Ends the session that a refresh token belongs to. A token that nobody knows is nothing to complain about. */
  async logout(token: string, actor: Actor): Promise<void> {
    const found = await this.sessions.find(this.database, token);
    if (!found) return;
    await this.database.transaction(actor, (queries) =>
      this.sessions.revokeFamily(queries, found.family_id, 'logout'),
    );
    await this.revocations.poll();
  }

  /**
   * The user of a session has proved again who they are: an access token that says so.
   * @throws BankError UNAUTHENTICATED when the session or the user is no longer active
   */
  async reauthenticated(
    { user_id }: Principal,
    { session_id, has_second_factor }: Authentication,
    gaveSecondFactor: boolean,
  ): Promise<AccessToken> {
    return this.database.transaction(null, async (queries) => {
      const user = await this.credentials.lockStanding(queries, user_id);
      if (!user?.is_active) throw new BankError('UNAUTHENTICATED');
      if (
        session_id !== null &&
        !(await this.sessions.markAuthenticated(queries, session_id, gaveSecondFactor))
      )
        throw new BankError('UNAUTHENTICATED');
      return this.accessToken(user, {
        session_id,
        authenticated_at_s: nowSeconds(),
        has_second_factor: has_second_factor || gaveSecondFactor,
      });
    });
  }

  private issue(queries: Queries, token: string, familyId: string, userId: string): Promise<void> {
    return this.sessions.issue(queries, token, familyId, userId, this.environment.REFRESH_TOKEN_DAYS);
  }

  private session(user: Standing, refreshToken: string, authentication: Authentication): Session {
    const { user_id, username, role } = user;
    return {
      ...this.accessToken(user, authentication),
      refresh_token: refreshToken,
      user_id,
      username,
      role,
    };
  }

  private accessToken(user: Standing, authentication: Authentication): AccessToken {
    const { user_id, username, role, token_version } = user;
    return {
      access_token: this.tokens.sign({ user_id, username, role }, token_version, authentication),
      token_type: 'bearer',
      expires_in: this.tokens.lifetimeSeconds,
    };
  }
}

/**
 * What follows a refresh token: known to who has both the token, which the bank does not keep, and the seed, which nobody else has.
 * So the answer can be given again, and neither a copy of the database nor an old token alone leads to it.
 */
function successorOf(token: string, seed: Buffer): string {
  return createHmac('sha256', token).update(seed).digest('base64url');
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
