import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Confirmed frauds are few among many labels, and the worker looks for new ones all the time. */
export class IndexFraudLabels1764000046000 implements MigrationInterface {
  name = 'IndexFraudLabels1764000046000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE fraud_labels ADD KEY ix_fraud_labels_known (is_fraud, labelled_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE fraud_labels DROP KEY ix_fraud_labels_known');
  }
}
