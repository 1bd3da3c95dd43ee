import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What kinds of account there are, and on which side of the balance sheet each stands. */
export class CreateChartOfAccounts1764000006000 implements MigrationInterface {
  name = 'CreateChartOfAccounts1764000006000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE chart_of_accounts (
        account_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        gl_code CHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        name VARCHAR(64) NOT NULL,
        category VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        is_customer BOOLEAN NOT NULL,
        PRIMARY KEY (account_type),
        UNIQUE KEY uq_chart_of_accounts_gl_code (gl_code),
        CONSTRAINT ck_chart_of_accounts_category CHECK (category IN ('asset', 'liability', 'equity', 'income', 'expense'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chart_of_accounts');
  }
}
