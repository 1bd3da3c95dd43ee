import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far the ledger has been proven sound, a row a run of sp_prove_ledger; append-only. */
export class CreateLedgerProofs1764000027000 implements MigrationInterface {
  name = 'CreateLedgerProofs1764000027000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE ledger_proofs (
        proof_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        from_transaction_id BIGINT UNSIGNED NOT NULL COMMENT 'first one looked at, behind the last proven one',
        proven_until_transaction_id BIGINT UNSIGNED NOT NULL COMMENT 'stays where it was while there is a problem',
        transactions_count INT UNSIGNED NOT NULL,
        problems_count INT UNSIGNED NOT NULL,
        first_problem VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
        first_problem_transaction_id BIGINT UNSIGNED NULL,
        first_problem_account_id BIGINT UNSIGNED NULL,
        started_at DATETIME(6) NOT NULL,
        finished_at DATETIME(6) NOT NULL,
        PRIMARY KEY (proof_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE ledger_proofs');
  }
}
