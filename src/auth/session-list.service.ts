import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../database';
import { BankError } from '../errors';
import type { Authentication } from './authentication';
import { CredentialsRepository } from './credentials.repository';
import { type OpenSession, SessionsRepository } from './sessions.repository';
import { TokenRevocations } from './token-revocations';

/** Sessions that are shown at most. Ending all ends those that are not shown too. */
const LIST_MAX = 200;

/** What people and administrators see of sessions, and how they end them. */
@Injectable()
export class SessionListService {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionsRepository,
    private readonly credentials: CredentialsRepository,
    private readonly revocations: TokenRevocations,
  ) {}

  async own(
    userId: string,
    { session_id }: Authentication,
  ): Promise<{ items: (OpenSession & { is_current: boolean })[] }> {
    const items = await this.sessions.listOpen(userId, LIST_MAX);
    return { items: items.map((session) => ({ ...session, is_current: session.session_id === session_id })) };
  }

  async of(userId: string): Promise<{ items: OpenSession[] }> {
    return { items: await this.sessions.listOpen(userId, LIST_MAX) };
  }

  /** @throws BankError SESSION_NOT_FOUND */
  async end(actor: Actor, userId: string, sessionId: string): Promise<void> {
    const reason = actor.user_id === userId ? 'ended_by_user' : 'ended_by_staff';
    const isFound = await this.database.transaction(actor, (queries) =>
      this.sessions.revokeOneOf(queries, userId, sessionId, reason),
    );
    if (!isFound) throw new BankError('SESSION_NOT_FOUND');
    await this.revocations.poll();
  }

  /** Ends all sessions of the caller but the one that asks. */
  async endOthers(actor: Actor, userId: string, { session_id }: Authentication): Promise<void> {
    await this.database.transaction(actor, (queries) =>
      this.sessions.revokeAllOf(queries, userId, 'ended_by_user', session_id),
    );
    await this.revocations.poll();
  }

  /** Ends all sessions of a user, and every access token with them. @throws BankError USER_NOT_FOUND */
  async endAll(actor: Actor, userId: string): Promise<void> {
    await this.database.transaction(actor, async (queries) => {
      if (!(await this.credentials.endTokens(queries, userId))) throw new BankError('USER_NOT_FOUND');
      await this.sessions.revokeAllOf(queries, userId, 'ended_by_staff');
    });
    await this.revocations.poll();
  }
}
