import type { Logger } from 'pino';
import { idempotencyKey, type PostingItem, type PostingQueue, requestHash } from '../../src/posting';
import type { WorkerDatabase } from '../runtime/worker-database';
import { jittered } from '../runtime/loop';

const BATCH_MAX = 500;
export const HOLD_EXPIRY_INTERVAL_MS = 15_000;

/**
 * Gives back what holds have set aside once they are past their time. Each hold's expiry has one idempotency key, so workers that
 * find the same hold at once expire it once.
 */
export class HoldExpiry {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly postings: PostingQueue,
    private readonly logger: Logger,
    private readonly interval_ms = HOLD_EXPIRY_INTERVAL_MS,
  ) {}

  /** Expires all that is due. Answers the time to wait for the next round in milliseconds. */
  async step(signal: AbortSignal): Promise<number> {
    for (;;) {
      const holds = await this.database.query<{ hold_id: string }>(
        `SELECT hold_id FROM holds WHERE status = 'active' AND expires_at <= UTC_TIMESTAMP(6)
         ORDER BY expires_at, hold_id LIMIT ${BATCH_MAX}`,
      );
      const expired = holds.length > 0 ? await this.expire(holds.map((hold) => String(hold.hold_id))) : 0;
      // A batch in which nothing could be expired would come again and again.
      if (holds.length < BATCH_MAX || expired === 0 || signal.aborted) return jittered(this.interval_ms);
    }
  }

  private async expire(holdIds: readonly string[]): Promise<number> {
    const outcomes = await this.postings.submit(holdIds.map(expiryOf));
    const expired = outcomes.filter((outcome) => outcome.code === 'OK' && !outcome.is_replayed).length;
    const refused = outcomes.filter((outcome) => !['OK', 'HOLD_NOT_ACTIVE'].includes(outcome.code));
    if (expired > 0) this.logger.info({ holds: expired }, 'released holds that had expired');
    if (refused.length > 0) {
      const codes = [...new Set(refused.map((outcome) => outcome.code))];
      this.logger.error({ holds: refused.length, codes }, 'holds past their time could not be released');
    }
    return expired;
  }
}

function expiryOf(holdId: string): PostingItem {
  return {
    key: idempotencyKey('worker', `expire-hold-${holdId}`),
    hash: requestHash({ type: 'expire', hold: holdId }),
    type: 'expire',
    hold: holdId,
  };
}
