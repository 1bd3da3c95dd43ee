import { Injectable } from '@nestjs/common';
import type { JsonColumn } from '../alerts/json-column';
import { type Actor, Database, type Parameter, type Row } from '../database';
import { Conditions } from '../database/conditions';

export interface CaseRow {
  case_id: string;
  user_id: string;
  username: string;
  full_name: string;
  status: 'open' | 'in_review' | 'closed';
  priority: number;
  assigned_to: string | null;
  assigned_to_username: string | null;
  opened_at: string;
  due_at: string;
  is_overdue: number;
  determination_at: string | null;
  determined_by: string | null;
  label: 'confirmed_fraud' | 'false_positive' | 'inconclusive' | null;
  alerts_count: string;
  open_alerts_count: string;
  highest_risk_score: string;
  version: number;
}

export interface CaseEventRow {
  event_id: string;
  event: string;
  alert_id: string | null;
  transaction_id: string | null;
  actor_user_id: string | null;
  actor_username: string | null;
  detail: JsonColumn;
  currency: string | null;
  occurred_at: string;
}

export interface CaseTransactionRow {
  transaction_id: string;
  reference_id: string;
  type: string;
  amount_minor: string;
  currency: string;
  description: string | null;
  effective_at: string;
  verdict: string | null;
  risk_score: string | null;
  alert_id: string | null;
  attached_by: string | null;
  attached_at: string | null;
}

export interface CaseFilter {
  status: string | undefined;
  label: string | undefined;
  /** Number in the database. */
  priority: number | undefined;
  /** user_id, or null for nobody. */
  assigned_to: string | null | undefined;
  user_id: string | undefined;
  /** Priority, due_at and case_id of the last row given; empty: none was. */
  after: readonly string[];
  limit: number;
}

const COLUMNS = `c.case_id, c.user_id, u.username, u.full_name, c.status, c.priority, c.assigned_to, x.username AS assigned_to_username,
  c.opened_at, c.due_at, c.due_at < COALESCE(c.determination_at, UTC_TIMESTAMP(6)) AS is_overdue, c.determination_at, c.determined_by,
  c.label, c.version,
  (SELECT COUNT(*) FROM alerts a WHERE a.case_id = c.case_id) AS alerts_count,
  (SELECT COUNT(*) FROM alerts a WHERE a.case_id = c.case_id AND a.is_open) AS open_alerts_count,
  (SELECT MAX(a.risk_score) FROM alerts a WHERE a.case_id = c.case_id) AS highest_risk_score`;
const JOINS = `JOIN users u ON u.user_id = c.user_id LEFT JOIN users x ON x.user_id = c.assigned_to`;

@Injectable()
export class CasesRepository {
  constructor(private readonly database: Database) {}

  /** Urgent first, then what is due first. */
  list(filter: CaseFilter): Promise<CaseRow[]> {
    const { assigned_to } = filter;
    const [priority, dueAt, caseId] = filter.after;
    const isOpen = filter.status === undefined ? filter.label === undefined : filter.status !== 'closed';
    const conditions = new Conditions()
      .and('c.is_open = ?', isOpen)
      .and('c.status = ?', filter.status)
      .and('c.label = ?', filter.label)
      .and('c.priority = ?', filter.priority)
      .and('c.user_id = ?', filter.user_id)
      .and('c.assigned_to = ?', assigned_to ?? undefined)
      .and('c.priority >= ?', priority)
      .and(
        'c.priority > ? OR c.due_at > ? OR (c.due_at = ? AND c.case_id > ?)',
        priority,
        dueAt,
        dueAt,
        caseId,
      );
    if (assigned_to === null) conditions.and('c.assigned_to IS NULL');
    return this.database.query<CaseRow>(
      `SELECT ${COLUMNS} FROM (
         SELECT c.* FROM fraud_cases c FORCE INDEX (${indexOf(filter)})${conditions.where} ORDER BY c.priority, c.due_at, c.case_id LIMIT ?
       ) c ${JOINS} ORDER BY c.priority, c.due_at, c.case_id`,
      [...conditions.parameters, filter.limit],
    );
  }

