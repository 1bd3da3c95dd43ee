import type { Logger } from 'pino';
import { idempotencyKey, type PostingItem, type PostingQueue, requestHash } from '../../src/posting';
import { earlyHolds, type EarlyHold } from '../../src/risk';
import { jittered } from '../runtime/loop';
import type { WorkerDatabase } from '../runtime/worker-database';

export interface EarlyHoldOptions {
  interval_ms: number;
  /** Holds in one query and one posting. */
  page_size: number;
  /** false: the bank only wants to be told, and nothing that was judged stays held. */
  acts?: boolean;
}

export const EARLY_HOLD_OPTIONS: EarlyHoldOptions = { interval_ms: 1_000, page_size: 200 };

/**
 * Gives money back that was held with its posting, once a verdict is there and no alert asks for the hold. Driven by what stands in
 * the database alone: a verdict and its alert are written together, so no moment lies between them.
 */
export class EarlyHoldWatch {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly postings: PostingQueue,
    private readonly logger: Logger,
    private readonly options = EARLY_HOLD_OPTIONS,
  ) {}

  /** One round. Answers the time to wait for the next one in milliseconds. */
  async step(signal: AbortSignal): Promise<number> {
    const { page_size, acts } = this.options;
    const after = (holdId: string) => earlyHolds(this.database, holdId, page_size, acts === false);
    let page = await after('0');
    while (page.length > 0) {
      await this.release(await this.notNeeded(page));
      if (page.length < page_size || signal.aborted) break;
      page = await after(page.at(-1)?.hold_id ?? '0');
    }
    return jittered(this.options.interval_ms);
  }

  /**
   * What came with no transaction was held by a repeat that came too late. An alert keeps the hold that it has taken over, and
   * one that it has yet to take over, until its consequences are done.
   */
  private async notNeeded(page: readonly EarlyHold[]): Promise<string[]> {
    const orphans = page.filter(({ transaction_id }) => transaction_id === null);
    const others = page.filter(({ transaction_id }) => transaction_id !== null);
    if (others.length === 0) return orphans.map(({ hold_id }) => hold_id);
    const ids = others.map(({ transaction_id }) => transaction_id ?? '');
    const rows = await this.database.query<{
      transaction_id: string;
      hold_id: string | null;
      is_kept: string;
    }>(
      `SELECT DISTINCT s.transaction_id, a.hold_id, COALESCE(a.is_acting AND (a.hold_id IS NOT NULL OR a.actions_state <> 'none'), 0)
         AS is_kept
       FROM transaction_risk_scores s LEFT JOIN alerts a ON a.transaction_id = s.transaction_id
       WHERE s.transaction_id IN (?)`,
      [ids as unknown as string],
    );
    const judged = new Map(rows.map((row) => [String(row.transaction_id), row]));
    const free = others.filter(({ transaction_id, hold_id }) => {
      const row = judged.get(transaction_id ?? '');
      if (!row) return false;
      return (
        this.options.acts === false ||
        Number(row.is_kept) === 0 ||
        (row.hold_id !== null && String(row.hold_id) !== hold_id)
      );
    });
    return [...orphans, ...free].map(({ hold_id }) => hold_id);
  }

  private async release(holdIds: readonly string[]): Promise<void> {
    // Each is a request of its own, because a reused key refuses every item of its request; they still travel together.
    const answers = await Promise.all(holdIds.map((holdId) => this.postings.submit([voidOf(holdId)])));
    const refused = answers.flat().filter(({ code }) => code !== 'OK' && code !== 'HOLD_NOT_ACTIVE');
    if (refused.length > 0) {
      const codes = [...new Set(refused.map(({ code }) => code))];
      this.logger.error(
        { holds: refused.length, codes },
        'money held before a verdict could not be released',
      );
    }
  }
}

function voidOf(holdId: string): PostingItem {
  const name = `release-early-hold-${holdId}`;
  return { key: idempotencyKey('worker', name), hash: requestHash(name), type: 'void', hold: holdId };
}
