import { Injectable } from '@nestjs/common';
import { type Actor, timeOrNull, toDatabaseTime, toIso } from '../database';
import { BankError } from '../errors';
import { CursorSigner } from '../http/cursor';
import {
  type AddListEntryDto,
  type ListEntriesQueryDto,
  type ListEntryAnswer,
  subjectValue,
} from './lists.dto';
import { type ListEntryRow, ListsRepository } from './lists.repository';

@Injectable()
export class ListsService {
  constructor(
    private readonly lists: ListsRepository,
    private readonly cursors: CursorSigner,
  ) {}

  /** Newest first. */
  async list(query: ListEntriesQueryDto): Promise<{ items: ListEntryAnswer[]; next_cursor: string | null }> {
    const filters = { list_of: 'risk/lists', ...query };
    const [before] = this.cursors.start(filters);
    const { subject_type: type, subject_value: value } = query;
    const rows = await this.lists.list({
      list: query.list,
      subject_type: type,
      subject_value: type === undefined || value === undefined ? value : subjectValue(type, value),
      rule_id: query.rule_id,
      active: query.active,
      before_entry_id: before,
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [String(last.list_entry_id)]);
    return { ...page, items: page.items.map(entryAnswer) };
  }

  /** @throws BankError LIST_ENTRY_NOT_FOUND */
  async get(entryId: string): Promise<ListEntryAnswer> {
    const row = await this.lists.find(entryId);
    if (!row) throw new BankError('LIST_ENTRY_NOT_FOUND');
    return entryAnswer(row);
  }

  /** @throws BankError SUBJECT_NOT_FOUND, RULE_NOT_FOUND, LIST_ENTRY_EXISTS */
  async add(actor: Actor, entry: AddListEntryDto): Promise<ListEntryAnswer> {
    const entryId = await this.lists.add(actor, {
      list: entry.list,
      subject_type: entry.subject_type,
      subject_value: subjectValue(entry.subject_type, entry.subject_value),
      rule_id: entry.rule_id ?? null,
      reason: entry.reason,
      expires_at: entry.expires_at === undefined ? null : toDatabaseTime(entry.expires_at),
    });
    return this.get(entryId);
  }

  /** @throws BankError LIST_ENTRY_NOT_FOUND */
  async remove(actor: Actor, entryId: string, reason: string | undefined): Promise<ListEntryAnswer> {
    await this.lists.remove(actor, entryId, reason);
    return this.get(entryId);
  }
}

function entryAnswer(row: ListEntryRow): ListEntryAnswer {
  return {
    list_entry_id: String(row.list_entry_id),
    list: row.list,
    subject_type: row.subject_type,
    subject_value: row.subject_value,
    rule_id: textOrNull(row.rule_id),
    rule_name: row.rule_name,
    reason: row.reason,
    is_active: Number(row.is_active) === 1,
    created_by: textOrNull(row.created_by),
    created_at: toIso(row.created_at),
    expires_at: timeOrNull(row.expires_at),
    removed_by: textOrNull(row.removed_by),
    removed_at: timeOrNull(row.removed_at),
    removal_reason: row.removal_reason,
  };
}

function textOrNull(value: string | number | null): string | null {
  return value === null ? null : String(value);
}
