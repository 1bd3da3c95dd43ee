import { Injectable } from '@nestjs/common';
import { Database, type Queries } from '../database';
import { countWrongTry, isUnlocked, lockedSeconds } from './lockout';

export type SecretKind = 'password' | 'pin';

/** A user's secret and how things stand with it. */
export interface Secret {
  kind: SecretKind;
  user_id: string;
  /** bcrypt; null when the user has not set one. */
  hash: string | null;
  /** Seconds until the next try is looked at; 0 when not locked. */
  locked_s: number;
}

/** Who logs in. */
export interface Login {
  user_id: string;
  username: string;
  role: string;
  is_active: boolean;
  password: Secret;
}

/** A user as a session is opened for them. */
export interface Standing {
  user_id: string;
  username: string;
  role: string;
  is_active: boolean;
  token_version: number;
  password_hash: string;
}

type StandingRow = Omit<Standing, 'is_active'> & { is_active: number };

interface LoginRow {
  user_id: string;
  username: string;
  role: string;
  is_active: number;
  password_hash: string;
  locked_s: number | string;
}

/** The columns of each kind of secret: names, never input. */
const COLUMNS = {
  password: { hash: 'password_hash', failed: 'failed_password_count', locked_until: 'password_locked_until' },
  pin: { hash: 'pin_hash', failed: 'failed_pin_count', locked_until: 'pin_locked_until' },
} as const satisfies Record<SecretKind, object>;

/** user_credentials: hashes, lockouts, and the version of a user's access tokens. */
@Injectable()
export class CredentialsRepository {
  constructor(private readonly database: Database) {}

  async findLogin(username: string): Promise<Login | null> {
    // Usernames are ASCII, and servers differ in what they say to a comparison with anything else.
    if (!/^[\x21-\x7e]+$/.test(username)) return null;
    const [row] = await this.database.query<LoginRow>(
      `SELECT u.user_id, u.username, u.role, u.is_active, c.password_hash,
         ${lockedSeconds('c.password_locked_until')} AS locked_s
       FROM users u JOIN user_credentials c ON c.user_id = u.user_id
       WHERE u.username = ?`,
      [username],
    );
    if (!row) return null;
    const { password_hash: hash, locked_s, ...user } = row;
    const userId = String(user.user_id);
    return {
      ...user,
      user_id: userId,
      is_active: user.is_active === 1,
      password: { kind: 'password', user_id: userId, hash, locked_s: Number(locked_s) },
    };
  }

  /**
   * Who the user is now. Until the transaction ends nobody changes their password, role or activity, so that a session is
   * opened either before such a change, which then ends it, or on its terms. Locks in the order in which those changes do.
   */
  async lockStanding(queries: Queries, userId: string): Promise<Standing | null> {
    const [row] = await queries.query<StandingRow>(
      `SELECT u.user_id, u.username, u.role, u.is_active, c.token_version, c.password_hash
       FROM users u STRAIGHT_JOIN user_credentials c ON c.user_id = u.user_id
       WHERE u.user_id = ? LOCK IN SHARE MODE`,
      [userId],
    );
    return row ? { ...row, user_id: String(row.user_id), is_active: row.is_active === 1 } : null;
  }

  async findSecret(kind: SecretKind, userId: string): Promise<Secret | null> {
    const { hash, locked_until } = COLUMNS[kind];
    const [row] = await this.database.query<{ hash: string | null; locked_s: number | string }>(
      `SELECT ${hash} AS hash, ${lockedSeconds(locked_until)} AS locked_s FROM user_credentials WHERE user_id = ?`,
      [userId],
    );
    return row ? { kind, user_id: userId, hash: row.hash, locked_s: Number(row.locked_s) } : null;
  }

  /**
   * Forgets the wrong tries, unless a lock has come up since the secret was read, or the secret was changed.
   * Answers whether the right secret may count as right.
   */
  async recordRight({ kind, user_id, hash }: Secret): Promise<boolean> {
    const column = COLUMNS[kind];
    const { affectedRows } = await this.database.execute(
      `UPDATE user_credentials SET ${column.locked_until} = NULL, ${column.failed} = 0
       WHERE user_id = ? AND ${column.hash} = ?
         AND ${isUnlocked(column.locked_until)}`,
      [user_id, hash],
    );
    return affectedRows > 0;
  }

  /**
   * Counts a wrong try, which may bring a lock: lockout.ts. Answers whether it was counted: false when a lock has come up since
   * the secret was read.
   */
  async recordWrong({ kind, user_id }: Secret): Promise<boolean> {
    const columns = COLUMNS[kind];
    const { affectedRows } = await this.database.execute(
      `UPDATE user_credentials SET ${countWrongTry(columns)}
       WHERE user_id = ? AND ${isUnlocked(columns.locked_until)}`,
      [user_id],
    );
    return affectedRows > 0;
  }

  async insert(queries: Queries, userId: string, passwordHash: string): Promise<void> {
    await queries.execute('INSERT INTO user_credentials (user_id, password_hash) VALUES (?, ?)', [
      userId,
      passwordHash,
    ]);
  }

  /** Sets a password and ends all access tokens issued so far. False when the old hash is no longer the user's. */
  async replacePassword(
    queries: Queries,
    userId: string,
    oldHash: string | null,
    newHash: string,
  ): Promise<boolean> {
    const { affectedRows } = await queries.execute(
      `UPDATE user_credentials
       SET password_hash = ?, password_changed_at = UTC_TIMESTAMP(6), failed_password_count = 0, password_locked_until = NULL,
           token_version = token_version + 1, tokens_revoked_at = UTC_TIMESTAMP(6)
       WHERE user_id = ? AND password_hash = ?`,
      [newHash, userId, oldHash],
    );
    return affectedRows > 0;
  }

  /** Ends all access tokens of a user. False when there is no such user. */
  async endTokens(queries: Queries, userId: string): Promise<boolean> {
    const { affectedRows } = await queries.execute(
      `UPDATE user_credentials SET token_version = token_version + 1, tokens_revoked_at = UTC_TIMESTAMP(6) WHERE user_id = ?`,
      [userId],
    );
    return affectedRows > 0;
  }

  async setPin(userId: string, pinHash: string): Promise<void> {
    await this.database.execute(
      'UPDATE user_credentials SET pin_hash = ?, failed_pin_count = 0, pin_locked_until = NULL WHERE user_id = ?',
      [pinHash, userId],
    );
  }
}
