import type { MigrationInterface, QueryRunner } from 'typeorm';

const EVENTS =
  "'opened', 'alert_raised', 'held', 'not_held', 'blocked', 'status', 'assigned', 'note', 'transaction_attached', 'released', " +
  "'confirmed', 'settled', 'closed'";

/** An attempt that the fraud engine stopped raises an alert as well: about what was declined, in place of a transaction. */
export class AlertDeclinedAttempts1764000055000 implements MigrationInterface {
  name = 'AlertDeclinedAttempts1764000055000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE declined_transactions
        ADD COLUMN risk_score DECIMAL(5,4) NULL COMMENT 'NULL: the fraud engine did not judge it',
        ADD COLUMN reasons JSON NULL COMMENT 'of a decline by the fraud engine, as in transaction_risk_scores',
        ADD KEY ix_declined_transactions_code (code, declined_id)`);
    await queryRunner.query(`
      CREATE TABLE declines_to_alert (
        declined_id BIGINT UNSIGNED NOT NULL,
        PRIMARY KEY (declined_id)
      ) ENGINE=InnoDB COMMENT 'what the fraud engine declined and no alert says yet'`);
    await queryRunner.query(`
      ALTER TABLE alerts
        MODIFY COLUMN transaction_id BIGINT UNSIGNED NULL COMMENT 'NULL: the alert is about what was declined',
        ADD COLUMN declined_id BIGINT UNSIGNED NULL AFTER transaction_id,
        ADD UNIQUE KEY uq_alerts_declined (declined_id)`);
    await queryRunner.query(
      'ALTER TABLE alerts ADD CONSTRAINT ck_alerts_subject CHECK ((transaction_id IS NULL) <> (declined_id IS NULL))',
    );
    await setEvents(queryRunner, `${EVENTS}, 'attempt_declined'`);
  }

  /** Alerts about what was declined go: there is no place for them. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE alerts DROP CONSTRAINT ck_alerts_subject');
    await queryRunner.query('DELETE FROM alerts WHERE transaction_id IS NULL');
    await queryRunner.query(`
      ALTER TABLE alerts DROP KEY uq_alerts_declined, DROP COLUMN declined_id,
        MODIFY COLUMN transaction_id BIGINT UNSIGNED NOT NULL`);
    await queryRunner.query('DROP TABLE declines_to_alert');
    await queryRunner.query(`
      ALTER TABLE declined_transactions DROP KEY ix_declined_transactions_code, DROP COLUMN reasons, DROP COLUMN risk_score`);
  }
}

async function setEvents(queryRunner: QueryRunner, events: string): Promise<void> {
  await queryRunner.query('ALTER TABLE case_events DROP CONSTRAINT ck_case_events_event');
  await queryRunner.query(
    `ALTER TABLE case_events ADD CONSTRAINT ck_case_events_event CHECK (event IN (${events}))`,
  );
}