  async find(caseId: string): Promise<CaseRow | undefined> {
    const [row] = await this.database.query<CaseRow>(
      `SELECT ${COLUMNS} FROM fraud_cases c ${JOINS} WHERE c.case_id = ?`,
      [caseId],
    );
    return row;
  }

  /** Newest first. */
  events(caseId: string, limit: number): Promise<CaseEventRow[]> {
    return this.database.query<CaseEventRow>(
      `SELECT e.event_id, e.event, e.alert_id, e.transaction_id, e.actor_user_id, u.username AS actor_username, e.detail, t.currency,
         e.occurred_at
       FROM case_events e
       LEFT JOIN users u ON u.user_id = e.actor_user_id
       LEFT JOIN transactions t ON t.transaction_id = e.transaction_id
       WHERE e.case_id = ? ORDER BY e.event_id DESC LIMIT ?`,
      [caseId, limit],
    );
  }

  /** Those of the newest alerts, and those that were attached. A transaction may be both. */
  transactions(caseId: string, limit: number): Promise<CaseTransactionRow[]> {
    return this.database.query<CaseTransactionRow>(
      `SELECT t.transaction_id, t.reference_id, t.type, t.amount_minor, t.currency, t.description, t.effective_at,
         s.verdict, s.risk_score, MAX(f.alert_id) AS alert_id, MAX(f.attached_by) AS attached_by, MAX(f.attached_at) AS attached_at
       FROM (
         (SELECT transaction_id, alert_id, NULL AS attached_by, NULL AS attached_at FROM alerts
          WHERE case_id = ? ORDER BY alert_id DESC LIMIT ?)
         UNION ALL
         (SELECT transaction_id, NULL, attached_by, attached_at FROM case_transactions
          WHERE case_id = ? ORDER BY attached_at DESC LIMIT ?)
       ) f
       JOIN transactions t ON t.transaction_id = f.transaction_id
       LEFT JOIN transaction_risk_scores s ON s.transaction_id = t.transaction_id AND s.model_version =
         (SELECT MAX(n.model_version) FROM transaction_risk_scores n WHERE n.transaction_id = t.transaction_id)
       GROUP BY t.transaction_id, t.reference_id, t.type, t.amount_minor, t.currency, t.description, t.effective_at, s.verdict,
         s.risk_score
       ORDER BY t.transaction_id`,
      [caseId, limit, caseId, limit],
    );
  }

  /** The role of an active user; undefined for others. */
  async roleOf(userId: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ role: string }>(
      'SELECT role FROM users WHERE user_id = ? AND is_active',
      [userId],
    );
    return row?.role;
  }

  /** Runs one of the procedures that change a case. @throws SIGNAL with the code that the procedure's header says */
  async change(actor: Actor, procedure: CaseProcedure, parameters: Parameter[]): Promise<Row | undefined> {
    const [rows] = await this.database.onConnection(actor, (queries) => queries.call(procedure, parameters));
    return rows?.[0];
  }
}

export type CaseProcedure =
  | 'sp_add_case_note'
  | 'sp_assign_case'
  | 'sp_set_case_status'
  | 'sp_attach_case_transaction'
  | 'sp_close_case';

/** The index that gives the rows of a filter in the order of the list, whatever the statistics say. */
function indexOf({ assigned_to, user_id, label, status }: CaseFilter): string {
  if (user_id !== undefined) return 'ix_fraud_cases_user';
  if (assigned_to !== undefined) return 'ix_fraud_cases_assigned';
  if (label !== undefined) return 'ix_fraud_cases_label';
  return status === undefined ? 'ix_fraud_cases_queue' : 'ix_fraud_cases_status';
}
