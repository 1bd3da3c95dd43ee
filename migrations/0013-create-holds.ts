import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Funds set aside on an account until they are captured, voided, or the hold expires. */
export class CreateHolds1764000013000 implements MigrationInterface {
  name = 'CreateHolds1764000013000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE holds (
        hold_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        reference_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        batch_id BIGINT UNSIGNED NOT NULL,
        batch_seq SMALLINT UNSIGNED NOT NULL,
        account_id BIGINT UNSIGNED NOT NULL,
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        amount_minor BIGINT NOT NULL,
        captured_minor BIGINT NOT NULL DEFAULT 0,
        status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'active',
        description VARCHAR(255) NULL,
        channel VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
        merchant_id BIGINT UNSIGNED NULL,
        card_id BIGINT UNSIGNED NULL,
        initiated_by BIGINT UNSIGNED NULL,
        expires_at DATETIME(6) NOT NULL,
        created_at DATETIME(6) NOT NULL,
        PRIMARY KEY (hold_id),
        UNIQUE KEY uq_holds_reference (reference_id),
        KEY ix_holds_expiry (status, expires_at),
        KEY ix_holds_account (account_id, status),
        CONSTRAINT ck_holds_amount CHECK (amount_minor > 0 AND captured_minor >= 0 AND captured_minor <= amount_minor),
        CONSTRAINT ck_holds_status CHECK (status IN ('active', 'captured', 'voided', 'expired'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE holds');
  }
}
