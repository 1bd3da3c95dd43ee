import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The entries of each transaction, append-only. */
export class CreateLedgerEntries1764000012000 implements MigrationInterface {
  name = 'CreateLedgerEntries1764000012000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE ledger_entries (
        transaction_id BIGINT UNSIGNED NOT NULL,
        leg TINYINT UNSIGNED NOT NULL,
        account_id BIGINT UNSIGNED NOT NULL,
        account_seq BIGINT UNSIGNED NOT NULL COMMENT 'gap-free number of the entry on its account',
        amount_minor BIGINT NOT NULL COMMENT 'credit positive, debit negative',
        balance_after_minor BIGINT NOT NULL,
        available_after_minor BIGINT NOT NULL COMMENT 'balance less holds plus overdraft, right after this entry',
        effective_at DATETIME(6) NOT NULL,
        posted_at DATETIME(6) NOT NULL,
        PRIMARY KEY (transaction_id, leg),
        UNIQUE KEY uq_ledger_entries_account_seq (account_id, account_seq),
        KEY ix_ledger_entries_effective (account_id, effective_at, account_seq, amount_minor),
        CONSTRAINT ck_ledger_entries_amount CHECK (amount_minor <> 0)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE ledger_entries');
  }
}
