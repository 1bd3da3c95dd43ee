import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every attempt to log in, good or bad. */
export class CreateLoginActivity1764000023000 implements MigrationInterface {
  name = 'CreateLoginActivity1764000023000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE login_activity (
        login_activity_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        user_id BIGINT UNSIGNED NULL COMMENT 'NULL: no such user',
        username VARCHAR(64) NOT NULL,
        succeeded BOOLEAN NOT NULL,
        reason VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        ip_address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL,
        user_agent VARCHAR(255) NULL,
        occurred_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (login_activity_id),
        KEY ix_login_activity_user (user_id, occurred_at)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE login_activity');
  }
}
