import { Injectable } from '@nestjs/common';
import { Database, type Parameter } from '../../database';
import { Conditions, containing } from '../../database/conditions';
import { VERDICT_BANDS, type Verdict, verdictOf } from '../../risk';

export interface AdminTransactionFilter {
  type: string | undefined;
  status: 'posted' | 'reversed' | undefined;
  currency: string | undefined;
  from: string | undefined;
  to: string | undefined;
  /** Decimals in major units. */
  min_amount: string | undefined;
  max_amount: string | undefined;
  verdict: string | undefined;
  min_risk_score: number | undefined;
  is_high_value: boolean | undefined;
  q: string | undefined;
  before_transaction_id: string | undefined;
  limit: number;
}

export interface AdminTransactionRow {
  transaction_id: string;
  reference_id: string;
  type: string;
  amount_minor: string;
  currency: string;
  description: string | null;
  merchant_name: string | null;
  mcc: string | null;
  channel: string | null;
  is_high_value: number;
  initiated_by: string | null;
  username: string | null;
  effective_at: string;
  posted_at: string;
  reversal_of: string | null;
  reversed_by: string | null;
  verdict: string | null;
  risk_score: string | null;
  model_version: number | null;
  is_degraded: number | null;
  scored_at: string | null;
}

export interface AdminEntryRow {
  transaction_id: string;
  account_id: string;
  account_number: string;
  user_id: string | null;
  amount_minor: string;
  balance_after_minor: string;
}

/** The verdict that counts: that of the newest model version that scored the transaction. */
const NEWEST_SCORE = `LEFT JOIN transaction_risk_scores s ON s.transaction_id = t.transaction_id
  AND s.model_version = (SELECT MAX(n.model_version) FROM transaction_risk_scores n WHERE n.transaction_id = t.transaction_id)`;

@Injectable()
export class AdminTransactionsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Ids of a page, newest first. With `accountIds`, each account gives its own newest through its index, and the few that come
   * are merged; without, the transactions are walked backwards.
   */
  async page(filter: AdminTransactionFilter, accountIds: string[] | undefined): Promise<string[]> {
    const rows = await (accountIds === undefined
      ? this.pageOfAll(filter)
      : this.pageOfAccounts(filter, accountIds));
    return rows.map((row) => String(row.transaction_id));
  }

  private pageOfAll(filter: AdminTransactionFilter): Promise<{ transaction_id: string }[]> {
    const { joins, conditions } = conditionsOf(filter);
    return this.database.query(
      `SELECT t.transaction_id FROM transactions t ${joins}${conditions.where} ORDER BY t.transaction_id DESC LIMIT ?`,
      [...conditions.parameters, filter.limit],
    );
  }

  private async pageOfAccounts(
    filter: AdminTransactionFilter,
    accountIds: string[],
  ): Promise<{ transaction_id: string }[]> {
    if (accountIds.length === 0) return [];
    const branches: string[] = [];
    const parameters: Parameter[] = [];
    for (const accountId of accountIds) {
      const { joins, conditions } = conditionsOf(filter);
      conditions.and('e.account_id = ?', accountId);
      // Sequence numbers of an account grow with its transactions' ids, so both orders are one.
      branches.push(`(SELECT t.transaction_id FROM ledger_entries e JOIN transactions t ON t.transaction_id = e.transaction_id
        ${joins}${conditions.where} ORDER BY e.account_seq DESC LIMIT ?)`);
      parameters.push(...conditions.parameters, filter.limit);
    }
    return this.database.query(
      `SELECT DISTINCT transaction_id FROM (${branches.join(' UNION ALL ')}) found ORDER BY transaction_id DESC LIMIT ?`,
      [...parameters, filter.limit],
    );
  }

  async accountsOf(userId: string): Promise<string[]> {
    const rows = await this.database.query<{ account_id: string }>(
      'SELECT account_id FROM accounts WHERE user_id = ?',
      [userId],
    );
    return rows.map((row) => String(row.account_id));
  }

  async read(transactionIds: string[]): Promise<AdminTransactionRow[]> {
    if (transactionIds.length === 0) return [];
    return this.database.query<AdminTransactionRow>(
      `SELECT t.transaction_id, t.reference_id, t.type, t.amount_minor, t.currency, t.description, m.name AS merchant_name, m.mcc,
         t.channel, t.is_high_value, t.initiated_by, u.username, t.effective_at, t.posted_at,
         o.original_transaction_id AS reversal_of, r.reversal_transaction_id AS reversed_by, s.verdict, s.risk_score,
         s.model_version, s.is_degraded, s.scored_at
       FROM transactions t
       LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
       LEFT JOIN users u ON u.user_id = t.initiated_by
       LEFT JOIN reversals o ON o.reversal_transaction_id = t.transaction_id
       LEFT JOIN reversals r ON r.original_transaction_id = t.transaction_id
       ${NEWEST_SCORE}
       WHERE t.transaction_id IN (${transactionIds.map(() => '?').join(', ')})
       ORDER BY t.transaction_id DESC`,
      transactionIds,
    );
  }

  async entries(transactionIds: string[]): Promise<AdminEntryRow[]> {
    if (transactionIds.length === 0) return [];
    return this.database.query<AdminEntryRow>(
      `SELECT e.transaction_id, e.account_id, a.account_number, a.user_id, e.amount_minor, e.balance_after_minor
       FROM ledger_entries e JOIN accounts a ON a.account_id = e.account_id
       WHERE e.transaction_id IN (${transactionIds.map(() => '?').join(', ')})
       ORDER BY e.transaction_id DESC, e.leg`,
      transactionIds,
    );
  }
}

