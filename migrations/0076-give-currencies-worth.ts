import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The coarse worth of src/money/worth.ts, for what the database compares across currencies. Loaded with the reference data. */
export class GiveCurrenciesWorth1764000076000 implements MigrationInterface {
  name = 'GiveCurrenciesWorth1764000076000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE currencies
        ADD COLUMN units_per_dollar DECIMAL(12,4) NOT NULL DEFAULT 1 COMMENT 'that buy about what one US dollar buys'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE currencies DROP COLUMN units_per_dollar');
  }
}
