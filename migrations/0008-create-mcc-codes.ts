import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Merchant category codes, ISO 18245. */
export class CreateMccCodes1764000008000 implements MigrationInterface {
  name = 'CreateMccCodes1764000008000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE mcc_codes (
        mcc CHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        description VARCHAR(160) NOT NULL,
        PRIMARY KEY (mcc)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE mcc_codes');
  }
}
