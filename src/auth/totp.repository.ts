import { Injectable } from '@nestjs/common';
import { Database, type Queries, timeOrNull } from '../database';
import { countWrongTry, isUnlocked, lockedSeconds } from './lockout';

/** How things stand with a user's second factor. Secrets are ciphertexts of the keyring. */
export interface TotpState {
  /** null: not enrolled. */
  secret: string | null;
  confirmed_at: string | null;
  /** Waits for its first code; null when there is none, or it has waited too long. */
  pending_secret: string | null;
  /** Seconds until the next try is looked at; 0 when not locked. */
  locked_s: number;
}

const NOT_ENROLLED: TotpState = { secret: null, confirmed_at: null, pending_secret: null, locked_s: 0 };
const PENDING_MINUTES = 15;
const COLUMNS = { failed: 'failed_count', locked_until: 'locked_until' };

/** user_totp and recovery_codes. */
@Injectable()
export class TotpRepository {
  constructor(private readonly database: Database) {}

  async find(userId: string): Promise<TotpState> {
    const [row] = await this.database.query<Omit<TotpState, 'locked_s'> & { locked_s: number | string }>(
      `SELECT secret, confirmed_at,
         IF(pending_since > UTC_TIMESTAMP(6) - INTERVAL ? MINUTE, pending_secret, NULL) AS pending_secret,
         ${lockedSeconds('locked_until')} AS locked_s
       FROM user_totp WHERE user_id = ?`,
      [PENDING_MINUTES, userId],
    );
    return row
      ? { ...row, confirmed_at: timeOrNull(row.confirmed_at), locked_s: Number(row.locked_s) }
      : NOT_ENROLLED;
  }

  async savePending(userId: string, secret: string): Promise<void> {
    await this.database.execute(
      `INSERT INTO user_totp (user_id, pending_secret, pending_since) VALUES (?, ?, UTC_TIMESTAMP(6))
       ON DUPLICATE KEY UPDATE pending_secret = ?, pending_since = UTC_TIMESTAMP(6)`,
      [userId, secret, secret],
    );
  }

  /** The pending secret becomes the secret, with the step of its first code. False when it is no longer the pending one. */
  async confirm(queries: Queries, userId: string, pending: string, step: number): Promise<boolean> {
    const { affectedRows } = await queries.execute(
      `UPDATE user_totp
       SET secret = ?, confirmed_at = UTC_TIMESTAMP(6), pending_secret = NULL, pending_since = NULL, last_step = ?,
         failed_count = 0, locked_until = NULL
       WHERE user_id = ? AND pending_secret = ?`,
      [pending, step, userId, pending],
    );
    return affectedRows > 0;
  }

  /**
   * Takes a right code, and forgets the wrong ones. False when a code of this step or a later one was taken before, when a lock has
   * come up, or the secret was replaced.
   */
  async takeStep(userId: string, secret: string, step: number): Promise<boolean> {
    const { affectedRows } = await this.database.execute(
      `UPDATE user_totp SET last_step = ?, failed_count = 0, locked_until = NULL
       WHERE user_id = ? AND secret = ? AND (last_step IS NULL OR last_step < ?) AND ${isUnlocked('locked_until')}`,
      [step, userId, secret, step],
    );
    return affectedRows > 0;
  }

  /** Uses a recovery code up, and forgets the wrong tries. False when there is no such code left, or a lock has come up. */
  async takeRecoveryCode(queries: Queries, userId: string, codeHash: Buffer): Promise<boolean> {
    const { affectedRows } = await queries.execute(
      `UPDATE recovery_codes SET used_at = UTC_TIMESTAMP(6)
       WHERE user_id = ? AND code_hash = ? AND used_at IS NULL AND EXISTS (
         SELECT 1 FROM user_totp t WHERE t.user_id = ? AND t.secret IS NOT NULL AND ${isUnlocked('t.locked_until')})`,
      [userId, codeHash, userId],
    );
    if (affectedRows === 0) return false;
    await queries.execute('UPDATE user_totp SET failed_count = 0, locked_until = NULL WHERE user_id = ?', [
      userId,
    ]);
    return true;
  }

  /** Counts a wrong code. False when a lock has come up in the meantime. */
  async recordWrong(userId: string): Promise<boolean> {
    const { affectedRows } = await this.database.execute(
      `UPDATE user_totp SET ${countWrongTry(COLUMNS)} WHERE user_id = ? AND ${isUnlocked('locked_until')}`,
      [userId],
    );
    return affectedRows > 0;
  }

  async replaceRecoveryCodes(queries: Queries, userId: string, codeHashes: readonly Buffer[]): Promise<void> {
    await queries.execute('DELETE FROM recovery_codes WHERE user_id = ?', [userId]);
    if (codeHashes.length === 0) return;
    await queries.execute(
      `INSERT INTO recovery_codes (user_id, code_hash) VALUES ${codeHashes.map(() => '(?, ?)').join(', ')}`,
      codeHashes.flatMap((hash) => [userId, hash]),
    );
  }

  async recoveryCodesLeft(userId: string): Promise<number> {
    const [row] = await this.database.query<{ n: number | string }>(
      'SELECT COUNT(*) AS n FROM recovery_codes WHERE user_id = ? AND used_at IS NULL',
      [userId],
    );
    return Number(row?.n ?? 0);
  }

  /** False when the user had no second factor. */
  async disable(queries: Queries, userId: string): Promise<boolean> {
    const { affectedRows } = await queries.execute(
      `UPDATE user_totp
       SET secret = NULL, confirmed_at = NULL, pending_secret = NULL, pending_since = NULL, last_step = NULL, failed_count = 0,
         locked_until = NULL
       WHERE user_id = ? AND secret IS NOT NULL`,
      [userId],
    );
    return affectedRows > 0;
  }
}
