import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happened to a hold and what the account had afterwards, append-only. */
export class CreateHoldEvents1764000014000 implements MigrationInterface {
  name = 'CreateHoldEvents1764000014000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE hold_events (
        hold_id BIGINT UNSIGNED NOT NULL,
        event VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        amount_minor BIGINT NOT NULL,
        transaction_id BIGINT UNSIGNED NULL,
        balance_after_minor BIGINT NOT NULL,
        available_after_minor BIGINT NOT NULL,
        initiated_by BIGINT UNSIGNED NULL,
        occurred_at DATETIME(6) NOT NULL,
        PRIMARY KEY (hold_id, event),
        CONSTRAINT ck_hold_events_event CHECK (event IN ('created', 'captured', 'voided', 'expired'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE hold_events');
  }
}
