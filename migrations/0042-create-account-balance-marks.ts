import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an account had at moments of the past on the effective clock, so that a past balance is no sum over its whole history. */
export class CreateAccountBalanceMarks1764000042000 implements MigrationInterface {
  name = 'CreateAccountBalanceMarks1764000042000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE account_balance_marks (
        account_id BIGINT UNSIGNED NOT NULL,
        through_at DATETIME(6) NOT NULL COMMENT 'on the effective clock, this moment included',
        entries_count BIGINT UNSIGNED NOT NULL COMMENT 'entries up to then, of those that account_balance_coverage speaks of',
        balance_minor BIGINT NOT NULL COMMENT 'their sum',
        PRIMARY KEY (account_id, through_at)
      ) ENGINE=InnoDB COMMENT 'derived from ledger_entries by sp_mark_balances'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE account_balance_marks');
  }
}
