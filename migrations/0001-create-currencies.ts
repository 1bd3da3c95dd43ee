import type { MigrationInterface, QueryRunner } from 'typeorm';

/** ISO 4217 currencies and their minor units. */
export class CreateCurrencies1764000001000 implements MigrationInterface {
  name = 'CreateCurrencies1764000001000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE currencies (
        currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        name VARCHAR(64) NOT NULL,
        exponent TINYINT UNSIGNED NOT NULL COMMENT 'ISO 4217: decimals of the minor unit',
        minor_per_major INT UNSIGNED NOT NULL COMMENT '10 to the power of exponent',
        high_value_minor BIGINT NOT NULL COMMENT 'a transaction above this is flagged as high value',
        is_active BOOLEAN NOT NULL DEFAULT TRUE,
        PRIMARY KEY (currency),
        CONSTRAINT ck_currencies_exponent CHECK (exponent <= 4)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE currencies');
  }
}
