import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which limits are its owner's, beside what a posting locks anyway: whether any could apply costs no further row. */
export class AddAccountsLimitClass1764000077000 implements MigrationInterface {
  name = 'AddAccountsLimitClass1764000077000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts
        ADD COLUMN limit_class SMALLINT UNSIGNED NOT NULL DEFAULT 0
          COMMENT 'customer_limits.class_bit; 32768: limits of the customer himself; 0: none, the bank''s own'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE accounts DROP COLUMN limit_class');
  }
}
