import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People who log in. No secret stands here, so the auditor may read every column. */
export class CreateUsers1764000003000 implements MigrationInterface {
  name = 'CreateUsers1764000003000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE users (
        user_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        username VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
        email VARCHAR(254) NOT NULL,
        full_name VARCHAR(200) NOT NULL,
        date_of_birth DATE NULL,
        phone_number VARCHAR(32) NULL,
        role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'customer',
        kyc_status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'pending',
        is_active BOOLEAN NOT NULL DEFAULT TRUE,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
        PRIMARY KEY (user_id),
        UNIQUE KEY uq_users_username (username),
        UNIQUE KEY uq_users_email (email),
        CONSTRAINT ck_users_role CHECK (role IN ('customer', 'auditor', 'admin', 'analyst')),
        CONSTRAINT ck_users_kyc_status CHECK (kyc_status IN ('pending', 'verified', 'rejected'))
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE users');
  }
}
