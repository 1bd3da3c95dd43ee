import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An index for each way in which the queues of alerts and of cases are asked for, in the order in which they are shown: a page costs
 * the rows that it has. Alerts say to whom their case is assigned, so that this filter has one as well.
 */
export class IndexAlertQueues1764000056000 implements MigrationInterface {
  name = 'IndexAlertQueues1764000056000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE alerts
        ADD COLUMN assigned_to BIGINT UNSIGNED NULL COMMENT 'that of its case' AFTER case_id,
        ADD KEY ix_alerts_status (status, priority, risk_score DESC, alert_id),
        ADD KEY ix_alerts_verdict (is_open, verdict, priority, risk_score DESC, alert_id),
        ADD KEY ix_alerts_assigned (assigned_to, is_open, priority, risk_score DESC, alert_id)`);
    await queryRunner.query(`
      UPDATE alerts a JOIN fraud_cases c ON c.case_id = a.case_id SET a.assigned_to = c.assigned_to
      WHERE c.assigned_to IS NOT NULL`);
    await queryRunner.query(`
      ALTER TABLE fraud_cases
        DROP KEY ix_fraud_cases_user,
        ADD KEY ix_fraud_cases_user (user_id, is_open, priority, due_at, case_id),
        ADD KEY ix_fraud_cases_status (status, priority, due_at, case_id),
        ADD KEY ix_fraud_cases_label (label, priority, due_at, case_id),
        ADD KEY ix_fraud_cases_assigned (assigned_to, is_open, priority, due_at, case_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE fraud_cases DROP KEY ix_fraud_cases_assigned, DROP KEY ix_fraud_cases_label, DROP KEY ix_fraud_cases_status,
        DROP KEY ix_fraud_cases_user, ADD KEY ix_fraud_cases_user (user_id)`);
    await queryRunner.query(`
      ALTER TABLE alerts DROP KEY ix_alerts_assigned, DROP KEY ix_alerts_verdict, DROP KEY ix_alerts_status, DROP COLUMN assigned_to`);
  }
}
