import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every version of every rule, append-only: a verdict names the version that it was judged by. */
export class CreateRiskRuleVersions1764000032000 implements MigrationInterface {
  name = 'CreateRiskRuleVersions1764000032000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE risk_rule_versions (
        rule_id INT UNSIGNED NOT NULL,
        version INT UNSIGNED NOT NULL,
        condition_tree JSON NOT NULL,
        risk_floor DECIMAL(5,4) NOT NULL,
        action VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'score',
        reason_template VARCHAR(200) NULL COMMENT 'NULL: the condition speaks for itself',
        owner VARCHAR(64) NOT NULL COMMENT 'who answers for the rule',
        reason VARCHAR(255) NOT NULL COMMENT 'why it is as it is',
        created_by BIGINT UNSIGNED NULL COMMENT 'NULL: came with the bank',
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (rule_id, version),
        CONSTRAINT fk_risk_rule_versions_rule FOREIGN KEY (rule_id) REFERENCES risk_rules (rule_id),
        CONSTRAINT ck_risk_rule_versions_floor CHECK (risk_floor >= 0 AND risk_floor <= 1),
        CONSTRAINT ck_risk_rule_versions_action CHECK (action IN ('score', 'hold', 'block'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE risk_rule_versions');
  }
}
