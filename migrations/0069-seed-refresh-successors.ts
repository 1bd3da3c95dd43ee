import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a used refresh token and its successor have in common, for as long as the answer may be asked for again. */
export class SeedRefreshSuccessors1764000069000 implements MigrationInterface {
  name = 'SeedRefreshSuccessors1764000069000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE refresh_tokens ADD COLUMN successor_seed BINARY(32) NULL
        COMMENT 'the successor is the HMAC of this under the token itself; gone once the successor is used' AFTER used_at`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE refresh_tokens DROP COLUMN successor_seed');
  }
}
