import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Wrong tries of usernames that nobody has, so that they lock as others do. A fixed number of rows: names share them. */
export class CreateLoginDecoys1764000072000 implements MigrationInterface {
  name = 'CreateLoginDecoys1764000072000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE login_decoys (
        slot SMALLINT UNSIGNED NOT NULL,
        username_hash BINARY(32) NOT NULL COMMENT 'HMAC of the name that holds the slot; another one takes it over',
        failed_count INT UNSIGNED NOT NULL DEFAULT 0,
        locked_until DATETIME(6) NULL,
        PRIMARY KEY (slot)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE login_decoys');
  }
}
