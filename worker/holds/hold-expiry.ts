import type { Logger } from 'pino';
import { idempotencyKey, type PostingItem, type PostingQueue, requestHash } from '../../src/posting';
import type { WorkerDatabase } from '../runtime/worker-database';
import { jittered } from '../runtime/loop';

export interface HoldExpiryOptions {
  interval_ms: number;
  /** Holds in one query and one posting. */
  batch_max: number;
}

export const HOLD_EXPIRY_OPTIONS: HoldExpiryOptions = { interval_ms: 15_000, batch_max: 500 };

interface DueHold {
  expires_at: string;
  hold_id: string;
}

const BEGINNING: DueHold = { expires_at: '1970-01-01 00:00:00', hold_id: '0' };

/**
 * Gives back what holds have set aside once they are past their time. Each hold's expiry has one idempotency key, so workers that
 * find the same hold at once expire it once.
 */
export class HoldExpiry {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly postings: PostingQueue,
    private readonly logger: Logger,
    private readonly options = HOLD_EXPIRY_OPTIONS,
  ) {}

  /**
   * Tries all that is due, once each: one that cannot be released keeps no other from it. Answers the time to wait for the next
   * round in milliseconds.
   */
  async step(signal: AbortSignal): Promise<number> {
    const [round] = await this.database.query<{ now: string }>('SELECT UTC_TIMESTAMP(6) AS now');
    let holds = await this.dueAfter(BEGINNING, round?.now ?? '');
    while (holds.length > 0) {
      await this.expire(holds.map((hold) => hold.hold_id));
      const last = holds.at(-1);
      if (!last || holds.length < this.options.batch_max || signal.aborted) break;
      holds = await this.dueAfter(last, round?.now ?? '');
    }
    return jittered(this.options.interval_ms);
  }

  private dueAfter({ expires_at, hold_id }: DueHold, now: string): Promise<DueHold[]> {
    return this.database.query<DueHold>(
      `SELECT expires_at, hold_id FROM holds
       WHERE status = 'active' AND expires_at <= ? AND (expires_at > ? OR (expires_at = ? AND hold_id > ?))
       ORDER BY expires_at, hold_id LIMIT ?`,
      [now, expires_at, expires_at, hold_id, this.options.batch_max],
    );
  }

  private async expire(holdIds: readonly string[]): Promise<void> {
    // Each is a request of its own, because a reused key refuses every item of its request; they still travel together.
    const answers = await Promise.all(holdIds.map((holdId) => this.postings.submit([expiryOf(holdId)])));
    const outcomes = answers.flat();
    const expired = outcomes.filter((outcome) => outcome.code === 'OK' && !outcome.is_replayed).length;
    const refused = outcomes.filter((outcome) => !['OK', 'HOLD_NOT_ACTIVE'].includes(outcome.code));
    if (expired > 0) this.logger.info({ holds: expired }, 'released holds that had expired');
    if (refused.length > 0) {
      const codes = [...new Set(refused.map((outcome) => outcome.code))];
      this.logger.error({ holds: refused.length, codes }, 'holds past their time could not be released');
    }
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
