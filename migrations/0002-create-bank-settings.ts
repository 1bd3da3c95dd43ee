import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Settings that the database itself decides by, such as the end of the closed books. */
export class CreateBankSettings1764000002000 implements MigrationInterface {
  name = 'CreateBankSettings1764000002000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE bank_settings (
        setting_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        setting_value VARCHAR(255) NOT NULL,
        updated_by BIGINT UNSIGNED NULL,
        updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
        PRIMARY KEY (setting_key)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE bank_settings');
  }
}
