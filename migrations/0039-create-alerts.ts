import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One for each flagged transaction, never two: what was done about it, and what an analyst decided. */
export class CreateAlerts1764000039000 implements MigrationInterface {
  name = 'CreateAlerts1764000039000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE alerts (
        alert_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        transaction_id BIGINT UNSIGNED NOT NULL,
        model_version INT UNSIGNED NOT NULL COMMENT 'whose verdict raised it',
        case_id BIGINT UNSIGNED NOT NULL,
        user_id BIGINT UNSIGNED NOT NULL COMMENT 'the customer: the sender, or the receiver where no customer sent',
        debit_account_id BIGINT UNSIGNED NULL COMMENT 'account of the customer who sent; NULL: the bank''s own',
        credit_account_id BIGINT UNSIGNED NULL COMMENT 'account of the customer who received; NULL: the bank''s own',
        verdict VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        risk_score DECIMAL(5,4) NOT NULL,
        priority TINYINT UNSIGNED NOT NULL COMMENT '1 urgent, 2 high, 3 normal',
        status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open',
        actions_state VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT
          'none; pending: hold and block are to do; done; releasing, confirming: decided, its consequences are to do',
        is_acting BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'calls for a hold and a block; the sender may not send while it is open',
        hold_id BIGINT UNSIGNED NULL,
        held_minor BIGINT NULL,
        alert_raised_at DATETIME(6) NOT NULL,
        due_at DATETIME(6) NOT NULL,
        determination_at DATETIME(6) NULL,
        determined_by BIGINT UNSIGNED NULL,
        label VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
        is_reversal_wanted BOOLEAN NOT NULL DEFAULT FALSE,
        is_receiver_frozen BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'decided: the receiving account is frozen as well',
        recovered_minor BIGINT NULL COMMENT 'what came back of a confirmed fraud',
        recovery_transaction_id BIGINT UNSIGNED NULL,
        recovery_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'OK, or why not all of it came back',
        version INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'grows with every change by a person',
        is_open BOOLEAN AS (status <> 'closed') STORED,
        PRIMARY KEY (alert_id),
        UNIQUE KEY uq_alerts_transaction (transaction_id),
        KEY ix_alerts_queue (is_open, priority, risk_score DESC, alert_id),
        KEY ix_alerts_case (case_id),
        KEY ix_alerts_user (user_id),
        KEY ix_alerts_actions (actions_state, alert_id),
        KEY ix_alerts_debit_account (debit_account_id, is_acting, is_open),
        CONSTRAINT ck_alerts_verdict CHECK (verdict IN ('SUSPICIOUS', 'CRITICAL')),
        CONSTRAINT ck_alerts_status CHECK (status IN ('open', 'in_review', 'closed')),
        CONSTRAINT ck_alerts_actions CHECK (actions_state IN ('none', 'pending', 'done', 'releasing', 'confirming')),
        CONSTRAINT ck_alerts_label CHECK (label IN ('confirmed_fraud', 'false_positive', 'inconclusive')),
        CONSTRAINT ck_alerts_closed CHECK ((status = 'closed') = (label IS NOT NULL AND determination_at IS NOT NULL))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE alerts');
  }
}
