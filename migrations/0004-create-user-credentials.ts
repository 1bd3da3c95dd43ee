import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Hashes and lockouts, apart from users so that only the API's database user reads them. */
export class CreateUserCredentials1764000004000 implements MigrationInterface {
  name = 'CreateUserCredentials1764000004000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE user_credentials (
        user_id BIGINT UNSIGNED NOT NULL,
        password_hash VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'bcrypt; an exclamation mark for users who cannot log in',
        pin_hash VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL,
        failed_password_count INT UNSIGNED NOT NULL DEFAULT 0,
        password_locked_until DATETIME(6) NULL,
        failed_pin_count INT UNSIGNED NOT NULL DEFAULT 0,
        pin_locked_until DATETIME(6) NULL,
        token_version INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'access tokens of a lower version are refused',
        tokens_revoked_at DATETIME(6) NULL COMMENT 'when token_version last grew',
        password_changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (user_id),
        KEY ix_user_credentials_tokens_revoked_at (tokens_revoked_at),
        CONSTRAINT fk_user_credentials_user FOREIGN KEY (user_id) REFERENCES users (user_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE user_credentials');
  }
}
