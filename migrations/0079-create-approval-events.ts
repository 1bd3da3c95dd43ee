import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happened to requests for approval, append-only. */
export class CreateApprovalEvents1764000079000 implements MigrationInterface {
  name = 'CreateApprovalEvents1764000079000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE approval_events (
        approval_event_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        approval_id BIGINT UNSIGNED NOT NULL,
        event VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        actor_user_id BIGINT UNSIGNED NULL,
        note VARCHAR(255) NULL,
        occurred_at DATETIME(6) NOT NULL,
        PRIMARY KEY (approval_event_id),
        KEY ix_approval_events_approval (approval_id),
        CONSTRAINT ck_approval_events_event
          CHECK (event IN ('requested', 'approved', 'rejected', 'cancelled', 'executed', 'failed'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE approval_events');
  }
}
