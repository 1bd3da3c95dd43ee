import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Checksums of procedures, views and triggers as they were loaded, to find what was changed since. */
export class CreateDatabaseObjects1764000026000 implements MigrationInterface {
  name = 'CreateDatabaseObjects1764000026000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE database_objects (
        object_name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        object_type VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        source_checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the file',
        definition_checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of what the server stored',
        applied_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (object_type, object_name)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE database_objects');
  }
}
