import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Transactions that analysts attached to a case, beside those that raised its alerts. */
export class CreateCaseTransactions1764000041000 implements MigrationInterface {
  name = 'CreateCaseTransactions1764000041000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE case_transactions (
        case_id BIGINT UNSIGNED NOT NULL,
        transaction_id BIGINT UNSIGNED NOT NULL,
        attached_by BIGINT UNSIGNED NULL,
        attached_at DATETIME(6) NOT NULL,
        PRIMARY KEY (case_id, transaction_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE case_transactions');
  }
}