/** Joins only what the filters ask for. */
function conditionsOf(filter: AdminTransactionFilter): { joins: string; conditions: Conditions } {
  const { verdict, min_risk_score, q, min_amount, max_amount } = filter;
  const joins: string[] = [];
  if (min_amount !== undefined || max_amount !== undefined) {
    joins.push('JOIN currencies c ON c.currency = t.currency');
  }
  if (filter.status) joins.push('LEFT JOIN reversals r ON r.original_transaction_id = t.transaction_id');
  if (verdict !== undefined || min_risk_score !== undefined) joins.push(NEWEST_SCORE);
  if (q !== undefined) joins.push('LEFT JOIN merchants m ON m.merchant_id = t.merchant_id');
  const pattern = containing(q);
  // What a bound on the score says of the verdict, for its index.
  const verdicts = min_risk_score === undefined ? [undefined] : verdictsFrom(min_risk_score);
  const conditions = new Conditions()
    .and('t.transaction_id < ?', filter.before_transaction_id)
    .and('t.type = ?', filter.type)
    .and('t.currency = ?', filter.currency)
    .and('t.effective_at >= ?', filter.from)
    .and('t.effective_at < ?', filter.to)
    .and('t.amount_minor >= CAST(? AS DECIMAL(24, 4)) * c.minor_per_major', min_amount)
    .and('t.amount_minor <= CAST(? AS DECIMAL(24, 4)) * c.minor_per_major', max_amount)
    .and('t.is_high_value = ?', filter.is_high_value)
    .and('s.verdict = ?', verdict === 'PENDING' ? undefined : verdict)
    .and('s.risk_score >= ?', min_risk_score)
    .and(`s.verdict IN (${verdicts.map(() => '?').join(', ')})`, ...verdicts)
    .and(
      "t.description LIKE ? ESCAPE '!' OR m.name LIKE ? ESCAPE '!' OR CONVERT(t.reference_id USING utf8mb4) = ?",
      pattern,
      pattern,
      q?.toUpperCase(),
    );
  if (verdict === 'PENDING') conditions.and('s.transaction_id IS NULL');
  if (filter.status === 'posted') conditions.and('r.original_transaction_id IS NULL');
  if (filter.status === 'reversed') conditions.and('r.original_transaction_id IS NOT NULL');
  return { joins: joins.join(' '), conditions };
}

/** The verdicts that a score of at least `minimum` can have. */
function verdictsFrom(minimum: number): Verdict[] {
  const lowest = VERDICT_BANDS.findIndex(({ verdict }) => verdict === verdictOf(minimum));
  return VERDICT_BANDS.slice(0, lowest + 1).map(({ verdict }) => verdict);
}
