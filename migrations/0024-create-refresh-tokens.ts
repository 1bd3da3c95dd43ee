import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Refresh tokens, each good once. */
export class CreateRefreshTokens1764000024000 implements MigrationInterface {
  name = 'CreateRefreshTokens1764000024000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE refresh_tokens (
        refresh_token_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        token_hash BINARY(32) NOT NULL COMMENT 'SHA-256; the token itself is never kept',
        family_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'all that descend from one login',
        user_id BIGINT UNSIGNED NOT NULL,
        issued_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        expires_at DATETIME(6) NOT NULL,
        used_at DATETIME(6) NULL,
        revoked_at DATETIME(6) NULL,
        PRIMARY KEY (refresh_token_id),
        UNIQUE KEY uq_refresh_tokens_hash (token_hash),
        KEY ix_refresh_tokens_family (family_id),
        KEY ix_refresh_tokens_user (user_id),
        CONSTRAINT fk_refresh_tokens_user FOREIGN KEY (user_id) REFERENCES users (user_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE refresh_tokens');
  }
}
