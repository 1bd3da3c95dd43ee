import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the bank's own fraud engine refused, and by which rules. */
export class KeepRulesOfDeclines1764000047000 implements MigrationInterface {
  name = 'KeepRulesOfDeclines1764000047000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE declined_transactions
        ADD COLUMN rules_triggered JSON NULL COMMENT 'array of names of rules; NULL: no rule of the fraud engine decided'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE declined_transactions DROP COLUMN rules_triggered');
  }
}
