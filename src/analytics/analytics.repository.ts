import { Injectable } from '@nestjs/common';
import { Database } from '../database';
import { Conditions } from '../database/conditions';

export interface OwnAccountRow {
  account_id: string;
  currency: string;
  entries_count: string;
}

export interface RiskScoreRow {
  transaction_id: string;
  type: string;
  amount_minor: string;
  currency: string;
  risk_score: string;
  verdict: 'SAFE' | 'SUSPICIOUS' | 'CRITICAL';
  model_version: number;
  scored_at: string;
  effective_at: string;
}

/** Money that came in and went out in a month, of one kind. */
export interface FlowRow {
  currency: string;
  /** YYYY-MM, UTC. */
  month: string;
  /** Kind of transaction; of a reversal, that of what it reverses. */
  type: string;
  mcc: string | null;
  category: string | null;
  income_minor: string;
  expenses_minor: string;
  transactions_count: string;
}

@Injectable()
export class AnalyticsRepository {
  constructor(private readonly database: Database) {}

  ownAccounts(userId: string): Promise<OwnAccountRow[]> {
    return this.database.query<OwnAccountRow>(
      'SELECT account_id, currency, last_account_seq AS entries_count FROM accounts WHERE user_id = ? ORDER BY account_id',
      [userId],
    );
  }

  /**
   * Newest verdicts on the transactions of some accounts. Each account gives its own newest through its index, and the few
   * that come are merged. A transfer that somebody else sent (leg 1 is its credit) is left out: its verdict is about them.
   */
  riskScores(
    userId: string,
    accountIds: string[],
    beforeTransactionId: string | undefined,
    limit: number,
  ): Promise<RiskScoreRow[]> {
    const before = beforeTransactionId === undefined ? '' : 'AND e.transaction_id < ?';
    const position = beforeTransactionId === undefined ? [] : [beforeTransactionId];
    const branch = `(SELECT t.transaction_id, t.type, t.amount_minor, t.currency, s.risk_score, s.verdict, s.model_version,
        s.scored_at, t.effective_at
      FROM ledger_entries e FORCE INDEX (uq_ledger_entries_account_seq)
      STRAIGHT_JOIN transactions t ON t.transaction_id = e.transaction_id
      STRAIGHT_JOIN transaction_risk_scores s ON s.transaction_id = e.transaction_id
        AND s.model_version = (SELECT MAX(n.model_version) FROM transaction_risk_scores n WHERE n.transaction_id = e.transaction_id)
      WHERE e.account_id = ? ${before} AND NOT (t.type = 'transfer' AND e.leg = 1 AND NOT (t.initiated_by <=> ?))
      ORDER BY e.account_seq DESC LIMIT ?)`;
    return this.database.query<RiskScoreRow>(
      `SELECT DISTINCT * FROM (${accountIds.map(() => branch).join(' UNION ALL ')}) found
       ORDER BY transaction_id DESC LIMIT ?`,
      [...accountIds.flatMap((accountId) => [accountId, ...position, userId, limit]), limit],
    );
  }

  /**
   * Income and expenses of the selected accounts by month and category, on the clock of effective_at. What moves only between the
   * user's own accounts is neither. A refund is less expense, and a reversal undoes what it reverses, in the month in which it
   * happens; so both amounts can be negative.
   */
  flows(
    accounts: { own: string[]; selected: string[] },
    from: string | undefined,
    to: string | undefined,
  ): Promise<FlowRow[]> {
    const marks = (ids: string[]) => ids.map(() => '?').join(', ');
    const conditions = new Conditions()
      .and(`e.account_id IN (${marks(accounts.selected)})`, ...accounts.selected)
      .and('e.effective_at >= ?', from)
      .and('e.effective_at < ?', to)
      .and(
        `EXISTS (SELECT 1 FROM ledger_entries x
           WHERE x.transaction_id = e.transaction_id AND x.account_id NOT IN (${marks(accounts.own)}))`,
        ...accounts.own,
      );
    return this.database.query<FlowRow>(
      `SELECT f.currency, f.month, f.type, f.mcc, c.description AS category,
         SUM(IF(f.is_income, f.amount_minor, 0)) AS income_minor, SUM(IF(f.is_income, 0, -f.amount_minor)) AS expenses_minor,
         COUNT(*) AS transactions_count
       FROM (
         SELECT t.currency, DATE_FORMAT(e.effective_at, '%Y-%m') AS month, COALESCE(o.type, t.type) AS type, m.mcc,
           CASE WHEN o.transaction_id IS NOT NULL THEN e.amount_minor < 0 AND o.type <> 'refund'
             ELSE e.amount_minor > 0 AND t.type <> 'refund' END AS is_income,
           e.amount_minor
         FROM ledger_entries e
         JOIN transactions t ON t.transaction_id = e.transaction_id
         LEFT JOIN reversals r ON t.type = 'reversal' AND r.reversal_transaction_id = t.transaction_id
         LEFT JOIN transactions o ON o.transaction_id = r.original_transaction_id
         LEFT JOIN merchants m ON m.merchant_id = t.merchant_id${conditions.where}
       ) f
       LEFT JOIN mcc_codes c ON c.mcc = f.mcc
       GROUP BY f.currency, f.month, f.type, f.mcc, c.description
       ORDER BY f.currency, f.month, f.type, f.mcc`,
      conditions.parameters,
    );
  }

  /** DATETIME(6) of the first and the last movement: one look into the index an account. */
  async span(accountIds: string[]): Promise<{ first: string; last: string } | undefined> {
    const rows = await this.database.query<{ first: string; last: string }>(
      `SELECT MIN(effective_at) AS first, MAX(effective_at) AS last FROM ledger_entries
       WHERE account_id IN (${accountIds.map(() => '?').join(', ')}) GROUP BY account_id`,
      accountIds,
    );
    if (rows.length === 0) return undefined;
    return {
      first: rows.map((row) => row.first).reduce((a, b) => (a < b ? a : b)),
      last: rows.map((row) => row.last).reduce((a, b) => (a > b ? a : b)),
    };
  }
}
