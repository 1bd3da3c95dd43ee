import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payment cards. The number is kept as first six, last four and a keyed hash; a CVV is never kept. */
export class CreateCards1764000010000 implements MigrationInterface {
  name = 'CreateCards1764000010000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE cards (
        card_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        user_id BIGINT UNSIGNED NOT NULL,
        account_id BIGINT UNSIGNED NOT NULL,
        source VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        external_card_id VARCHAR(64) NULL,
        brand VARCHAR(32) NOT NULL,
        card_type VARCHAR(32) NOT NULL,
        pan_first_six CHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        pan_last_four CHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        pan_hash BINARY(32) NOT NULL COMMENT 'HMAC-SHA-256 of the card number under CARD_HASH_KEY',
        expires_on DATE NULL COMMENT 'last day of the month of expiry',
        has_chip BOOLEAN NULL,
        credit_limit_minor BIGINT NULL,
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        opened_on DATE NULL,
        pin_last_changed_year SMALLINT UNSIGNED NULL,
        is_on_dark_web BOOLEAN NULL,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (card_id),
        UNIQUE KEY uq_cards_external (source, external_card_id),
        KEY ix_cards_pan_hash (pan_hash),
        CONSTRAINT fk_cards_user FOREIGN KEY (user_id) REFERENCES users (user_id),
        CONSTRAINT fk_cards_account FOREIGN KEY (account_id) REFERENCES accounts (account_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE cards');
  }
}
