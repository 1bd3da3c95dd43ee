import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the worker remembers of accounts: derived from the ledger, may be emptied at any time. */
export class CreateAccountProfiles1764000044000 implements MigrationInterface {
  name = 'CreateAccountProfiles1764000044000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE account_profiles (
        account_id BIGINT UNSIGNED NOT NULL,
        next_account_seq BIGINT UNSIGNED NOT NULL COMMENT 'number of the first entry that the profile does not hold',
        profile BLOB NOT NULL COMMENT 'the newest entries before it, as worker/features/account-profile.ts writes them',
        PRIMARY KEY (account_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE account_profiles');
  }
}
