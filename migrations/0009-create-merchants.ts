import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where customers pay. */
export class CreateMerchants1764000009000 implements MigrationInterface {
  name = 'CreateMerchants1764000009000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE merchants (
        merchant_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        merchant_key BINARY(16) NOT NULL COMMENT 'hash of name, mcc, city and country',
        name VARCHAR(120) NOT NULL,
        mcc CHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        city VARCHAR(80) NULL,
        state VARCHAR(80) NULL,
        country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        PRIMARY KEY (merchant_id),
        UNIQUE KEY uq_merchants_key (merchant_key)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE merchants');
  }
}
