import type { Queries } from '../../src/database';
import { SEEDED_RULES } from '../../src/risk';

const OWNER = 'Fraud team';
/** What nobody may take out of force: else the block-list could be overridden. */
const PROTECTED = new Set(['blacklist']);

/** The rules that every bank starts with, in force. A bank's own changes of them survive an upgrade. */
export async function loadRiskRules(queries: Queries): Promise<void> {
  for (const kind of ['rules', 'lists', 'sanctions'])
    await queries.execute('INSERT IGNORE INTO risk_revisions (kind) VALUES (?)', [kind]);
  for (const rule of SEEDED_RULES) {
    await queries.execute(
      "INSERT IGNORE INTO risk_rules (name, status, is_protected) VALUES (?, 'active', ?)",
      [rule.name, PROTECTED.has(rule.name)],
    );
    const { affectedRows } = await queries.execute(
      `INSERT IGNORE INTO risk_rule_versions
         (rule_id, version, condition_tree, risk_floor, action, reason_template, owner, reason)
       SELECT rule_id, 1, ?, ?, ?, ?, ?, ? FROM risk_rules WHERE name = ?`,
      [
        JSON.stringify(rule.condition),
        rule.floor,
        rule.action,
        rule.reason_template,
        OWNER,
        rule.reason,
        rule.name,
      ],
    );
    if (affectedRows > 0)
      await queries.execute("UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'rules'");
  }
}
