import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type Queries, toIso } from '../database';
import type { Client } from './client';

export type LoginReason =
  'OK' | 'UNKNOWN_USER' | 'WRONG_PASSWORD' | 'INACTIVE' | 'LOCKED' | 'CODE_MISSING' | 'WRONG_CODE';

export interface LoginAttempt extends Client {
  user_id: string | null;
  username: string;
  reason: LoginReason;
}

export interface RefreshToken {
  family_id: string;
  user_id: string;
  /** Used or revoked before. */
  is_spent: boolean;
  /** Used so lately that its answer may be asked for again; then the seed of its successor. */
  grace_seed: Buffer | null;
}

type RefreshTokenRow = Omit<RefreshToken, 'is_spent'> & { is_spent: number };

/** Why a session ended before its time. */
export type RevocationReason =
  'logout' | 'token_reused' | 'ended_by_user' | 'ended_by_staff' | 'password_changed' | 'totp_disabled';

/** How the user of a session proved who they are. */
export interface SessionProof {
  authenticated_at_s: number;
  has_second_factor: boolean;
}

/** A session that is open. */
export interface OpenSession {
  session_id: string;
  ip_address: string | null;
  user_agent: string | null;
  created_at: string;
  last_used_at: string;
  authenticated_at: string;
  has_second_factor: boolean;
}

type OpenSessionRow = Omit<OpenSession, 'has_second_factor'> & { has_second_factor: number };

const MAX_USERNAME = 64;
const MAX_USER_AGENT = 255;

/**
 * auth_sessions, refresh_tokens and login_activity. Of a refresh token only its SHA-256 is kept: it is random, so nothing slower is
 * needed.
 */
@Injectable()
export class SessionsRepository {
  constructor(private readonly database: Database) {}

  async recordLogin(attempt: LoginAttempt): Promise<void> {
    await this.database.execute(
      `INSERT INTO login_activity (user_id, username, succeeded, reason, ip_address, user_agent) VALUES (?, ?, ?, ?, ?, ?)`,
      [
        attempt.user_id,
        cut(attempt.username, MAX_USERNAME),
        attempt.reason === 'OK',
        attempt.reason,
        attempt.ip_address,
        cutAgent(attempt.user_agent),
      ],
    );
  }

  async open(
    queries: Queries,
    sessionId: string,
    userId: string,
    client: Client,
    hasSecondFactor: boolean,
  ): Promise<void> {
    await queries.execute(
      'INSERT INTO auth_sessions (session_id, user_id, ip_address, user_agent, has_second_factor) VALUES (?, ?, ?, ?, ?)',
      [sessionId, userId, client.ip_address, cutAgent(client.user_agent), hasSecondFactor],
    );
  }

  async issue(
    queries: Queries,
    token: string,
    familyId: string,
    userId: string,
    lifetimeDays: number,
  ): Promise<void> {
    await queries.execute(
      `INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
       VALUES (?, ?, ?, UTC_TIMESTAMP(6) + INTERVAL ? DAY)`,
      [digest(token), familyId, userId, lifetimeDays],
    );
  }

  /** Marks a token as used and keeps the seed of its successor. True for exactly one of those who use it at once. */
  async use(queries: Queries, token: string, seed: Buffer): Promise<boolean> {
    const { affectedRows } = await queries.execute(
      `UPDATE refresh_tokens SET used_at = UTC_TIMESTAMP(6), successor_seed = ?
       WHERE token_hash = ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(6)`,
      [seed, digest(token)],
    );
    return affectedRows > 0;
  }

  /** Once a token is used, nobody asks for it again: what its predecessor knows of it is forgotten. */
  async forgetSeeds(queries: Queries, familyId: string, usedToken: string): Promise<void> {
    await queries.execute(
      `UPDATE refresh_tokens SET successor_seed = NULL
       WHERE family_id = ? AND successor_seed IS NOT NULL AND token_hash <> ?`,
      [familyId, digest(usedToken)],
    );
  }

  async find(queries: Queries, token: string, graceSeconds = 0): Promise<RefreshToken | null> {
    const [row] = await queries.query<RefreshTokenRow>(
      `SELECT family_id, user_id, used_at IS NOT NULL OR revoked_at IS NOT NULL AS is_spent,
         IF(revoked_at IS NULL AND used_at > UTC_TIMESTAMP(6) - INTERVAL ? SECOND, successor_seed, NULL) AS grace_seed
       FROM refresh_tokens WHERE token_hash = ?`,
      [graceSeconds, digest(token)],
    );
    return row ? { ...row, user_id: String(row.user_id), is_spent: Number(row.is_spent) === 1 } : null;
  }

