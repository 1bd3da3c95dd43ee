import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where less could be held than came in, the account that received it may not send either while the alert is open. */
export class ReviewShortReceivers1764000080000 implements MigrationInterface {
  name = 'ReviewShortReceivers1764000080000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE alerts
        ADD COLUMN short_account_id BIGINT UNSIGNED NULL
          COMMENT 'the receiving account, where less could be held than it was credited: it is under review as well',
        ADD KEY ix_alerts_short_account (short_account_id, is_acting, is_open),
        ADD KEY ix_alerts_hold (hold_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE alerts DROP KEY ix_alerts_hold, DROP KEY ix_alerts_short_account, DROP COLUMN short_account_id',
    );
  }
}
