import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../database';
import { Conditions } from '../database/conditions';
import type { JsonColumn } from './json-column';

export interface AlertRow {
  alert_id: string;
  transaction_id: string | null;
  declined_id: string | null;
  reference_id: string | null;
  type: string;
  amount_minor: string;
  currency: string;
  description: string | null;
  channel: string | null;
  merchant_name: string | null;
  mcc: string | null;
  case_id: string;
  user_id: string;
  username: string;
  full_name: string;
  verdict: 'SUSPICIOUS' | 'CRITICAL';
  risk_score: string;
  priority: number;
  status: 'open' | 'in_review' | 'closed';
  assigned_to: string | null;
  assigned_to_username: string | null;
  alert_raised_at: string;
  due_at: string;
  is_overdue: number;
  determination_at: string | null;
  label: 'confirmed_fraud' | 'false_positive' | 'inconclusive' | null;
  actions_state: 'none' | 'pending' | 'done' | 'releasing' | 'confirming';
  version: number;
  model_version: number;
  hold_id: string | null;
  determined_by: string | null;
  recovered_minor: string | null;
  recovery_transaction_id: string | null;
  recovery_code: string | null;
}

export interface ExplanationRow {
  is_degraded: number;
  raw_score: number | null;
  p_value: number | null;
  features_used: string;
  rules_triggered: JsonColumn;
  reasons: JsonColumn;
}

export interface CustomerRow {
  user_id: string;
  username: string;
  full_name: string;
  kyc_status: string;
  is_active: number;
  created_at: string;
  alerts_count: string;
  confirmed_count: string;
}

export interface CustomerAccountRow {
  account_id: string;
  account_number: string;
  currency: string;
  balance_minor: string;
  available_minor: string;
  status: 'active' | 'frozen' | 'closed';
  debit_block: 'review' | 'blacklist' | null;
}

export interface AlertFilter {
  status: string | undefined;
  /** Number in the database. */
  priority: number | undefined;
  verdict: string | undefined;
  /** user_id, or null for nobody. */
  assigned_to: string | null | undefined;
  /** Priority, risk_score and alert_id of the last row given; empty: none was. */
  after: readonly string[];
  limit: number;
}

export interface Decision {
  alert_id: string;
  version: number;
  label: string;
  reverse: boolean | null;
  freeze_receiver: boolean | null;
  note: string | null;
  key: string;
  hash: string;
}

const COLUMNS = `a.alert_id, a.transaction_id, a.declined_id, t.reference_id, COALESCE(t.type, d.type) AS type,
  COALESCE(t.amount_minor, d.amount_minor, 0) AS amount_minor, COALESCE(t.currency, d.currency) AS currency,
  COALESCE(t.description, d.description) AS description, COALESCE(t.channel, d.channel) AS channel, m.name AS merchant_name, m.mcc, a.case_id, a.user_id, u.username, u.full_name, a.verdict, a.risk_score, a.priority, a.status,
  a.assigned_to, x.username AS assigned_to_username, a.alert_raised_at, a.due_at,
  a.due_at < COALESCE(a.determination_at, UTC_TIMESTAMP(6)) AS is_overdue, a.determination_at, a.label, a.actions_state, a.version,
  a.model_version, a.hold_id, a.determined_by, a.recovered_minor, a.recovery_transaction_id, a.recovery_code`;
const JOINS = `LEFT JOIN transactions t ON t.transaction_id = a.transaction_id
  LEFT JOIN declined_transactions d ON d.declined_id = a.declined_id
  JOIN users u ON u.user_id = a.user_id
  LEFT JOIN users x ON x.user_id = a.assigned_to
  LEFT JOIN merchants m ON m.merchant_id = COALESCE(t.merchant_id, d.merchant_id)`;

@Injectable()
export class AlertsRepository {
  constructor(private readonly database: Database) {}

  /** The queue: urgent first, then the riskiest, then the oldest. */
  list(filter: AlertFilter): Promise<AlertRow[]> {
    const { assigned_to } = filter;
    const [priority, risk, alertId] = filter.after;
    const conditions = new Conditions()
      .and('a.is_open = ?', filter.status !== 'closed')
      .and('a.status = ?', filter.status)
      .and('a.priority = ?', filter.priority)
      .and('a.verdict = ?', filter.verdict)
      .and('a.assigned_to = ?', assigned_to ?? undefined)
      .and('a.priority >= ?', priority)
      .and(
        'a.priority > ? OR a.risk_score < CAST(? AS DECIMAL(5,4)) OR (a.risk_score = CAST(? AS DECIMAL(5,4)) AND a.alert_id > ?)',
        priority,
        risk,
        risk,
        alertId,
      );
    if (assigned_to === null) conditions.and('a.assigned_to IS NULL');
    return this.database.query<AlertRow>(
      `SELECT ${COLUMNS} FROM (
         SELECT a.* FROM alerts a FORCE INDEX (${indexOf(filter)})${conditions.where}
         ORDER BY a.priority, a.risk_score DESC, a.alert_id LIMIT ?
       ) a ${JOINS} ORDER BY a.priority, a.risk_score DESC, a.alert_id`,
      [...conditions.parameters, filter.limit],
    );
  }

