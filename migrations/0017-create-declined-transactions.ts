import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was asked and refused, with the reason: kept out of the ledger. */
export class CreateDeclinedTransactions1764000017000 implements MigrationInterface {
  name = 'CreateDeclinedTransactions1764000017000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE declined_transactions (
        declined_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        type VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        reason VARCHAR(255) NULL,
        account_id BIGINT UNSIGNED NULL COMMENT 'whose request it was',
        counterparty_account_id BIGINT UNSIGNED NULL,
        amount_minor BIGINT NULL,
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NULL,
        description VARCHAR(255) NULL,
        channel VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
        merchant_id BIGINT UNSIGNED NULL,
        card_id BIGINT UNSIGNED NULL,
        initiated_by BIGINT UNSIGNED NULL,
        effective_at DATETIME(6) NOT NULL,
        declined_at DATETIME(6) NOT NULL,
        PRIMARY KEY (declined_id),
        KEY ix_declined_transactions_account (account_id, declined_at)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE declined_transactions');
  }
}
