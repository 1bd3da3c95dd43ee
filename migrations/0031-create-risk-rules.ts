import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rules that set a floor to the risk of a transaction: what is in force of each. The rules themselves stand in their versions. */
export class CreateRiskRules1764000031000 implements MigrationInterface {
  name = 'CreateRiskRules1764000031000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE risk_rules (
        rule_id INT UNSIGNED NOT NULL AUTO_INCREMENT,
        name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'draft',
        current_version INT UNSIGNED NOT NULL DEFAULT 1,
        revision INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'grows with every change of version or status',
        is_protected BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'stays as it is and active',
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
        PRIMARY KEY (rule_id),
        UNIQUE KEY uq_risk_rules_name (name),
        CONSTRAINT ck_risk_rules_status CHECK (status IN ('draft', 'shadow', 'active', 'disabled'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE risk_rules');
  }
}
