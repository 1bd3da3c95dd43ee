import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far, by the gap-free numbers of an account's entries, its balance marks take them into account. */
export class CreateAccountBalanceCoverage1764000043000 implements MigrationInterface {
  name = 'CreateAccountBalanceCoverage1764000043000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE account_balance_coverage (
        account_id BIGINT UNSIGNED NOT NULL,
        covered_seq BIGINT UNSIGNED NOT NULL COMMENT 'later entries are in no mark yet',
        PRIMARY KEY (account_id)
      ) ENGINE=InnoDB COMMENT 'derived from ledger_entries by sp_mark_balances'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE account_balance_coverage');
  }
}
