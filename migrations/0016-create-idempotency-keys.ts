import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row a decided request, written in the posting transaction itself, so that a key has one effect, ever. */
export class CreateIdempotencyKeys1764000016000 implements MigrationInterface {
  name = 'CreateIdempotencyKeys1764000016000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE idempotency_keys (
        idempotency_key BINARY(16) NOT NULL COMMENT 'hash of user and key',
        request_hash BINARY(16) NOT NULL,
        code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        transaction_id BIGINT UNSIGNED NULL,
        hold_id BIGINT UNSIGNED NULL,
        created_at DATETIME(6) NOT NULL,
        PRIMARY KEY (idempotency_key)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE idempotency_keys');
  }
}
