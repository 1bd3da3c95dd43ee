import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What customers with a limit a day have sent on the last day on which they sent something: in all (no party), and to each
 * counterparty. A row is used again on another day, so the table grows with pairs and not with days.
 */
export class CreateLimitUsage1764000074000 implements MigrationInterface {
  name = 'CreateLimitUsage1764000074000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE limit_usage (
        user_id BIGINT UNSIGNED NOT NULL,
        party_kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'user, merchant, or empty: all together',
        party_id BIGINT UNSIGNED NOT NULL,
        usage_day DATE NOT NULL COMMENT 'UTC, by the clock of posting',
        used_worth BIGINT NOT NULL COMMENT 'ten-thousandths of a US dollar',
        PRIMARY KEY (user_id, party_kind, party_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE limit_usage');
  }
}
