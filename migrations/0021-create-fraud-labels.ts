import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is known about a transaction afterwards: fraud or not. */
export class CreateFraudLabels1764000021000 implements MigrationInterface {
  name = 'CreateFraudLabels1764000021000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE fraud_labels (
        transaction_id BIGINT UNSIGNED NOT NULL,
        is_fraud BOOLEAN NOT NULL,
        source VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        labelled_by BIGINT UNSIGNED NULL,
        labelled_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (transaction_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE fraud_labels');
  }
}
