import type { Queries } from '../../src/database';
import type { MerchantFraud } from './fraud-experience';
import { databaseTimeOf, microsecondsOf } from './microseconds';

interface LabelRow {
  transaction_id: string;
  labelled_at: string;
  merchant_id: string | null;
  effective_at: string;
}

/** By far more than a bank of millions of transactions confirms; the newest count. */
const MAX_FRAUDS = 500_000;
/** New labels are looked for this often, and taken-back ones this often. */
const REFRESH_MS = 1_000;
const RECOUNT_MS = 60_000;
/** A label's time is set a moment before it can be seen. */
const OVERLAP_US = 10_000_000;

const LABELS_SQL = `
  SELECT l.transaction_id, l.labelled_at, t.merchant_id, t.effective_at
  FROM (SELECT transaction_id, labelled_at FROM fraud_labels WHERE is_fraud = TRUE AND labelled_at >= ?
    ORDER BY labelled_at DESC LIMIT ${MAX_FRAUDS}) l
  JOIN transactions t ON t.transaction_id = l.transaction_id`;

/**
 * Which transactions analysts, or a loaded data set, have confirmed to be fraud, and since when. They are few, so they are all in
 * memory.
 */
export class ConfirmedFrauds {
  private frauds = new Map<number, number>();
  private merchants = new Map<string, MerchantFraud[]>();
  private newest_us = 0;
  private first_us = Infinity;
  private fingerprint = '';
  private refreshedAt = -Infinity;
  private recountedAt = -Infinity;
  private refreshing: Promise<void> | null = null;

  constructor(
    private readonly queries: Queries,
    private readonly refresh_ms = REFRESH_MS,
    private readonly recount_ms = RECOUNT_MS,
  ) {}

  /** When the transaction was confirmed, microseconds since 1970; undefined: it was not. */
  confirmedAt = (transactionId: number): number | undefined => this.frauds.get(transactionId);

  /** Whether any fraud at all had been confirmed by then. */
  isAnyKnownAt(us: number): boolean {
    return this.first_us < us;
  }

  ofMerchant(merchantId: string): readonly MerchantFraud[] {
    return this.merchants.get(merchantId) ?? [];
  }

  /** Looks for labels that came since, unless that was done a moment ago. */
  async refresh(): Promise<void> {
    if (performance.now() - this.refreshedAt < this.refresh_ms) return;
    this.refreshing ??= this.refreshNow().finally(() => {
      this.refreshing = null;
    });
    await this.refreshing;
  }

  private async refreshNow(): Promise<void> {
    const startedAt = performance.now();
    const isAnew = startedAt - this.recountedAt >= this.recount_ms && (await this.hasChanged());
    const since = isAnew ? 0 : Math.max(0, this.newest_us - OVERLAP_US);
    const rows = await this.queries.query<LabelRow>(LABELS_SQL, [databaseTimeOf(since)]);
    if (isAnew) this.forget();
    for (const row of rows) this.add(row);
    this.refreshedAt = startedAt;
  }

  private forget(): void {
    this.frauds = new Map();
    this.merchants = new Map();
    this.newest_us = 0;
    this.first_us = Infinity;
  }

  /** Labels that were taken back, or that came with an earlier time, show in the count of all. */
  private async hasChanged(): Promise<boolean> {
    const [row] = await this.queries.query<{ fingerprint: string }>(
      `SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(transaction_id), 0)) AS fingerprint
       FROM fraud_labels WHERE is_fraud = TRUE`,
    );
    this.recountedAt = performance.now();
    const before = this.fingerprint;
    this.fingerprint = row?.fingerprint ?? '';
    return before !== this.fingerprint;
  }

  private add(row: LabelRow): void {
    const id = Number(row.transaction_id);
    if (this.frauds.has(id)) return;
    const confirmed_us = microsecondsOf(row.labelled_at);
    this.frauds.set(id, confirmed_us);
    this.newest_us = Math.max(this.newest_us, confirmed_us);
    this.first_us = Math.min(this.first_us, confirmed_us);
    if (row.merchant_id === null) return;
    const own = this.merchants.get(String(row.merchant_id)) ?? [];
    own.push({ effective_us: microsecondsOf(row.effective_at), confirmed_us });
    this.merchants.set(String(row.merchant_id), own);
  }
}
