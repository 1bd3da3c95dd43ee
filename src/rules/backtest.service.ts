import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { timeOrNull, toDatabaseTime, toIso } from '../database';
import { BankError } from '../errors';
import { periodEnd, periodStart } from '../http/fields';
import { factsOf, meets, readFeatures, type Condition, type FactName, type FactValues } from '../risk';
import { BacktestRepository, type JudgedRow } from './backtest.repository';
import type { BacktestAnswer } from './rules.dto';

export interface BacktestLimits {
  verdicts_max: number;
  time_max_ms: number;
  /** Verdicts read at once: their facts are parsed in one go, during which the process answers nobody. */
  rows_max: number;
}

export const BACKTEST_LIMITS: BacktestLimits = {
  verdicts_max: 100_000,
  time_max_ms: 20_000,
  rows_max: 2_000,
};
const SAMPLE_SIZE = 20;
const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;
/** Ids of one look: few where there are verdicts, whose facts are read whole; many where the period has none. */
const WINDOW_MIN = 2_000n;
const WINDOW_MAX = 64_000n;
/** Clocks of servers and the batch under way: what happened at a moment may have been posted this much before it. */
const POSTED_BEFORE_MS = 3_600_000;

type Labels = BacktestAnswer['covered']['labels'];

/** Asks a rule of past verdicts, by the facts that were known then: what it would have flagged, and how much of it was fraud. */
@Injectable()
export class BacktestService {
  private isRunning = false;

  constructor(
    private readonly judged: BacktestRepository,
    private readonly currencies: CurrenciesService,
  ) {}

  /**
   * Goes back from the newest verdict of the period, as far as the limits allow, and says how far that was.
   * @throws BankError BACKTEST_BUSY, VALIDATION_FAILED when the period ends before it begins
   */
  async run(
    condition: Condition,
    period: { from?: string; to?: string },
    limits = BACKTEST_LIMITS,
  ): Promise<BacktestAnswer> {
    if (this.isRunning) throw new BankError('BACKTEST_BUSY', { retry_after_s: limits.time_max_ms / 1000 });
    this.isRunning = true;
    try {
      const { from, to } = boundsOf(period);
      const tally = new Tally(condition, limits, (row) => this.sampleOf(row));
      await this.walk(tally, from, to, limits.rows_max);
      return tally.answer(from, to);
    } finally {
      this.isRunning = false;
    }
  }

  private async walk(tally: Tally, from: string, to: string, rows_max: number): Promise<void> {
    let last = await this.judged.newestTransactionId();
    const earliest = toDatabaseTime(new Date(Date.parse(toIso(from)) - POSTED_BEFORE_MS));
    const first = await this.judged.firstIdPostedFrom(earliest, last);
    let window = WINDOW_MIN;
    while (last >= first && !tally.isFull()) {
      const start = last - window + 1n < first ? first : last - window + 1n;
      const rows = await this.judged.judged(start, last, from, to, rows_max);
      for (const row of rows) {
        if (tally.isFull()) break;
        tally.add(row);
      }
      window = rows.length > 0 ? WINDOW_MIN : window * 2n > WINDOW_MAX ? WINDOW_MAX : window * 2n;
      const oldest = rows.length < rows_max ? undefined : rows.at(-1);
      last = (oldest ? BigInt(oldest.transaction_id) : start) - 1n;
    }
  }

  private sampleOf(row: JudgedRow): BacktestAnswer['sample'][number] {
    return {
      transaction_id: String(row.transaction_id),
      effective_at: toIso(row.effective_at),
      type: row.type,
      amount: this.currencies.format(row.amount_minor, row.currency),
      currency: row.currency,
      verdict: row.verdict,
      risk_score: Number(row.risk_score),
      label: row.is_fraud === null ? null : Number(row.is_fraud) === 1 ? 'fraud' : 'honest',
    };
  }
}

function boundsOf(period: { from?: string; to?: string }): { from: string; to: string } {
  const to = periodEnd(period.to) ?? toDatabaseTime(new Date());
  const from =
    periodStart(period.from) ?? toDatabaseTime(new Date(Date.parse(toIso(to)) - DEFAULT_DAYS * DAY_MS));
  if (from >= to)
    throw new BankError('VALIDATION_FAILED', {
      errors: [{ field: 'to', message: 'must lie after the beginning of the period' }],
    });
  return { from, to };
}

/** Counts what a condition would have flagged. */
class Tally {
  private verdicts = 0;
  private stoppedBy: BacktestAnswer['covered']['stopped_by'] = null;
  private oldest: string | null = null;
  private readonly all: Labels = { fraud: 0, honest: 0, unlabelled: 0 };
  private readonly flagged: Labels = { fraud: 0, honest: 0, unlabelled: 0 };
  private readonly byVerdict = { SAFE: 0, SUSPICIOUS: 0, CRITICAL: 0 };
  private readonly missing = new Map<FactName, number>();
  private readonly sample: BacktestAnswer['sample'] = [];
  private readonly facts: readonly FactName[];
  private readonly startedAt = performance.now();

  constructor(
    private readonly condition: Condition,
    private readonly limits: BacktestLimits,
    private readonly sampleOf: (row: JudgedRow) => BacktestAnswer['sample'][number],
  ) {
    this.facts = factsOf(condition);
  }

  /** Whether the limits are reached: asked before more is read, so that a period that ends right there is complete. */
  isFull(): boolean {
    if (this.verdicts >= this.limits.verdicts_max) this.stoppedBy = 'verdicts';
    else if (performance.now() - this.startedAt >= this.limits.time_max_ms) this.stoppedBy = 'time';
    return this.stoppedBy !== null;
  }

  add(row: JudgedRow): void {
    const facts = factsFrom(row);
    const label = row.is_fraud === null ? 'unlabelled' : Number(row.is_fraud) === 1 ? 'fraud' : 'honest';
    this.verdicts += 1;
    this.all[label] += 1;
    if (this.oldest === null || row.effective_at < this.oldest) this.oldest = row.effective_at;
    for (const fact of this.facts) {
      if (facts[fact] === null || facts[fact] === undefined)
        this.missing.set(fact, (this.missing.get(fact) ?? 0) + 1);
    }
    if (!meets(this.condition, facts)) return;
    this.flagged[label] += 1;
    this.byVerdict[row.verdict] += 1;
    if (this.sample.length < SAMPLE_SIZE) this.sample.push(this.sampleOf(row));
  }

  answer(from: string, to: string): BacktestAnswer {
    const { fraud, honest, unlabelled } = this.flagged;
    return {
      from: toIso(from),
      to: toIso(to),
      condition: this.condition as unknown as Record<string, unknown>,
      covered: {
        verdicts: this.verdicts,
        is_complete: this.stoppedBy === null,
        stopped_by: this.stoppedBy,
        from: timeOrNull(this.oldest),
        labels: this.all,
      },
      missing_facts: Object.fromEntries(this.missing),
      flagged: {
        transactions: fraud + honest + unlabelled,
        by_verdict_now: this.byVerdict,
        labels: this.flagged,
        precision: share(fraud, fraud + honest),
        recall: share(fraud, this.all.fraud),
      },
      sample: this.sample,
    };
  }
}

/** What the transaction tells by itself is taken from there: an old verdict may not have written it down. */
function factsFrom(row: JudgedRow): FactValues {
  return { ...readFeatures(row.features_used), type: row.type, currency: row.currency, channel: row.channel };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
}
