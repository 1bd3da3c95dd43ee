import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who changed what, when, from where: written by triggers, append-only. */
export class CreateSystemAuditLogs1764000022000 implements MigrationInterface {
  name = 'CreateSystemAuditLogs1764000022000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE system_audit_logs (
        audit_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        table_name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        record_id BIGINT UNSIGNED NULL,
        action VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        old_values JSON NULL,
        new_values JSON NULL,
        actor_user_id BIGINT UNSIGNED NULL,
        actor_db_user VARCHAR(128) NOT NULL,
        ip_address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL,
        request_id VARCHAR(64) NULL,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (audit_id),
        KEY ix_system_audit_logs_record (table_name, record_id),
        KEY ix_system_audit_logs_actor (actor_user_id, audit_id),
        KEY ix_system_audit_logs_created_at (created_at)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE system_audit_logs');
  }
}
