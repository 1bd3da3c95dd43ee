import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type Queries } from '../database';

export type LoginReason = 'OK' | 'UNKNOWN_USER' | 'WRONG_PASSWORD' | 'INACTIVE' | 'LOCKED';

export interface LoginAttempt {
  user_id: string | null;
  username: string;
  reason: LoginReason;
  ip_address: string | null;
  user_agent: string | null;
}

export interface RefreshToken {
  family_id: string;
  user_id: string;
  is_spent: boolean;
}

type RefreshTokenRow = Omit<RefreshToken, 'is_spent'> & { is_spent: number };

const MAX_USERNAME = 64;
const MAX_USER_AGENT = 255;

/** refresh_tokens and login_activity. Of a refresh token only its SHA-256 is kept: it is random, so nothing slower is needed. */
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
        attempt.user_agent === null ? null : cut(attempt.user_agent, MAX_USER_AGENT),
      ],
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

  /** Marks a token as used. True for exactly one of those who use it at once. */
  async use(queries: Queries, token: string): Promise<boolean> {
    const { affectedRows } = await queries.execute(
      `UPDATE refresh_tokens SET used_at = UTC_TIMESTAMP(6)
       WHERE token_hash = ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > UTC_TIMESTAMP(6)`,
      [digest(token)],
    );
    return affectedRows > 0;
  }

  async find(queries: Queries, token: string): Promise<RefreshToken | null> {
    const [row] = await queries.query<RefreshTokenRow>(
      `SELECT family_id, user_id, used_at IS NOT NULL OR revoked_at IS NOT NULL AS is_spent
       FROM refresh_tokens WHERE token_hash = ?`,
      [digest(token)],
    );
    return row ? { ...row, user_id: String(row.user_id), is_spent: Number(row.is_spent) === 1 } : null;
  }

  async revokeFamily(queries: Queries, familyId: string): Promise<void> {
    await queries.execute(
      'UPDATE refresh_tokens SET revoked_at = UTC_TIMESTAMP(6) WHERE family_id = ? AND revoked_at IS NULL',
      [familyId],
    );
  }

  async revokeAllOf(queries: Queries, userId: string): Promise<void> {
    await queries.execute(
      'UPDATE refresh_tokens SET revoked_at = UTC_TIMESTAMP(6) WHERE user_id = ? AND revoked_at IS NULL',
      [userId],
    );
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The first `max` characters as the database counts them. */
function cut(text: string, max: number): string {
  return [...text].slice(0, max).join('');
}
