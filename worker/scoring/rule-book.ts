import type { Logger } from 'pino';
import { idOrNull, type Queries, toIso } from '../../src/database';
import {
  BUILT_IN_RULES,
  type LiveRule,
  parseCondition,
  type RuleAction,
  SanctionsIndex,
  type SanctionsName,
} from '../../src/risk';
import { reasonOf } from '../runtime/connection-state';
import { ListBook, type ListEntry } from './list-book';

interface RuleRow {
  rule_id: string;
  name: string;
  is_shadow: number | string;
  version: number;
  /** MySQL gives a JSON column parsed, MariaDB as text. */
  condition_tree: unknown;
  risk_floor: string;
  action: RuleAction;
  reason_template: string | null;
}

type EntryRow = Omit<ListEntry, 'expires_at_ms'> & { expires_at: string | null };

const RULES_SQL = `
  SELECT r.rule_id, r.name, v.version <> r.current_version OR r.status = 'shadow' AS is_shadow, v.version, v.condition_tree, v.risk_floor, v.action, v.reason_template
  FROM risk_rules r JOIN risk_rule_versions v ON v.rule_id = r.rule_id
    AND (v.version = r.current_version OR (v.version = r.shadow_version AND r.status = 'active'))
  WHERE r.status IN ('active', 'shadow') ORDER BY r.rule_id, v.version`;
const ENTRIES_SQL = `
  SELECT list_entry_id, list, subject_type, subject_value, rule_id, expires_at
  FROM risk_list_entries WHERE removed_at IS NULL AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6))`;
const NAMES_SQL =
  'SELECT name, list, country FROM sanctions_names WHERE removed_at IS NULL ORDER BY sanctions_name_id';

/** How long what was read is believed before the three counters are looked at again. */
export const RULES_REFRESH_MS = 1_000;

/**
 * Rules, lists and names under sanctions as they stand in the database, kept in memory. Looking whether anything changed costs
 * one small query a second while there is work. What cannot be read stays as it was; as long as rules were never read, the bank's
 * first ones judge.
 */
export class RuleBook {
  rules: readonly LiveRule[] = BUILT_IN_RULES;
  lists = new ListBook([]);
  sanctions = new SanctionsIndex([]);
  private readonly revisions = new Map<string, string>();
  private lastLook_ms = -Infinity;
  private refreshing: Promise<void> | null = null;
  private isFailing = false;

  constructor(
    private readonly queries: Queries,
    private readonly logger: Logger,
    private readonly refresh_ms = RULES_REFRESH_MS,
  ) {}

  /** Resolves when what is known is recent enough, or cannot be read. */
  refresh(): Promise<void> {
    if (!this.refreshing && performance.now() - this.lastLook_ms < this.refresh_ms) return Promise.resolve();
    this.refreshing ??= this.look().finally(() => {
      this.lastLook_ms = performance.now();
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async look(): Promise<void> {
    try {
      const rows = await this.queries.query<{ kind: string; revision: string }>(
        'SELECT kind, revision FROM risk_revisions',
      );
      for (const { kind, revision } of rows) {
        if (this.revisions.get(kind) === String(revision)) continue;
        await this.load(kind);
        this.revisions.set(kind, String(revision));
      }
      if (this.isFailing) this.logger.info('rules and lists can be read again');
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing)
        this.logger.error(
          { reason: reasonOf(error) },
          'rules and lists cannot be read; judging by the last ones',
        );
      this.isFailing = true;
    }
  }

  private async load(kind: string): Promise<void> {
    if (kind === 'rules') {
      const rows = await this.queries.query<RuleRow>(RULES_SQL);
      this.rules = rows.flatMap((row) => this.toRule(row));
    } else if (kind === 'lists') {
      const rows = await this.queries.query<EntryRow>(ENTRIES_SQL);
      this.lists = new ListBook(rows.map(toEntry));
    } else if (kind === 'sanctions') {
      this.sanctions = new SanctionsIndex(await this.queries.query<SanctionsName>(NAMES_SQL));
    }
  }

  /** A rule that somebody changed past the API into what is none stays as it was. */
  private toRule(row: RuleRow): LiveRule[] {
    const rule_id = String(row.rule_id);
    const is_shadow = Number(row.is_shadow) === 1;
    const { condition, problems } = parseCondition(treeOf(row.condition_tree));
    if (!condition) {
      const before = this.rules.filter((rule) => rule.rule_id === rule_id && rule.is_shadow === is_shadow);
      const details = { rule: row.name, version: row.version, problems: problems.slice(0, 3) };
      this.logger.error(details, 'a rule cannot be parsed; its last good version judges');
      return before;
    }
    return [
      {
        rule_id,
        name: row.name,
        version: Number(row.version),
        is_shadow,
        condition,
        floor: Number(row.risk_floor),
        action: row.action,
        reason_template: row.reason_template,
      },
    ];
  }
}

function treeOf(column: unknown): unknown {
  if (typeof column !== 'string') return column;
  try {
    return JSON.parse(column);
  } catch {
    return null;
  }
}

function toEntry(row: EntryRow): ListEntry {
  return {
    list_entry_id: String(row.list_entry_id),
    list: row.list,
    subject_type: row.subject_type,
    subject_value: row.subject_value,
    rule_id: idOrNull(row.rule_id),
    expires_at_ms: row.expires_at === null ? null : Date.parse(toIso(row.expires_at)),
  };
}
