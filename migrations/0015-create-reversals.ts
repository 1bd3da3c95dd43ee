import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The link between a transaction and its one reversal; the primary key keeps it at one. */
export class CreateReversals1764000015000 implements MigrationInterface {
  name = 'CreateReversals1764000015000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE reversals (
        original_transaction_id BIGINT UNSIGNED NOT NULL,
        reversal_transaction_id BIGINT UNSIGNED NOT NULL,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (original_transaction_id),
        UNIQUE KEY uq_reversals_reversal (reversal_transaction_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE reversals');
  }
}
