import type { MigrationInterface, QueryRunner } from 'typeorm';

const CONDITION = '{"fact":"sender_transactions_10m","op":"gt","value":5}';
const TEMPLATE =
  '{sender_transactions_10m} transactions in the 10 minutes before, limit {limit:sender_transactions_10m}';
const REASON = 'Stolen credentials are used up in minutes, not in hours';

/**
 * The velocity rule that came with the bank counts ten minutes. A bank that has changed the rule keeps its own. The limit of an hour goes
 * on as a rule of its own, velocity_hour, which comes with the reference data.
 */
export class VelocityOfTenMinutes1764000061000 implements MigrationInterface {
  name = 'VelocityOfTenMinutes1764000061000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `INSERT INTO risk_rule_versions (rule_id, version, condition_tree, risk_floor, action, reason_template, owner, reason)
       SELECT r.rule_id, 2, ?, v.risk_floor, v.action, ?, v.owner, ?
       FROM risk_rules r JOIN risk_rule_versions v ON v.rule_id = r.rule_id AND v.version = 1
       WHERE r.name = 'velocity' AND v.created_by IS NULL AND v.reason_template LIKE '%_1h%'
         AND NOT EXISTS (SELECT 1 FROM risk_rule_versions o WHERE o.rule_id = r.rule_id AND o.version > 1)`,
      [CONDITION, TEMPLATE, REASON],
    );
    await this.move(queryRunner, 1, 2);
  }

  /** Versions are never deleted: the second one stays, out of force. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await this.move(queryRunner, 2, 1);
  }

  private async move(queryRunner: QueryRunner, from: number, to: number): Promise<void> {
    await queryRunner.query(
      `UPDATE risk_rules r JOIN risk_rule_versions v ON v.rule_id = r.rule_id AND v.version = 2 AND v.reason = ?
       SET r.current_version = ?, r.revision = r.revision + 1
       WHERE r.name = 'velocity' AND r.current_version = ?`,
      [REASON, to, from],
    );
    await queryRunner.query("UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'rules'");
  }
}
