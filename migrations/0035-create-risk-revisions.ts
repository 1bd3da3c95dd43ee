import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A counter each for rules, lists and sanctions names that grows with every change of them: what was read of them is still right
 * as long as it stands. Its row is also the lock that their changes share.
 */
export class CreateRiskRevisions1764000035000 implements MigrationInterface {
  name = 'CreateRiskRevisions1764000035000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE risk_revisions (
        kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'rules, lists or sanctions',
        revision BIGINT UNSIGNED NOT NULL DEFAULT 1,
        changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
        PRIMARY KEY (kind)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE risk_revisions');
  }
}
