import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the worker's sweeps have got to. */
export class CreateWorkerState1764000025000 implements MigrationInterface {
  name = 'CreateWorkerState1764000025000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE worker_state (
        state_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        state_value VARCHAR(255) NOT NULL,
        updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
        PRIMARY KEY (state_key)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE worker_state');
  }
}
