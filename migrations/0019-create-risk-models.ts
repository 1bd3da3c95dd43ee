import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Trained models, so that every worker scores with the same one and a restart does not retrain. */
export class CreateRiskModels1764000019000 implements MigrationInterface {
  name = 'CreateRiskModels1764000019000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE risk_models (
        model_version INT UNSIGNED NOT NULL AUTO_INCREMENT,
        kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        trained_on VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'history or baseline',
        trained_rows INT UNSIGNED NOT NULL,
        feature_names JSON NOT NULL,
        model_blob LONGBLOB NOT NULL COMMENT 'trees and calibration, no customer rows',
        is_active BOOLEAN NOT NULL DEFAULT TRUE,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (model_version)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE risk_models');
  }
}
