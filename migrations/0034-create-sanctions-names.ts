import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Names under sanctions, as npm run lists loads them. */
export class CreateSanctionsNames1764000034000 implements MigrationInterface {
  name = 'CreateSanctionsNames1764000034000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE sanctions_names (
        sanctions_name_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        list VARCHAR(32) NOT NULL,
        entry_key VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
          COMMENT 'the id on the list, or the name as it is compared where the list has none',
        name VARCHAR(200) NOT NULL,
        country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
        loaded_at DATETIME(6) NOT NULL COMMENT 'when a file had it last',
        removed_at DATETIME(6) NULL COMMENT 'when a file that replaces the list lacked it',
        PRIMARY KEY (sanctions_name_id),
        UNIQUE KEY uq_sanctions_names_entry (list, entry_key)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE sanctions_names');
  }
}
