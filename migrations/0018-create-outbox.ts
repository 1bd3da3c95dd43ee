import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A row a committed batch, until the relay has handed its transactions to the scoring queue. */
export class CreateOutbox1764000018000 implements MigrationInterface {
  name = 'CreateOutbox1764000018000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE outbox (
        batch_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        transaction_count INT UNSIGNED NOT NULL,
        first_transaction_id BIGINT UNSIGNED NULL,
        last_transaction_id BIGINT UNSIGNED NULL,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (batch_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE outbox');
  }
}
