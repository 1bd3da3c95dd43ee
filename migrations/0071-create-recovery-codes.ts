import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Codes that stand for a lost second factor, each good once. They are random, so a SHA-256 is enough. */
export class CreateRecoveryCodes1764000071000 implements MigrationInterface {
  name = 'CreateRecoveryCodes1764000071000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE recovery_codes (
        user_id BIGINT UNSIGNED NOT NULL,
        code_hash BINARY(32) NOT NULL COMMENT 'SHA-256; the code itself is never kept',
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        used_at DATETIME(6) NULL,
        PRIMARY KEY (user_id, code_hash),
        CONSTRAINT fk_recovery_codes_user FOREIGN KEY (user_id) REFERENCES users (user_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE recovery_codes');
  }
}
