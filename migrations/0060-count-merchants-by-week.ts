import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A counterparty's past counts for two weeks: months are too coarse to count it by. The worker counts everything anew. */
export class CountMerchantsByWeek1764000060000 implements MigrationInterface {
  name = 'CountMerchantsByWeek1764000060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await this.empty(queryRunner);
    await queryRunner.query(
      `ALTER TABLE merchant_activity
         CHANGE COLUMN month week MEDIUMINT NOT NULL COMMENT 'of effective_at, Monday to Sunday, since that of 1970-01-01'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await this.empty(queryRunner);
    await queryRunner.query(
      `ALTER TABLE merchant_activity
         CHANGE COLUMN week month MEDIUMINT UNSIGNED NOT NULL COMMENT 'year * 12 + month of effective_at, January is 0'`,
    );
  }

  private async empty(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DELETE FROM merchant_activity');
    await queryRunner.query("DELETE FROM worker_state WHERE state_key = 'merchants_counted_to'");
  }
}
