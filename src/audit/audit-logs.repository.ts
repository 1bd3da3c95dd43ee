import { Injectable } from '@nestjs/common';
import { Database } from '../database';
import { Conditions } from '../database/conditions';

/** MySQL gives a JSON column parsed, MariaDB as text. */
export type JsonColumn = Record<string, unknown> | string | null;

export interface AuditLogRow {
  audit_id: string;
  table_name: string;
  record_id: string | null;
  action: string;
  old_values: JsonColumn;
  new_values: JsonColumn;
  actor_user_id: string | null;
  actor_username: string | null;
  actor_db_user: string;
  ip_address: string | null;
  request_id: string | null;
  created_at: string;
}

export interface LoginActivityRow {
  login_activity_id: string;
  user_id: string | null;
  username: string;
  succeeded: number;
  reason: string;
  ip_address: string | null;
  user_agent: string | null;
  occurred_at: string;
}

interface ListFilter {
  from: string | undefined;
  to: string | undefined;
  before_id: string | undefined;
  limit: number;
}

export interface AuditLogFilter extends ListFilter {
  table_name: string | undefined;
  record_id: string | undefined;
  action: string | undefined;
  actor_user_id: string | undefined;
}

export interface LoginActivityFilter extends ListFilter {
  user_id: string | undefined;
  username: string | undefined;
  succeeded: boolean | undefined;
  ip_address: string | undefined;
}

/** Who changed what, and who logged in from where. Newest first. */
@Injectable()
export class AuditLogsRepository {
  constructor(private readonly database: Database) {}

  auditLogs(filter: AuditLogFilter): Promise<AuditLogRow[]> {
    const conditions = new Conditions()
      .and('l.audit_id < ?', filter.before_id)
      .and('l.table_name = ?', filter.table_name)
      .and('l.record_id = ?', filter.record_id)
      .and('l.action = ?', filter.action)
      .and('l.actor_user_id = ?', filter.actor_user_id)
      .and('l.created_at >= ?', filter.from)
      .and('l.created_at < ?', filter.to);
    return this.database.query<AuditLogRow>(
      `SELECT l.audit_id, l.table_name, l.record_id, l.action, l.old_values, l.new_values, l.actor_user_id,
         u.username AS actor_username, l.actor_db_user, l.ip_address, l.request_id, l.created_at
       FROM system_audit_logs l LEFT JOIN users u ON u.user_id = l.actor_user_id${conditions.where}
       ORDER BY l.audit_id DESC LIMIT ?`,
      [...conditions.parameters, filter.limit],
    );
  }

  loginActivity(filter: LoginActivityFilter): Promise<LoginActivityRow[]> {
    const conditions = new Conditions()
      .and('login_activity_id < ?', filter.before_id)
      .and('user_id = ?', filter.user_id)
      .and('username = ?', filter.username)
      .and('succeeded = ?', filter.succeeded)
      .and('CONVERT(ip_address USING utf8mb4) = ?', filter.ip_address)
      .and('occurred_at >= ?', filter.from)
      .and('occurred_at < ?', filter.to);
    return this.database.query<LoginActivityRow>(
      `SELECT login_activity_id, user_id, username, succeeded, reason, ip_address, user_agent, occurred_at
       FROM login_activity${conditions.where} ORDER BY login_activity_id DESC LIMIT ?`,
      [...conditions.parameters, filter.limit],
    );
  }
}
