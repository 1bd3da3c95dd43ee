import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The state says it. */
export class DropRiskModelsIsActive1764000051000 implements MigrationInterface {
  name = 'DropRiskModelsIsActive1764000051000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE risk_models DROP COLUMN is_active');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE risk_models ADD COLUMN is_active BOOLEAN NOT NULL DEFAULT TRUE');
    await queryRunner.query("UPDATE risk_models SET is_active = (state = 'active')");
  }
}
