import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'mysql2/promise';
import { isConnectionLost, isDuplicateKey, isRetryable } from '../database';
import { BankError } from '../errors';
import { postBatch, type BatchItem, type PostingOutcome } from '../posting';
import { rowItem, salaryItem } from './items';
import type { Merchants } from './reference.repository';
import { otherContents } from './survey';
import type { RowEvent, TimelineEvent } from './timeline';

const TRIES_MAX = 10;
/** How long a database that cannot be reached is waited for. */
const OUTAGE_MAX_MS = 120_000;
const OUTAGE_STEP_MS = 2_000;

/** What became of the events. */
export class PostingCounts {
  payments = 0;
  refunds = 0;
  salaries = 0;
  transactionsThere = 0;
  salariesThere = 0;
  /** By the data set's reason, or by the bank's code when it was the bank that declined. */
  readonly declined = new Map<string, number>();
}

export interface PosterOptions {
  pool: Pool;
  merchants: Merchants;
  counts: PostingCounts;
  onProblem: (file: string, line: number, reason: string) => void;
  onOutage: (message: string) => void;
}

/**
 * Posts batches of events, one at a time, so that each account sees its events in the order of the timeline. While a batch is
 * at the database the caller gathers the next one.
 */
export class Poster {
  private inFlight: Promise<void> = Promise.resolve();

  constructor(private readonly options: PosterOptions) {}

  /** Resolves when the batch before is posted and this one is under way. */
  async send(events: readonly TimelineEvent[]): Promise<void> {
    const rows = events.filter((event): event is RowEvent => event.kind === 'row');
    const ids = await patiently(
      () => this.options.merchants.resolve(rows.map((event) => event.row.merchant)),
      this.options.onOutage,
    );
    const merchantOf = new Map(rows.map((event, index) => [event, ids[index] ?? '']));
    const items = events.map((event) =>
      event.kind === 'salary' ? salaryItem(event) : rowItem(event, merchantOf.get(event) ?? ''),
    );
    await this.inFlight;
    this.inFlight = this.post(events, items);
    // The failure is met by whoever waits next; until then it must not count as unhandled.
    this.inFlight.catch(() => undefined);
  }

  /** Resolves when nothing is under way. */
  async settle(): Promise<void> {
    await this.inFlight;
  }

  private async post(events: readonly TimelineEvent[], items: readonly BatchItem[]): Promise<void> {
    const outcomes = await postPatiently(this.options, items);
    events.forEach((event, index) => {
      const outcome = outcomes[index];
      if (outcome) this.count(event, outcome);
    });
  }

  private count(event: TimelineEvent, outcome: PostingOutcome): void {
    const { counts, onProblem } = this.options;
    if (event.kind === 'salary') {
      if (outcome.is_replayed) counts.salariesThere += 1;
      else if (outcome.code === 'OK') counts.salaries += 1;
      else
        onProblem(
          '(salaries)',
          0,
          `the salary of client ${event.client.clientId} on ${event.payDay.date}: ${outcome.code}`,
        );
      return;
    }
    const { row, file, line } = event;
    if (outcome.is_replayed) counts.transactionsThere += 1;
    else if (outcome.code === 'OK' && outcome.type === 'refund') counts.refunds += 1;
    else if (outcome.code === 'OK') counts.payments += 1;
    else if (outcome.code === 'EXTERNALLY_DECLINED') this.countDecline(row.errors ?? outcome.code);
    else if (outcome.code === 'IDEMPOTENCY_KEY_REUSED') onProblem(file, line, otherContents(row.id));
    else {
      if (outcome.code !== 'INVALID_ITEM') this.countDecline(outcome.code);
      onProblem(file, line, `the bank declined it: ${outcome.code}`);
    }
  }

  private countDecline(reason: string): void {
    const { declined } = this.options.counts;
    declined.set(reason, (declined.get(reason) ?? 0) + 1);
  }
}

/** postBatch, patiently: the keys make a repeat harmless when the first answer was lost. */
export function postPatiently(
  { pool, onOutage }: Pick<PosterOptions, 'pool' | 'onOutage'>,
  items: readonly BatchItem[],
): Promise<PostingOutcome[]> {
  return patiently(() => postBatch(pool, items), onOutage);
}

/** Runs `work` again when the server asks for it, and for two minutes while the server cannot be reached. */
async function patiently<T>(work: () => Promise<T>, onOutage: PosterOptions['onOutage']): Promise<T> {
  let outageMs = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (isUnreachable(error) && outageMs < OUTAGE_MAX_MS) {
        if (outageMs === 0) onOutage('The database cannot be reached; trying again for two minutes.');
        outageMs += OUTAGE_STEP_MS;
        await sleep(OUTAGE_STEP_MS);
      } else if ((isRetryable(error) || isDuplicateKey(error)) && attempt < TRIES_MAX) {
        await sleep(Math.random() * 20 * 2 ** Math.min(attempt, 6));
      } else {
        throw error;
      }
    }
  }
}

function isUnreachable(error: unknown): boolean {
  return isConnectionLost(error) || (error instanceof BankError && error.code === 'DATABASE_UNAVAILABLE');
}
