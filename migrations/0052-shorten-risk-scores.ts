import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Features of most verdicts are kept as a short text (src/risk/feature-record.ts), which the server need not take apart; what was
 * written before stays as it is and is read as well. In the index, SAFE verdicts come one after the other, in place of scattered
 * by their scores, and each verdict's newest are found without sorting.
 */
export class ShortenRiskScores1764000052000 implements MigrationInterface {
  name = 'ShortenRiskScores1764000052000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE transaction_risk_scores
        MODIFY COLUMN features_used TEXT CHARACTER SET utf8mb4 NOT NULL
          COMMENT 'JSON by name when flagged, else values by place: src/risk/feature-record.ts',
        DROP KEY ix_transaction_risk_scores_verdict,
        ADD KEY ix_transaction_risk_scores_verdict (verdict, transaction_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      "UPDATE transaction_risk_scores SET features_used = JSON_OBJECT('record', features_used) WHERE features_used NOT LIKE '{%'",
    );
    await queryRunner.query(`
      ALTER TABLE transaction_risk_scores
        MODIFY COLUMN features_used JSON NOT NULL,
        DROP KEY ix_transaction_risk_scores_verdict,
        ADD KEY ix_transaction_risk_scores_verdict (verdict, risk_score)`);
  }
}
