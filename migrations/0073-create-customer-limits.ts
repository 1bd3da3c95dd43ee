import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What customers may send: a row for each role and KYC status, and one for each customer with limits of his own. */
export class CreateCustomerLimits1764000073000 implements MigrationInterface {
  name = 'CreateCustomerLimits1764000073000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE customer_limits (
        customer_limit_id INT UNSIGNED NOT NULL AUTO_INCREMENT,
        user_id BIGINT UNSIGNED NULL COMMENT 'NULL: of everyone with this role and KYC status',
        role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
        kyc_status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
        class_bit SMALLINT UNSIGNED NULL COMMENT 'accounts.limit_class of those it is for; NULL beside user_id',
        per_transaction_usd_cents BIGINT NULL COMMENT 'NULL: no limit',
        per_day_usd_cents BIGINT NULL,
        per_counterparty_usd_cents BIGINT NULL COMMENT 'a day',
        revision INT UNSIGNED NOT NULL DEFAULT 1,
        updated_by BIGINT UNSIGNED NULL,
        updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
        PRIMARY KEY (customer_limit_id),
        UNIQUE KEY uq_customer_limits_user (user_id),
        UNIQUE KEY uq_customer_limits_class (role, kyc_status),
        UNIQUE KEY uq_customer_limits_class_bit (class_bit),
        CONSTRAINT fk_customer_limits_user FOREIGN KEY (user_id) REFERENCES users (user_id),
        CONSTRAINT ck_customer_limits_subject CHECK ((user_id IS NULL) = (class_bit IS NOT NULL))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE customer_limits');
  }
}
