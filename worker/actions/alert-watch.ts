import type { Logger } from 'pino';
import { isConnectionLost, isRetryable } from '../../src/database';
import type { AlertActions } from '../../src/risk';
import { reasonOf } from '../runtime/connection-state';
import type { WorkerDatabase } from '../runtime/worker-database';

export interface AlertWatchOptions {
  /** How long an idle watch waits; alerts that this worker raised wake it at once. */
  interval_ms: number;
  /** How long the API has to complete a decision itself. */
  settle_after_s: number;
  /** Alerts taken at once: their postings travel together. */
  page_size: number;
  /**
   * false: alerts only, no holds and no blocks of its own accord, now or when this changes; what analysts decide is still carried
   * out.
   */
  acts?: boolean;
}

export const ALERT_WATCH_OPTIONS: AlertWatchOptions = {
  interval_ms: 500,
  settle_after_s: 15,
  page_size: 10,
};

/** An alert that failed is not tried again before this, so that it does not keep the others. */
const RETRY_MS = 30_000;
/** See procedures/risk/sp_alert_declines.sql. */
const DECLINES_IN_ONE_CALL = 200;

/** Opens alerts for what was declined, and carries out what alerts and decisions call for, driven by what stands in the database alone. */
export class AlertWatch {
  private isRung = false;
  private wake: (() => void) | null = null;
  private readonly failedAt = new Map<string, number>();

  constructor(
    private readonly database: WorkerDatabase,
    private readonly actions: AlertActions,
    private readonly logger: Logger,
    private readonly announce: () => Promise<void>,
    private readonly options: AlertWatchOptions = ALERT_WATCH_OPTIONS,
  ) {}

  /** There are new alerts. */
  ring(): void {
    this.isRung = true;
    this.wake?.();
  }

  /** One round, then a wait for the bell. Answers the time to wait for the next one in milliseconds. */
  async step(signal: AbortSignal): Promise<number> {
    this.isRung = false;
    if ((await this.round(signal)) > 0) await this.announce();
    await this.wait(signal);
    return 0;
  }

  /**
   * Looks at every alert that has something to do, the riskiest first: money does not wait behind a crowd of small alerts. Answers for
   * how many it was done.
   */
  async round(signal: AbortSignal): Promise<number> {
    let done = await this.alertDeclines();
    if (this.options.acts === false) await this.database.call('sp_waive_alert_actions', []);
    this.forgetOldFailures();
    const left = new Set(this.failedAt.keys());
    let page = await this.next(left);
    while (page.length > 0 && !signal.aborted) {
      const outcomes = await Promise.allSettled(page.map((alertId) => this.advance(alertId)));
      const lost = outcomes.find((outcome) => outcome.status === 'rejected');
      if (lost) throw lost.reason as Error;
      outcomes.forEach((outcome, place) => {
        if (outcome.status === 'fulfilled' && outcome.value) done += 1;
        else left.add(page[place] ?? '');
      });
      page = await this.next(left);
    }
    return done;
  }

  private forgetOldFailures(): void {
    for (const [alertId, at] of this.failedAt) if (Date.now() - at >= RETRY_MS) this.failedAt.delete(alertId);
  }

  /** Attempts that were declined wait for their alerts. Answers for how many were told. */
  private async alertDeclines(): Promise<number> {
    let told = 0;
    for (let isMore = true; isMore;) {
      const [answer] = await this.database.call('sp_alert_declines', []);
      const count = Number(answer?.[0]?.alerts ?? 0) + Number(answer?.[0]?.attempts ?? 0);
      told += count;
      isMore = count >= DECLINES_IN_ONE_CALL;
    }
    return told;
  }

  private async advance(alertId: string): Promise<boolean> {
    try {
      return await this.actions.advance(alertId);
    } catch (error) {
      if (isConnectionLost(error) || isConnectionLost((error as Error).cause)) throw error;
      // Lost a deadlock: the next round is soon enough.
      if (isRetryable(error)) return false;
      this.failedAt.set(alertId, Date.now());
      this.logger.error(
        { alert_id: alertId, reason: reasonOf(error) },
        'an alert could not be acted upon; trying again',
      );
      return false;
    }
  }

  private wait(signal: AbortSignal): Promise<void> {
    if (this.isRung || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = null;
        resolve();
      };
      const timer = setTimeout(done, this.options.interval_ms);
      signal.addEventListener('abort', done, { once: true });
      this.wake = done;
    });
  }

  /** Where nothing is acted upon, what came since the others were waived is not either. */
  private async next(left: ReadonlySet<string>): Promise<string[]> {
    const rows = await this.database.query<{ alert_id: string }>(
      `SELECT alert_id FROM alerts
       WHERE alert_id NOT IN (?) AND (actions_state ${this.options.acts === false ? 'IS NULL' : "= 'pending'"}
         OR (actions_state IN ('releasing', 'confirming') AND determination_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND))
       ORDER BY is_open DESC, risk_score DESC, alert_id LIMIT ?`,
      [['0', ...left] as unknown as string, this.options.settle_after_s, this.options.page_size],
    );
    return rows.map((row) => String(row.alert_id));
  }
}