  ofCase(caseId: string, limit: number): Promise<AlertRow[]> {
    return this.database.query<AlertRow>(
      `SELECT ${COLUMNS} FROM alerts a ${JOINS} WHERE a.case_id = ? ORDER BY a.alert_id DESC LIMIT ?`,
      [caseId, limit],
    );
  }

  async find(alertId: string): Promise<AlertRow | undefined> {
    const [row] = await this.database.query<AlertRow>(
      `SELECT ${COLUMNS} FROM alerts a ${JOINS} WHERE a.alert_id = ?`,
      [alertId],
    );
    return row;
  }

  /** Why: of the verdict, or of the decline, which keeps neither features nor a raw score. */
  async explanation({
    transaction_id,
    declined_id,
    model_version,
  }: AlertRow): Promise<ExplanationRow | undefined> {
    const [row] = await (transaction_id === null
      ? this.database.query<ExplanationRow>(
          `SELECT 0 AS is_degraded, NULL AS raw_score, NULL AS p_value, NULL AS features_used, rules_triggered, reasons
           FROM declined_transactions WHERE declined_id = ?`,
          [declined_id],
        )
      : this.database.query<ExplanationRow>(
          `SELECT is_degraded, raw_score, p_value, features_used, rules_triggered, reasons
           FROM transaction_risk_scores WHERE transaction_id = ? AND model_version = ?`,
          [transaction_id, model_version],
        ));
    return row;
  }

  async customer(userId: string): Promise<CustomerRow | undefined> {
    const [row] = await this.database.query<CustomerRow>(
      `SELECT u.user_id, u.username, u.full_name, u.kyc_status, u.is_active, u.created_at, COUNT(a.alert_id) AS alerts_count,
         COALESCE(SUM(a.label = 'confirmed_fraud'), 0) AS confirmed_count
       FROM users u LEFT JOIN alerts a ON a.user_id = u.user_id WHERE u.user_id = ?
       GROUP BY u.user_id, u.username, u.full_name, u.kyc_status, u.is_active, u.created_at`,
      [userId],
    );
    return row;
  }

  accountsOf(userId: string): Promise<CustomerAccountRow[]> {
    return this.database.query<CustomerAccountRow>(
      `SELECT account_id, account_number, currency, balance_minor, balance_minor - held_minor + overdraft_limit_minor AS available_minor,
         status, debit_block
       FROM accounts WHERE user_id = ? ORDER BY account_id`,
      [userId],
    );
  }

  async hold(holdId: string): Promise<{ hold_id: string; status: string; amount_minor: string } | undefined> {
    const [row] = await this.database.query<{ hold_id: string; status: string; amount_minor: string }>(
      'SELECT hold_id, status, amount_minor FROM holds WHERE hold_id = ?',
      [holdId],
    );
    return row;
  }

  /** Alerts of a case whose decision still has consequences to come. */
  async unsettledOf(caseId: string): Promise<string[]> {
    const rows = await this.database.query<{ alert_id: string }>(
      "SELECT alert_id FROM alerts WHERE case_id = ? AND actions_state IN ('releasing', 'confirming') ORDER BY alert_id",
      [caseId],
    );
    return rows.map((row) => String(row.alert_id));
  }

  /** @throws SIGNAL IDEMPOTENCY_KEY_REUSED, ALERT_NOT_FOUND, ALERT_CLOSED, VERSION_CONFLICT */
  async decide(actor: Actor, decision: Decision): Promise<{ is_replayed: boolean }> {
    const [rows] = await this.database.onConnection(actor, (queries) =>
      queries.call('sp_decide_alert', [
        decision.alert_id,
        decision.version,
        decision.label,
        decision.reverse,
        decision.freeze_receiver,
        decision.note,
        decision.key,
        decision.hash,
      ]),
    );
    return { is_replayed: Number(rows?.[0]?.is_replayed) === 1 };
  }
}

/** The index that gives the rows of a filter in the order of the queue, whatever the statistics say. */
function indexOf({ assigned_to, status, verdict }: AlertFilter): string {
  if (assigned_to !== undefined) return 'ix_alerts_assigned';
  if (verdict !== undefined) return 'ix_alerts_verdict';
  return status === undefined ? 'ix_alerts_queue' : 'ix_alerts_status';
}
