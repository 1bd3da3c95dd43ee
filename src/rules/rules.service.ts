import { Injectable } from '@nestjs/common';
import { type Actor, idOrNull, toIso } from '../database';
import { BankError } from '../errors';
import { CursorSigner } from '../http/cursor';
import { FACT_NAMES, FACTS, operatorsOf, type Condition, type RuleStatus } from '../risk';
import type {
  ChangeRuleDto,
  CreateRuleDto,
  EndShadowDto,
  FactsAnswer,
  RuleAnswer,
  RuleDetailAnswer,
  RulesQueryDto,
  VersionAnswer,
} from './rules.dto';
import { type RuleRow, RulesRepository, type VersionRow } from './rules.repository';

@Injectable()
export class RulesService {
  constructor(
    private readonly rules: RulesRepository,
    private readonly cursors: CursorSigner,
  ) {}

  /** What conditions may speak of. */
  facts(): FactsAnswer {
    return {
      items: FACT_NAMES.map((fact) => {
        const { kind, unit, definition } = FACTS[fact];
        return { fact, kind, unit, definition, operators: [...operatorsOf(fact)] };
      }),
    };
  }

  /** Oldest first. */
  async list(query: RulesQueryDto): Promise<{ items: RuleAnswer[]; next_cursor: string | null }> {
    const filters = { list: 'risk/rules', ...query };
    const [after] = this.cursors.start(filters);
    const rows = await this.rules.list({
      status: query.status,
      after_rule_id: after,
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [String(last.rule_id)]);
    return { ...page, items: page.items.map(ruleAnswer) };
  }

  /** @throws BankError RULE_NOT_FOUND */
  async get(ruleId: string): Promise<RuleDetailAnswer> {
    const [rule, versions] = await Promise.all([this.rules.find(ruleId), this.rules.versions(ruleId)]);
    if (!rule) throw new BankError('RULE_NOT_FOUND');
    return { ...ruleAnswer(rule), versions: versions.map(versionAnswer) };
  }

  /**
   * The condition of a version, by default the current one.
   * @throws BankError RULE_NOT_FOUND
   */
  async conditionOf(ruleId: string, version: number | undefined): Promise<Condition> {
    const rows = await this.rules.versions(ruleId);
    const wanted = version ?? (await this.rules.find(ruleId))?.version;
    const row = rows.find((found) => found.version === wanted);
    if (!row) throw new BankError('RULE_NOT_FOUND');
    return conditionFrom(row);
  }

  /** A draft. @throws BankError RULE_NAME_TAKEN */
  async create(actor: Actor, { name, ...version }: CreateRuleDto): Promise<RuleDetailAnswer> {
    return this.get(await this.rules.create(actor, name, version));
  }

  /**
   * A new version, in force at once where the rule is, or in shadow beside the one in force.
   * @param ifMatch the header, an ETag or a bare revision; the body's revision counts when both are there
   * @throws BankError RULE_NOT_FOUND, RULE_CHANGED, RULE_PROTECTED, RULE_NOT_ACTIVE
   */
  async change(
    actor: Actor,
    ruleId: string,
    { revision, ...version }: ChangeRuleDto,
    ifMatch: string | undefined,
    is_shadow = false,
  ): Promise<RuleDetailAnswer> {
    const seen = revision ?? revisionOf(ifMatch);
    if (seen === null)
      throw new BankError('VALIDATION_FAILED', {
        errors: [{ field: 'revision', message: 'is required, here or as the header If-Match' }],
      });
    await this.rules.change(actor, ruleId, seen, { ...version, is_shadow });
    return this.get(ruleId);
  }

  /**
   * The version in shadow judges from now on, or is dropped.
   * @throws BankError RULE_NOT_FOUND, RULE_CHANGED, RULE_HAS_NO_SHADOW, RULE_NOT_ACTIVE
   */
  async endShadow(
    actor: Actor,
    ruleId: string,
    end: EndShadowDto & { is_published: boolean },
    ifMatch: string | undefined,
  ): Promise<RuleDetailAnswer> {
    await this.rules.endShadow(actor, ruleId, { ...end, revision: end.revision ?? revisionOf(ifMatch) });
    return this.get(ruleId);
  }

  /** @throws BankError RULE_NOT_FOUND, RULE_PROTECTED, RULE_CHANGED, RULE_STATUS_NOT_ALLOWED */
  async setStatus(
    actor: Actor,
    ruleId: string,
    change: { revision?: number; status: RuleStatus; reason: string },
    ifMatch: string | undefined,
  ): Promise<RuleDetailAnswer> {
    const revision = change.revision ?? revisionOf(ifMatch);
    await this.rules.setStatus(actor, ruleId, { ...change, revision });
    return this.get(ruleId);
  }
}

/** @throws BankError VALIDATION_FAILED when there is something that no revision is */
function revisionOf(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  const digits = /^(?:W\/)?"?(\d{1,9})"?$/.exec(ifMatch.trim())?.[1];
  if (digits === undefined)
    throw new BankError('VALIDATION_FAILED', {
      errors: [{ field: 'If-Match', message: 'must be the ETag of the rule as you have seen it' }],
    });
  return Number(digits);
}

function conditionFrom({ condition_tree: tree }: VersionRow): Condition {
  return typeof tree === 'string' ? (JSON.parse(tree) as Condition) : tree;
}

function ruleAnswer(row: RuleRow): RuleAnswer {
  return {
    rule_id: String(row.rule_id),
    name: row.name,
    status: row.status,
    shadow_version: row.shadow_version === null ? null : Number(row.shadow_version),
    revision: Number(row.revision),
    is_protected: Number(row.is_protected) === 1,
    updated_at: toIso(row.updated_at),
    ...versionAnswer(row),
  };
}

function versionAnswer(row: VersionRow): VersionAnswer {
  return {
    version: Number(row.version),
    condition: conditionFrom(row) as unknown as Record<string, unknown>,
    floor: Number(row.risk_floor),
    action: row.action,
    reason_template: row.reason_template,
    owner: row.owner,
    reason: row.reason,
    created_by: idOrNull(row.created_by),
    created_by_username: row.created_by_username,
    created_at: toIso(row.created_at),
  };
}
