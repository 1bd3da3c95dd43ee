import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Second factors: the shared secret of one-time codes, encrypted under DATA_KEYS, and how guessing goes. */
export class CreateUserTotp1764000070000 implements MigrationInterface {
  name = 'CreateUserTotp1764000070000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE user_totp (
        user_id BIGINT UNSIGNED NOT NULL,
        secret VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'ciphertext; NULL: not enrolled',
        confirmed_at DATETIME(6) NULL,
        pending_secret VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'ciphertext, until its first code is given',
        pending_since DATETIME(6) NULL,
        last_step BIGINT UNSIGNED NULL COMMENT 'time step of the last code taken: none at or before it is taken again',
        failed_count INT UNSIGNED NOT NULL DEFAULT 0,
        locked_until DATETIME(6) NULL,
        PRIMARY KEY (user_id),
        CONSTRAINT fk_user_totp_user FOREIGN KEY (user_id) REFERENCES users (user_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE user_totp');
  }
}
