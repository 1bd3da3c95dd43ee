import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a verdict rests on: how rare the score is, which rules applied, and the reasons in words of what is flagged. */
export class ExplainRiskScores1764000037000 implements MigrationInterface {
  name = 'ExplainRiskScores1764000037000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE transaction_risk_scores
        ADD COLUMN p_value DOUBLE NULL COMMENT 'share of ordinary transactions that score as high',
        ADD COLUMN rules_triggered JSON NULL COMMENT 'array of {rule, version}',
        ADD COLUMN reasons JSON NULL COMMENT 'array of {kind, name, text, share}; flagged verdicts only'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE transaction_risk_scores DROP COLUMN p_value, DROP COLUMN rules_triggered, DROP COLUMN reasons',
    );
  }
}
