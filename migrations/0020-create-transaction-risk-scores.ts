import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The verdict on each posted transaction, one a model version. */
export class CreateTransactionRiskScores1764000020000 implements MigrationInterface {
  name = 'CreateTransactionRiskScores1764000020000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE transaction_risk_scores (
        transaction_id BIGINT UNSIGNED NOT NULL,
        model_version INT UNSIGNED NOT NULL COMMENT '0: rules alone',
        risk_score DECIMAL(5,4) NOT NULL,
        verdict VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        raw_score DOUBLE NULL COMMENT 'isolation forest score before calibration',
        features_used JSON NOT NULL,
        is_degraded BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'scored by rules alone because the model could not run',
        scored_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (transaction_id, model_version),
        KEY ix_transaction_risk_scores_verdict (verdict, risk_score),
        CONSTRAINT ck_transaction_risk_scores_range CHECK (risk_score >= 0 AND risk_score <= 1),
        CONSTRAINT ck_transaction_risk_scores_verdict CHECK (verdict IN ('SAFE', 'SUSPICIOUS', 'CRITICAL'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE transaction_risk_scores');
  }
}
