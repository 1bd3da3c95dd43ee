import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A changed version of a rule in force can run in shadow beside it. */
export class ShadowRuleVersions1764000057000 implements MigrationInterface {
  name = 'ShadowRuleVersions1764000057000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE risk_rules
        ADD COLUMN shadow_version INT UNSIGNED NULL COMMENT 'runs in shadow beside the current one' AFTER current_version`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE risk_rules DROP COLUMN shadow_version');
  }
}
