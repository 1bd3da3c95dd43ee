import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A row a login: where from, when last used, how long ago the user proved who they are. */
export class CreateAuthSessions1764000067000 implements MigrationInterface {
  name = 'CreateAuthSessions1764000067000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE auth_sessions (
        session_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the family_id of its refresh tokens',
        user_id BIGINT UNSIGNED NOT NULL,
        ip_address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'where it was last used from',
        user_agent VARCHAR(255) NULL,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        last_used_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'login, refresh or step-up',
        authenticated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'login or step-up',
        has_second_factor BOOLEAN NOT NULL DEFAULT FALSE,
        revoked_at DATETIME(6) NULL,
        revoked_reason VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NULL,
        PRIMARY KEY (session_id),
        KEY ix_auth_sessions_user (user_id, last_used_at),
        KEY ix_auth_sessions_revoked_at (revoked_at),
        KEY ix_auth_sessions_last_used_at (last_used_at),
        CONSTRAINT fk_auth_sessions_user FOREIGN KEY (user_id) REFERENCES users (user_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE auth_sessions');
  }
}
