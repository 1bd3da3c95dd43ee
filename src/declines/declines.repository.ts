import { Injectable } from '@nestjs/common';
import type { JsonColumn } from '../alerts/json-column';
import { Database } from '../database';
import { Conditions } from '../database/conditions';

export interface DeclineFilter {
  account_id: string | undefined;
  user_id: string | undefined;
  code: string | undefined;
  rule: string | undefined;
  by_fraud_engine: boolean | undefined;
  /** DATETIME(6), the second one exclusive. */
  from: string | undefined;
  to: string | undefined;
  before_declined_id: string | undefined;
  limit: number;
}

export interface DeclineRow {
  declined_id: string;
  type: string;
  code: string;
  reason: string | null;
  account_id: string | null;
  account_number: string | null;
  user_id: string | null;
  username: string | null;
  counterparty_account_id: string | null;
  counterparty_account_number: string | null;
  counterparty_user_id: string | null;
  counterparty_username: string | null;
  amount_minor: string | null;
  currency: string | null;
  description: string | null;
  channel: string | null;
  merchant_name: string | null;
  mcc: string | null;
  card_id: string | null;
  initiated_by: string | null;
  initiated_by_username: string | null;
  effective_at: string;
  declined_at: string;
  rules_triggered: JsonColumn;
  risk_score: string | null;
  reasons: JsonColumn;
  alert_id: string | null;
  case_id: string | null;
}

const OF_FRAUD_ENGINE = "d.code IN ('BLOCKED', 'RISK_DECLINED')";

@Injectable()
export class DeclinesRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(filter: DeclineFilter): Promise<DeclineRow[]> {
    const { rule, by_fraud_engine } = filter;
    const conditions = new Conditions()
      .and('d.declined_id < ?', filter.before_declined_id)
      .and('d.account_id = ?', filter.account_id)
      .and('d.account_id IN (SELECT o.account_id FROM accounts o WHERE o.user_id = ?)', filter.user_id)
      .and('d.code = ?', filter.code)
      .and('JSON_CONTAINS(d.rules_triggered, JSON_QUOTE(?))', rule)
      .and('d.declined_at >= ?', filter.from)
      .and('d.declined_at < ?', filter.to);
    // A rule declines by these codes alone, which have an index.
    if (by_fraud_engine === true || rule !== undefined) conditions.and(OF_FRAUD_ENGINE);
    if (by_fraud_engine === false) conditions.and(`NOT ${OF_FRAUD_ENGINE}`);
    return this.database.query<DeclineRow>(
      `SELECT d.declined_id, d.type, d.code, d.reason, d.account_id, a.account_number, a.user_id, u.username,
         d.counterparty_account_id, b.account_number AS counterparty_account_number, b.user_id AS counterparty_user_id,
         v.username AS counterparty_username, d.amount_minor, d.currency, d.description, d.channel, m.name AS merchant_name, m.mcc,
         d.card_id, d.initiated_by, i.username AS initiated_by_username, d.effective_at, d.declined_at, d.rules_triggered,
         d.risk_score, d.reasons, x.alert_id, x.case_id
       FROM (SELECT d.* FROM declined_transactions d${conditions.where} ORDER BY d.declined_id DESC LIMIT ?) d
       LEFT JOIN accounts a ON a.account_id = d.account_id
       LEFT JOIN users u ON u.user_id = a.user_id
       LEFT JOIN accounts b ON b.account_id = d.counterparty_account_id
       LEFT JOIN users v ON v.user_id = b.user_id
       LEFT JOIN merchants m ON m.merchant_id = d.merchant_id
       LEFT JOIN users i ON i.user_id = d.initiated_by
       LEFT JOIN alerts x ON x.declined_id = d.declined_id
       ORDER BY d.declined_id DESC`,
      [...conditions.parameters, filter.limit],
    );
  }
}
