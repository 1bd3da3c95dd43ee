import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many transactions merchants take part in, month by month: counted by the worker, in the order of the transactions' ids. */
export class CreateMerchantActivity1764000045000 implements MigrationInterface {
  name = 'CreateMerchantActivity1764000045000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE merchant_activity (
        merchant_id BIGINT UNSIGNED NOT NULL,
        month MEDIUMINT UNSIGNED NOT NULL COMMENT 'year * 12 + month of effective_at, January is 0',
        transactions_count BIGINT UNSIGNED NOT NULL,
        PRIMARY KEY (merchant_id, month)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE merchant_activity');
  }
}