  async isUnused(queries: Queries, token: string): Promise<boolean> {
    const rows = await queries.query(
      'SELECT 1 AS found FROM refresh_tokens WHERE token_hash = ? AND used_at IS NULL AND revoked_at IS NULL',
      [digest(token)],
    );
    return rows.length > 0;
  }

  /** Notes where a session was used from, and answers how its user proved who they are. */
  async touch(queries: Queries, sessionId: string, client: Client): Promise<SessionProof | null> {
    await queries.execute(
      'UPDATE auth_sessions SET last_used_at = UTC_TIMESTAMP(6), ip_address = ?, user_agent = ? WHERE session_id = ?',
      [client.ip_address, cutAgent(client.user_agent), sessionId],
    );
    const [row] = await queries.query<{ at: string; has_second_factor: number }>(
      'SELECT FLOOR(UNIX_TIMESTAMP(authenticated_at)) AS at, has_second_factor FROM auth_sessions WHERE session_id = ?',
      [sessionId],
    );
    return row
      ? { authenticated_at_s: Number(row.at), has_second_factor: row.has_second_factor === 1 }
      : null;
  }

  /** The user has proved again who they are. False when the session has ended. */
  async markAuthenticated(queries: Queries, sessionId: string, hasSecondFactor: boolean): Promise<boolean> {
    const { affectedRows } = await queries.execute(
      `UPDATE auth_sessions SET authenticated_at = UTC_TIMESTAMP(6), last_used_at = UTC_TIMESTAMP(6),
         has_second_factor = has_second_factor OR ?
       WHERE session_id = ? AND revoked_at IS NULL`,
      [hasSecondFactor, sessionId],
    );
    return affectedRows > 0;
  }

  /** Sessions that can still be refreshed, last used first. */
  async listOpen(userId: string, limit: number): Promise<OpenSession[]> {
    const rows = await this.database.query<OpenSessionRow>(
      `SELECT s.session_id, s.ip_address, s.user_agent, s.created_at, s.last_used_at, s.authenticated_at, s.has_second_factor
       FROM auth_sessions s
       WHERE s.user_id = ? AND s.revoked_at IS NULL AND EXISTS (
         SELECT 1 FROM refresh_tokens t
         WHERE t.family_id = s.session_id AND t.used_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > UTC_TIMESTAMP(6))
       ORDER BY s.last_used_at DESC, s.session_id LIMIT ?`,
      [userId, limit],
    );
    return rows.map((row) => ({
      ...row,
      created_at: toIso(row.created_at),
      last_used_at: toIso(row.last_used_at),
      authenticated_at: toIso(row.authenticated_at),
      has_second_factor: row.has_second_factor === 1,
    }));
  }

  /** Ends one session of a user. False when the user has no such session. */
  async revokeOneOf(
    queries: Queries,
    userId: string,
    sessionId: string,
    reason: RevocationReason,
  ): Promise<boolean> {
    const rows = await queries.query(
      'SELECT 1 AS found FROM auth_sessions WHERE session_id = ? AND user_id = ?',
      [sessionId, userId],
    );
    if (rows.length === 0) return false;
    await this.revokeFamily(queries, sessionId, reason);
    return true;
  }

  async revokeFamily(queries: Queries, familyId: string, reason: RevocationReason): Promise<void> {
    await queries.execute(
      'UPDATE refresh_tokens SET revoked_at = UTC_TIMESTAMP(6) WHERE family_id = ? AND revoked_at IS NULL',
      [familyId],
    );
    await queries.execute(
      `UPDATE auth_sessions SET revoked_at = UTC_TIMESTAMP(6), revoked_reason = ?
       WHERE session_id = ? AND revoked_at IS NULL`,
      [reason, familyId],
    );
  }

  /** Ends all sessions of a user, or all but one. */
  async revokeAllOf(
    queries: Queries,
    userId: string,
    reason: RevocationReason,
    except: string | null = null,
  ): Promise<void> {
    await queries.execute(
      `UPDATE refresh_tokens SET revoked_at = UTC_TIMESTAMP(6)
       WHERE user_id = ? AND revoked_at IS NULL AND family_id <> COALESCE(?, '')`,
      [userId, except],
    );
    await queries.execute(
      `UPDATE auth_sessions SET revoked_at = UTC_TIMESTAMP(6), revoked_reason = ?
       WHERE user_id = ? AND revoked_at IS NULL AND session_id <> COALESCE(?, '')`,
      [reason, userId, except],
    );
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function cutAgent(userAgent: string | null): string | null {
  return userAgent === null ? null : cut(userAgent, MAX_USER_AGENT);
}

/** The first `max` characters as the database counts them. */
function cut(text: string, max: number): string {
  return [...text].slice(0, max).join('');
}
