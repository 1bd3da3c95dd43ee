import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../database';
import { Conditions } from '../database/conditions';
import type { ApprovalKind } from './kinds';

export interface ApprovalRow {
  approval_id: string;
  kind: ApprovalKind;
  act: string;
  payload: string;
  reason: string | null;
  request_key: string | null;
  request_hash: string | null;
  requested_by: string;
  requested_by_username: string | null;
  requested_at: string;
  expires_at: string;
  status: string;
  decided_by: string | null;
  decided_by_username: string | null;
  decided_at: string | null;
  decision_note: string | null;
  executed_at: string | null;
  finished_at: string | null;
  result: string | null;
}

export interface ApprovalEventRow {
  event: string;
  actor_user_id: string | null;
  note: string | null;
  occurred_at: string;
}

export interface NewApproval {
  kind: ApprovalKind;
  act: string;
  payload: object;
  subject_user_id: string | null;
  reason: string | null;
  /** Of a request that moves money, in their stored form. */
  key: string | null;
  hash: string | null;
}

const STATUS = "IF(r.status = 'pending' AND r.expires_at <= UTC_TIMESTAMP(6), 'expired', r.status)";
const APPROVALS = `SELECT r.approval_id, r.kind, r.act, r.payload, r.reason, LOWER(HEX(r.request_key)) AS request_key,
    LOWER(HEX(r.request_hash)) AS request_hash, r.requested_by, q.username AS requested_by_username, r.requested_at, r.expires_at,
    ${STATUS} AS status, r.decided_by, d.username AS decided_by_username, r.decided_at, r.decision_note, r.executed_at, r.finished_at, r.result
  FROM approval_requests r
  LEFT JOIN users q ON q.user_id = r.requested_by
  LEFT JOIN users d ON d.user_id = r.decided_by`;

@Injectable()
export class ApprovalsRepository {
  constructor(private readonly database: Database) {}

  /** A setting of the bank; undefined: there is none. */
  async setting(key: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ setting_value: string }>(
      'SELECT setting_value FROM bank_settings WHERE setting_key = ?',
      [key],
    );
    return row?.setting_value;
  }

  async setFourEyes(actor: Actor, kinds: string): Promise<void> {
    await this.database.onConnection(actor, (queries) => queries.call('sp_set_four_eyes', [kinds]));
  }

  /** Newest first. */
  list(filter: {
    status: string | undefined;
    kind: string | undefined;
    before_approval_id: string | undefined;
    limit: number;
  }): Promise<ApprovalRow[]> {
    const conditions = new Conditions()
      .and('r.approval_id < ?', filter.before_approval_id)
      .and(`${STATUS} = ?`, filter.status)
      .and('r.kind = ?', filter.kind);
    return this.database.query<ApprovalRow>(
      `${APPROVALS}${conditions.where} ORDER BY r.approval_id DESC LIMIT ?`,
      [...conditions.parameters, filter.limit],
    );
  }

  async find(approvalId: string): Promise<ApprovalRow | undefined> {
    const [row] = await this.database.query<ApprovalRow>(`${APPROVALS} WHERE r.approval_id = ?`, [
      approvalId,
    ]);
    return row;
  }

  /** Oldest first. */
  events(approvalId: string): Promise<ApprovalEventRow[]> {
    return this.database.query<ApprovalEventRow>(
      `SELECT event, actor_user_id, note, occurred_at FROM approval_events
       WHERE approval_id = ? ORDER BY approval_event_id`,
      [approvalId],
    );
  }

  /** What was approved some seconds ago and has no result yet: its process may have died. */
  async unfinished(afterSeconds: number): Promise<string[]> {
    const rows = await this.database.query<{ approval_id: string }>(
      `SELECT approval_id FROM approval_requests
       WHERE finished_at IS NULL AND status IN ('approved', 'executed') AND decided_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND
       ORDER BY approval_id LIMIT 20`,
      [afterSeconds],
    );
    return rows.map(({ approval_id }) => String(approval_id));
  }

  /** @throws SIGNAL FORBIDDEN, IDEMPOTENCY_KEY_REUSED */
  async request(actor: Actor, approval: NewApproval): Promise<{ approval_id: string; is_replayed: boolean }> {
    const [rows] = await this.database.onConnection(actor, (queries) =>
      queries.call<{ approval_id: string; is_replayed: number | string }>('sp_request_approval', [
        approval.kind,
        approval.act,
        JSON.stringify(approval.payload),
        approval.subject_user_id,
        approval.reason,
        approval.key,
        approval.hash,
      ]),
    );
    const [row] = rows ?? [];
    return { approval_id: String(row?.approval_id), is_replayed: Number(row?.is_replayed) === 1 };
  }

  /**
   * @throws SIGNAL APPROVAL_NOT_FOUND, APPROVAL_OWN, FORBIDDEN, APPROVAL_DECIDED, APPROVAL_EXPIRED, APPROVAL_REQUESTER_GONE
   */
  async decide(
    actor: Actor,
    approvalId: string,
    decision: 'approved' | 'rejected' | 'cancelled',
    note: string | undefined,
  ): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_decide_approval', [approvalId, decision, note ?? null]),
    );
  }

  async finish(
    actor: Actor,
    approvalId: string,
    status: 'executed' | 'failed',
    result: object,
  ): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_finish_approval', [approvalId, status, JSON.stringify(result)]),
    );
  }

  async isKeyKnown(key: string): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT 1 FROM idempotency_keys WHERE idempotency_key = UNHEX(?)',
      [key],
    );
    return rows.length > 0;
  }

  async roleOf(userId: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ role: string }>('SELECT role FROM users WHERE user_id = ?', [
      userId,
    ]);
    return row?.role;
  }

  /** Currencies and amounts of transactions, those that exist. */
  amountsOf(
    transactionIds: readonly string[],
  ): Promise<{ transaction_id: string; currency: string; amount_minor: string }[]> {
    if (transactionIds.length === 0) return Promise.resolve([]);
    return this.database.query(
      `SELECT transaction_id, currency, amount_minor FROM transactions
       WHERE transaction_id IN (${transactionIds.map(() => '?').join(', ')})`,
      [...transactionIds],
    );
  }

  /** The newest alert of confirmed fraud that a frozen account was frozen for; null: it is not frozen, or for something else. */
  async fraudOf(accountId: string): Promise<string | null> {
    const [row] = await this.database.query<{ alert_id: string | null }>(
      `SELECT MAX(x.alert_id) AS alert_id FROM accounts a JOIN alerts x ON x.label = 'confirmed_fraud'
         AND (x.debit_account_id = a.account_id OR (x.credit_account_id = a.account_id AND (x.debit_account_id IS NULL OR x.is_receiver_frozen)))
       WHERE a.account_id = ? AND a.status = 'frozen'`,
      [accountId],
    );
    return row?.alert_id == null ? null : String(row.alert_id);
  }
}
