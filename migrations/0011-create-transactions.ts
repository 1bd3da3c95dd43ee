import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Posted transactions, append-only. No foreign keys on the ledger: they cost up to 14 % of posting, and vw_ledger_integrity_check looks for what they would refuse. */
export class CreateTransactions1764000011000 implements MigrationInterface {
  name = 'CreateTransactions1764000011000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE transactions (
        transaction_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        reference_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'FL, batch in base 36, place in the batch in base 36',
        batch_id BIGINT UNSIGNED NOT NULL COMMENT 'what was committed together',
        batch_seq SMALLINT UNSIGNED NOT NULL,
        type VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        amount_minor BIGINT NOT NULL,
        is_high_value BOOLEAN NOT NULL DEFAULT FALSE,
        description VARCHAR(255) NULL,
        channel VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
        merchant_id BIGINT UNSIGNED NULL,
        card_id BIGINT UNSIGNED NULL,
        hold_id BIGINT UNSIGNED NULL,
        initiated_by BIGINT UNSIGNED NULL COMMENT 'user_id; NULL: the bank itself',
        effective_at DATETIME(6) NOT NULL COMMENT 'when it happened (value date)',
        posted_at DATETIME(6) NOT NULL COMMENT 'when the bank wrote it',
        PRIMARY KEY (transaction_id),
        UNIQUE KEY uq_transactions_reference (reference_id),
        CONSTRAINT ck_transactions_amount CHECK (amount_minor > 0),
        CONSTRAINT ck_transactions_type CHECK (type IN
          ('deposit', 'withdrawal', 'transfer', 'payment', 'refund', 'capture', 'reversal', 'journal'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE transactions');
  }
}
