import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The row that tells postings whether a merchant or a card was ever on the block-list. It is 1 as long as none was, and the lock that
 * postings with merchants or cards share with changes of such entries.
 */
export class CountBlockedParties1764000048000 implements MigrationInterface {
  name = 'CountBlockedParties1764000048000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      INSERT INTO risk_revisions (kind, revision)
      SELECT 'parties', 1 + COUNT(*) FROM risk_list_entries WHERE list = 'block' AND subject_type IN ('merchant', 'card')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DELETE FROM risk_revisions WHERE kind = 'parties'");
  }
}
