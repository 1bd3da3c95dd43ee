import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Customers' accounts and the bank's own, with their running balance. */
export class CreateAccounts1764000007000 implements MigrationInterface {
  name = 'CreateAccounts1764000007000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE accounts (
        account_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        account_number CHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'IBAN form, ISO 7064 mod 97-10 check digits',
        user_id BIGINT UNSIGNED NULL COMMENT 'NULL: an account of the bank itself',
        account_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        system_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the account type, on accounts of the bank only: one of each a currency',
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        balance_minor BIGINT NOT NULL DEFAULT 0 COMMENT 'credit positive',
        held_minor BIGINT NOT NULL DEFAULT 0,
        overdraft_limit_minor BIGINT NOT NULL DEFAULT 0,
        status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'active',
        last_account_seq BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'number of entries, gap-free',
        version BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'grows with every posting and hold',
        opened_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        closed_at DATETIME(6) NULL,
        PRIMARY KEY (account_id),
        UNIQUE KEY uq_accounts_account_number (account_number),
        UNIQUE KEY uq_accounts_system (currency, system_code),
        KEY ix_accounts_user (user_id),
        CONSTRAINT fk_accounts_user FOREIGN KEY (user_id) REFERENCES users (user_id),
        CONSTRAINT fk_accounts_account_type FOREIGN KEY (account_type) REFERENCES chart_of_accounts (account_type),
        CONSTRAINT fk_accounts_currency FOREIGN KEY (currency) REFERENCES currencies (currency),
        CONSTRAINT ck_accounts_status CHECK (status IN ('active', 'frozen', 'closed')),
        CONSTRAINT ck_accounts_held CHECK (held_minor >= 0),
        CONSTRAINT ck_accounts_overdraft CHECK (overdraft_limit_minor >= 0)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE accounts');
  }
}
