import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Public halves of the keys that blocks were signed with, for convenience: whoever trusts no database pins them elsewhere. Append-only. */
export class CreateSealKeys1764000064000 implements MigrationInterface {
  name = 'CreateSealKeys1764000064000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE seal_keys (
        key_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'first 16 hex digits of the SHA-256 of the public key',
        public_key BINARY(32) NOT NULL COMMENT 'Ed25519',
        first_block_id BIGINT UNSIGNED NOT NULL,
        created_at DATETIME(3) NOT NULL,
        PRIMARY KEY (key_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE seal_keys');
  }
}
