import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Acts that a second person approves before they are done. What is asked for never changes; what became of it does, once. */
export class CreateApprovalRequests1764000078000 implements MigrationInterface {
  name = 'CreateApprovalRequests1764000078000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE approval_requests (
        approval_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        kind VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'what the setting four_eyes names',
        act VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        payload LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'JSON, exactly as it is executed',
        subject_user_id BIGINT UNSIGNED NULL COMMENT 'whom it favours: approves it no more than who asked',
        reason VARCHAR(255) NULL,
        request_key BINARY(16) NULL COMMENT 'of a request that moves money: its idempotency key, also of the posting',
        request_hash BINARY(16) NULL,
        requested_by BIGINT UNSIGNED NOT NULL,
        requested_at DATETIME(6) NOT NULL,
        expires_at DATETIME(6) NOT NULL,
        status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'pending',
        decided_by BIGINT UNSIGNED NULL,
        decided_at DATETIME(6) NULL,
        decision_note VARCHAR(255) NULL,
        execution_token CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'of the attempt whose transaction did it',
        executed_at DATETIME(6) NULL,
        finished_at DATETIME(6) NULL COMMENT 'when the result was written down',
        result LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'JSON',
        PRIMARY KEY (approval_id),
        UNIQUE KEY uq_approval_requests_key (request_key),
        KEY ix_approval_requests_status (status, approval_id),
        KEY ix_approval_requests_finished (finished_at, status),
        CONSTRAINT ck_approval_requests_status CHECK (status IN ('pending', 'approved', 'rejected', 'cancelled', 'executed', 'failed'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE approval_requests');
  }
}
