import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../database';
import { Conditions } from '../database/conditions';
import type { ListName, SubjectType } from './lists.dto';

export interface ListEntryRow {
  list_entry_id: string;
  list: ListName;
  subject_type: SubjectType;
  subject_value: string;
  rule_id: string | null;
  rule_name: string | null;
  reason: string;
  is_active: number | string;
  created_by: string | null;
  created_at: string;
  expires_at: string | null;
  removed_by: string | null;
  removed_at: string | null;
  removal_reason: string | null;
}

export interface ListFilter {
  list: string | undefined;
  subject_type: string | undefined;
  subject_value: string | undefined;
  rule_id: string | undefined;
  active: boolean | undefined;
  before_entry_id: string | undefined;
  limit: number;
}

export interface NewListEntry {
  list: ListName;
  subject_type: SubjectType;
  subject_value: string;
  rule_id: string | null;
  reason: string;
  /** DATETIME(6). */
  expires_at: string | null;
}

const IS_ACTIVE = '(e.removed_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > UTC_TIMESTAMP(6)))';
const ENTRIES = `SELECT e.list_entry_id, e.list, e.subject_type, e.subject_value, e.rule_id, r.name AS rule_name, e.reason,
    ${IS_ACTIVE} AS is_active, e.created_by, e.created_at, e.expires_at, e.removed_by, e.removed_at, e.removal_reason
  FROM risk_list_entries e LEFT JOIN risk_rules r ON r.rule_id = e.rule_id`;

@Injectable()
export class ListsRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(filter: ListFilter): Promise<ListEntryRow[]> {
    const conditions = new Conditions()
      .and('e.list_entry_id < ?', filter.before_entry_id)
      .and('e.list = ?', filter.list)
      .and('e.subject_type = ?', filter.subject_type)
      .and('e.subject_value = ?', filter.subject_value)
      .and('e.rule_id = ?', filter.rule_id)
      .and(`${IS_ACTIVE} = ?`, filter.active);
    return this.database.query<ListEntryRow>(
      `${ENTRIES}${conditions.where} ORDER BY e.list_entry_id DESC LIMIT ?`,
      [...conditions.parameters, filter.limit],
    );
  }

  async find(entryId: string): Promise<ListEntryRow | undefined> {
    const [row] = await this.database.query<ListEntryRow>(`${ENTRIES} WHERE e.list_entry_id = ?`, [entryId]);
    return row;
  }

  /** @throws SIGNAL SUBJECT_NOT_FOUND, RULE_NOT_FOUND, LIST_ENTRY_EXISTS */
  async add(actor: Actor, entry: NewListEntry): Promise<string> {
    const [rows] = await this.database.onConnection(actor, (queries) =>
      queries.call<{ list_entry_id: string }>('sp_add_risk_list_entry', [
        entry.list,
        entry.subject_type,
        entry.subject_value,
        entry.rule_id,
        entry.reason,
        entry.expires_at,
      ]),
    );
    return String(rows?.[0]?.list_entry_id);
  }

  /** @throws SIGNAL LIST_ENTRY_NOT_FOUND */
  async remove(actor: Actor, entryId: string, reason: string | undefined): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_remove_risk_list_entry', [entryId, reason ?? null]),
    );
  }
}
