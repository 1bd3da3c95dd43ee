import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a limit was, and what was left of it, when a request was declined by it: so that its repeats are told the same. */
export class CreateLimitDeclines1764000075000 implements MigrationInterface {
  name = 'CreateLimitDeclines1764000075000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE limit_declines (
        idempotency_key BINARY(16) NOT NULL COMMENT 'that of the declined request',
        code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        limit_minor BIGINT NOT NULL,
        left_minor BIGINT NOT NULL,
        created_at DATETIME(6) NOT NULL,
        PRIMARY KEY (idempotency_key)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE limit_declines');
  }
}
