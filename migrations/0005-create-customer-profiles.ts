import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Demographics and income of a customer, where the bank knows them. */
export class CreateCustomerProfiles1764000005000 implements MigrationInterface {
  name = 'CreateCustomerProfiles1764000005000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE customer_profiles (
        user_id BIGINT UNSIGNED NOT NULL,
        source VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'where the profile came from',
        external_client_id VARCHAR(64) NULL,
        gender VARCHAR(16) NULL,
        address VARCHAR(255) NULL,
        latitude DECIMAL(9,6) NULL,
        longitude DECIMAL(9,6) NULL,
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        per_capita_income_minor BIGINT NULL,
        yearly_income_minor BIGINT NULL,
        total_debt_minor BIGINT NULL,
        credit_score SMALLINT UNSIGNED NULL,
        retirement_age TINYINT UNSIGNED NULL,
        num_credit_cards TINYINT UNSIGNED NULL,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (user_id),
        UNIQUE KEY uq_customer_profiles_external (source, external_client_id),
        CONSTRAINT fk_customer_profiles_user FOREIGN KEY (user_id) REFERENCES users (user_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE customer_profiles');
  }
}
