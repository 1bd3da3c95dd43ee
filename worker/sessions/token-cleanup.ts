import type { Logger } from 'pino';
import type { WorkerDatabase } from '../runtime/worker-database';
import { jittered } from '../runtime/loop';

export interface TokenCleanupOptions {
  interval_ms: number;
  /** How long an expired token stays, so that one who presents it late is still recognised. */
  keep_days: number;
  /** Tokens looked at in one query, and deleted in one. */
  batch_max: number;
}

export const TOKEN_CLEANUP_OPTIONS: TokenCleanupOptions = {
  interval_ms: 86_400_000,
  keep_days: 30,
  batch_max: 1_000,
};

/**
 * Deletes refresh tokens that expired long ago, and the sessions that have none left. Several workers may do so at once: each deletes
 * what is left.
 */
export class TokenCleanup {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly logger: Logger,
    private readonly options = TOKEN_CLEANUP_OPTIONS,
  ) {}

  /**
   * Ids ascend with the time of issue, so the oldest come first and the search ends at the first batch in which nothing has to
   * go. Answers the time to wait for the next round in milliseconds.
   */
  async step(signal: AbortSignal): Promise<number> {
    let deleted = 0;
    while (!signal.aborted) {
      const ids = await this.expiredAmongOldest();
      if (ids.length === 0) break;
      const { affectedRows } = await this.database.execute(
        `DELETE FROM refresh_tokens WHERE refresh_token_id IN (${ids.map(() => '?').join(', ')})`,
        ids,
      );
      deleted += affectedRows;
    }
    const sessions = await this.deleteSessions(signal);
    if (deleted > 0 || sessions > 0)
      this.logger.info({ tokens: deleted, sessions }, 'deleted refresh tokens and sessions that had expired');
    return jittered(this.options.interval_ms);
  }

  private async deleteSessions(signal: AbortSignal): Promise<number> {
    let deleted = 0;
    while (!signal.aborted) {
      const { affectedRows } = await this.database.execute(
        `DELETE FROM auth_sessions
         WHERE last_used_at < UTC_TIMESTAMP(6) - INTERVAL ? DAY
           AND NOT EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.family_id = auth_sessions.session_id)
         ORDER BY last_used_at LIMIT ?`,
        [this.options.keep_days, this.options.batch_max],
      );
      if (affectedRows === 0) break;
      deleted += affectedRows;
    }
    return deleted;
  }

  private async expiredAmongOldest(): Promise<string[]> {
    const rows = await this.database.query<{ refresh_token_id: string; is_expired: number }>(
      `SELECT refresh_token_id, expires_at < UTC_TIMESTAMP(6) - INTERVAL ? DAY AS is_expired
       FROM refresh_tokens ORDER BY refresh_token_id LIMIT ?`,
      [this.options.keep_days, this.options.batch_max],
    );
    return rows.filter((row) => Number(row.is_expired) === 1).map((row) => String(row.refresh_token_id));
  }
}
