import { Injectable } from '@nestjs/common';
import { Database } from '../database';
import type { Verdict } from '../risk';

export interface JudgedRow {
  transaction_id: string;
  effective_at: string;
  type: string;
  channel: string | null;
  currency: string;
  amount_minor: string;
  verdict: Verdict;
  risk_score: string;
  features_used: string;
  is_fraud: number | null;
}

/** Past verdicts with what was known of each transaction, and what is known of it now. */
@Injectable()
export class BacktestRepository {
  constructor(private readonly database: Database) {}

  async newestTransactionId(): Promise<bigint> {
    const [row] = await this.database.query<{ newest: string | null }>(
      'SELECT MAX(transaction_id) AS newest FROM transactions',
    );
    return BigInt(row?.newest ?? 0);
  }

  /**
   * An id below which nothing was posted at `moment` or later, found by halving: ids and posted_at grow together. Nothing happens
   * later than it is posted, so that this also bounds what happened from a moment on.
   */
  async firstIdPostedFrom(moment: string, newest: bigint): Promise<bigint> {
    let low = 1n;
    let high = newest + 1n;
    while (low < high) {
      const middle = (low + high) / 2n;
      const [row] = await this.database.query<{ posted_at: string }>(
        'SELECT posted_at FROM transactions WHERE transaction_id >= ? ORDER BY transaction_id LIMIT 1',
        [middle],
      );
      if (row && row.posted_at < moment) low = middle + 1n;
      else high = middle;
    }
    return low;
  }

  /** The verdicts on what happened in the period, of the ids from `first` to `last`, newest first; the latest of each transaction. */
  judged(first: bigint, last: bigint, from: string, to: string, limit: number): Promise<JudgedRow[]> {
    return this.database.query<JudgedRow>(
      `SELECT t.transaction_id, t.effective_at, t.type, t.channel, t.currency, t.amount_minor, s.verdict, s.risk_score,
         s.features_used, l.is_fraud
       FROM transactions t
       STRAIGHT_JOIN transaction_risk_scores s ON s.transaction_id = t.transaction_id
         AND s.model_version = (SELECT MAX(n.model_version) FROM transaction_risk_scores n WHERE n.transaction_id = t.transaction_id)
       LEFT JOIN fraud_labels l ON l.transaction_id = t.transaction_id
       WHERE t.transaction_id BETWEEN ? AND ? AND t.effective_at >= ? AND t.effective_at < ?
       ORDER BY t.transaction_id DESC LIMIT ?`,
      [first, last, from, to, limit],
    );
  }
}
