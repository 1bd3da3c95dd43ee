import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happened to cases and alerts, append-only. Ids ascend in the order of commits: they are the ids of the live feed. */
export class CreateCaseEvents1764000040000 implements MigrationInterface {
  name = 'CreateCaseEvents1764000040000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE case_events (
        event_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        case_id BIGINT UNSIGNED NOT NULL,
        alert_id BIGINT UNSIGNED NULL,
        transaction_id BIGINT UNSIGNED NULL,
        event VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        actor_user_id BIGINT UNSIGNED NULL COMMENT 'NULL: the bank itself',
        detail JSON NULL,
        occurred_at DATETIME(6) NOT NULL,
        PRIMARY KEY (event_id),
        KEY ix_case_events_case (case_id, event_id),
        CONSTRAINT ck_case_events_event CHECK (event IN ('opened', 'alert_raised', 'held', 'not_held', 'blocked', 'status', 'assigned',
          'note', 'transaction_attached', 'released', 'confirmed', 'settled', 'closed'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE case_events');
  }
}
