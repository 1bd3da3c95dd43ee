import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What analysts work on: all alerts about one customer, until a label closes the case. A customer has at most one open. */
export class CreateFraudCases1764000038000 implements MigrationInterface {
  name = 'CreateFraudCases1764000038000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE fraud_cases (
        case_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        user_id BIGINT UNSIGNED NOT NULL COMMENT 'the customer',
        status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open',
        priority TINYINT UNSIGNED NOT NULL COMMENT '1 urgent, 2 high, 3 normal: that of its most urgent alert',
        assigned_to BIGINT UNSIGNED NULL,
        opened_at DATETIME(6) NOT NULL,
        due_at DATETIME(6) NOT NULL COMMENT 'the earliest of its alerts',
        determination_at DATETIME(6) NULL,
        determined_by BIGINT UNSIGNED NULL,
        label VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
        version INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'grows with every change by a person',
        is_open BOOLEAN AS (status <> 'closed') STORED,
        open_user_id BIGINT UNSIGNED AS (IF(status <> 'closed', user_id, NULL)) STORED,
        PRIMARY KEY (case_id),
        UNIQUE KEY uq_fraud_cases_open (open_user_id),
        KEY ix_fraud_cases_queue (is_open, priority, due_at, case_id),
        KEY ix_fraud_cases_user (user_id),
        CONSTRAINT ck_fraud_cases_status CHECK (status IN ('open', 'in_review', 'closed')),
        CONSTRAINT ck_fraud_cases_label CHECK (label IN ('confirmed_fraud', 'false_positive', 'inconclusive')),
        CONSTRAINT ck_fraud_cases_closed CHECK ((status = 'closed') = (label IS NOT NULL AND determination_at IS NOT NULL))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE fraud_cases');
  }
}
