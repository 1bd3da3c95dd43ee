import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../database';
import { Conditions } from '../database/conditions';
import type { Condition, RuleAction, RuleStatus } from '../risk';

/** MySQL gives a JSON column parsed, MariaDB as text. */
type JsonColumn = Condition | string;

export interface VersionRow {
  version: number;
  condition_tree: JsonColumn;
  risk_floor: string;
  action: RuleAction;
  reason_template: string | null;
  owner: string;
  reason: string;
  created_by: string | null;
  created_by_username: string | null;
  created_at: string;
}

export interface RuleRow extends VersionRow {
  rule_id: string;
  name: string;
  status: RuleStatus;
  shadow_version: number | null;
  revision: number;
  is_protected: number;
  updated_at: string;
}

/** What a version of a rule consists of. */
export interface RuleVersion {
  condition: Condition;
  floor: number;
  action: RuleAction;
  reason_template: string | null;
  owner: string;
  reason: string;
}

const VERSION_COLUMNS = `v.version, v.condition_tree, v.risk_floor, v.action, v.reason_template, v.owner, v.reason, v.created_by,
  u.username AS created_by_username, v.created_at`;
const RULES = `SELECT r.rule_id, r.name, r.status, r.shadow_version, r.revision, r.is_protected, r.updated_at, ${VERSION_COLUMNS}
  FROM risk_rules r JOIN risk_rule_versions v ON v.rule_id = r.rule_id AND v.version = r.current_version
  LEFT JOIN users u ON u.user_id = v.created_by`;

@Injectable()
export class RulesRepository {
  constructor(private readonly database: Database) {}

  /** Oldest first. */
  list(filter: {
    status: string | undefined;
    after_rule_id: string | undefined;
    limit: number;
  }): Promise<RuleRow[]> {
    const conditions = new Conditions()
      .and('r.rule_id > ?', filter.after_rule_id)
      .and('r.status = ?', filter.status);
    return this.database.query<RuleRow>(`${RULES}${conditions.where} ORDER BY r.rule_id LIMIT ?`, [
      ...conditions.parameters,
      filter.limit,
    ]);
  }

  async find(ruleId: string): Promise<RuleRow | undefined> {
    const [row] = await this.database.query<RuleRow>(`${RULES} WHERE r.rule_id = ?`, [ruleId]);
    return row;
  }

  /** Newest first. */
  versions(ruleId: string): Promise<VersionRow[]> {
    return this.database.query<VersionRow>(
      `SELECT ${VERSION_COLUMNS} FROM risk_rule_versions v LEFT JOIN users u ON u.user_id = v.created_by
       WHERE v.rule_id = ? ORDER BY v.version DESC`,
      [ruleId],
    );
  }

  /** @throws SIGNAL RULE_NAME_TAKEN */
  async create(actor: Actor, name: string, version: RuleVersion): Promise<string> {
    const [rows] = await this.database.onConnection(actor, (queries) =>
      queries.call<{ rule_id: string }>('sp_create_risk_rule', [name, ...parametersOf(version)]),
    );
    return String(rows?.[0]?.rule_id);
  }

  /**
   * A version in place of the one in force, or in shadow beside it.
   * @throws SIGNAL RULE_NOT_FOUND, RULE_CHANGED, RULE_PROTECTED, RULE_NOT_ACTIVE
   */
  async change(
    actor: Actor,
    ruleId: string,
    revision: number,
    version: RuleVersion & { is_shadow: boolean },
  ): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_change_risk_rule', [ruleId, revision, version.is_shadow, ...parametersOf(version)]),
    );
  }

  /** @throws SIGNAL RULE_NOT_FOUND, RULE_CHANGED, RULE_HAS_NO_SHADOW, RULE_NOT_ACTIVE */
  async endShadow(
    actor: Actor,
    ruleId: string,
    end: { revision: number | null; is_published: boolean; reason: string },
  ): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_end_rule_shadow', [ruleId, end.revision, end.is_published, end.reason]),
    );
  }

  /** @throws SIGNAL RULE_NOT_FOUND, RULE_CHANGED, RULE_PROTECTED, RULE_STATUS_NOT_ALLOWED */
  async setStatus(
    actor: Actor,
    ruleId: string,
    change: { revision: number | null; status: RuleStatus; reason: string },
  ): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_set_risk_rule_status', [ruleId, change.revision, change.status, change.reason]),
    );
  }
}

function parametersOf(version: RuleVersion): (string | number | null)[] {
  return [
    JSON.stringify(version.condition),
    version.floor,
    version.action,
    version.reason_template,
    version.owner,
    version.reason,
  ];
}
