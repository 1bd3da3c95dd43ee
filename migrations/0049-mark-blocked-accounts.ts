import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Marks the accounts that the block-list names already, by their number or by their owner, for postings to see. */
export class MarkBlockedAccounts1764000049000 implements MigrationInterface {
  name = 'MarkBlockedAccounts1764000049000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      UPDATE accounts SET debit_block = 'blacklist'
      WHERE user_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM risk_list_entries e
        WHERE e.list = 'block' AND e.removed_at IS NULL AND (
          (e.subject_type = 'account' AND CAST(e.subject_value AS UNSIGNED) = accounts.account_id)
          OR (e.subject_type = 'user' AND CAST(e.subject_value AS UNSIGNED) = accounts.user_id)))`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("UPDATE accounts SET debit_block = NULL WHERE debit_block = 'blacklist'");
  }
}
