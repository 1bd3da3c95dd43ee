import { Injectable } from '@nestjs/common';
import { idOrNull, toIso } from '../database';
import { CursorSigner } from '../http/cursor';
import { periodEnd, periodStart } from '../http/fields';
import type {
  AuditLogAnswer,
  AuditLogsQueryDto,
  LoginActivityAnswer,
  LoginActivityQueryDto,
} from './audit.dto';
import {
  type AuditLogRow,
  AuditLogsRepository,
  type JsonColumn,
  type LoginActivityRow,
} from './audit-logs.repository';

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

@Injectable()
export class AuditLogsService {
  constructor(
    private readonly logs: AuditLogsRepository,
    private readonly cursors: CursorSigner,
  ) {}

  /** Newest first. */
  async auditLogs(query: AuditLogsQueryDto): Promise<Page<AuditLogAnswer>> {
    const filters = { list: 'audit/logs', ...query };
    const [before] = query.cursor === undefined ? [] : this.cursors.read(filters, query.cursor);
    const rows = await this.logs.auditLogs({
      table_name: query.table_name,
      record_id: query.record_id,
      action: query.action,
      actor_user_id: query.actor_user_id,
      from: periodStart(query.from),
      to: periodEnd(query.to),
      before_id: before?.toString(),
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [last.audit_id]);
    return { ...page, items: page.items.map(auditLogAnswer) };
  }

  /** Newest first. */
  async loginActivity(query: LoginActivityQueryDto): Promise<Page<LoginActivityAnswer>> {
    const filters = { list: 'audit/login-activity', ...query };
    const [before] = query.cursor === undefined ? [] : this.cursors.read(filters, query.cursor);
    const rows = await this.logs.loginActivity({
      user_id: query.user_id,
      username: query.username,
      succeeded: query.succeeded,
      ip_address: query.ip_address,
      from: periodStart(query.from),
      to: periodEnd(query.to),
      before_id: before?.toString(),
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [last.login_activity_id]);
    return { ...page, items: page.items.map(loginActivityAnswer) };
  }
}

function auditLogAnswer(row: AuditLogRow): AuditLogAnswer {
  return {
    audit_id: String(row.audit_id),
    table_name: row.table_name,
    record_id: idOrNull(row.record_id),
    action: row.action,
    old_values: jsonOf(row.old_values),
    new_values: jsonOf(row.new_values),
    actor_user_id: idOrNull(row.actor_user_id),
    actor_username: row.actor_username,
    actor_db_user: row.actor_db_user,
    ip_address: row.ip_address,
    request_id: row.request_id,
    created_at: toIso(row.created_at),
  };
}

function loginActivityAnswer(row: LoginActivityRow): LoginActivityAnswer {
  return {
    login_activity_id: String(row.login_activity_id),
    user_id: idOrNull(row.user_id),
    username: row.username,
    succeeded: row.succeeded === 1,
    reason: row.reason,
    ip_address: row.ip_address,
    user_agent: row.user_agent,
    occurred_at: toIso(row.occurred_at),
  };
}

function jsonOf(column: JsonColumn): Record<string, unknown> | null {
  return typeof column === 'string' ? (JSON.parse(column) as Record<string, unknown>) : column;
}
