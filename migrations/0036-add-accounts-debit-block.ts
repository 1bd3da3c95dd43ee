import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why nothing may be paid from an account for now. Money still comes in, and the bank's own corrections still go through. */
export class AddAccountsDebitBlock1764000036000 implements MigrationInterface {
  name = 'AddAccountsDebitBlock1764000036000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts
        ADD COLUMN debit_block VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL
          COMMENT 'NULL: none; review: a CRITICAL transaction waits for an analyst; blacklist: a block-list names the customer',
        ADD CONSTRAINT ck_accounts_debit_block CHECK (debit_block IN ('review', 'blacklist'))`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE accounts DROP CONSTRAINT ck_accounts_debit_block, DROP COLUMN debit_block',
    );
  }
}
