import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions that were opened before they had a row, as far as their refresh tokens tell. */
export class FillAuthSessions1764000068000 implements MigrationInterface {
  name = 'FillAuthSessions1764000068000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      INSERT INTO auth_sessions (session_id, user_id, created_at, last_used_at, authenticated_at, revoked_at, revoked_reason)
      SELECT family_id, MIN(user_id), MIN(issued_at), MAX(issued_at), MIN(issued_at),
        IF(COUNT(*) = COUNT(revoked_at), MAX(revoked_at), NULL), IF(COUNT(*) = COUNT(revoked_at), 'before_sessions', NULL)
      FROM refresh_tokens GROUP BY family_id`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DELETE FROM auth_sessions');
  }
}
