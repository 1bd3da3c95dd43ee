import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The hash chain over posted transactions, their entries and the audit rows, a row a block; append-only. docs/adr/0009 has the form. */
export class CreateSealBlocks1764000063000 implements MigrationInterface {
  name = 'CreateSealBlocks1764000063000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE seal_blocks (
        block_id BIGINT UNSIGNED NOT NULL COMMENT '1, 2, 3, … without a gap',
        chain_id BINARY(16) NOT NULL COMMENT 'drawn with the first block: tells one bank from another',
        previous_hash BINARY(32) NOT NULL COMMENT 'zeros in the first block',
        transactions_after_id BIGINT UNSIGNED NOT NULL,
        transactions_until_id BIGINT UNSIGNED NOT NULL,
        audit_after_id BIGINT UNSIGNED NOT NULL,
        audit_until_id BIGINT UNSIGNED NOT NULL,
        rows_count INT UNSIGNED NOT NULL,
        rows_sha256 BINARY(32) NOT NULL COMMENT 'of row_digests',
        sealed_at DATETIME(3) NOT NULL,
        key_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL: not signed',
        block_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the statement that the columns above make',
        signature BINARY(64) NULL COMMENT 'Ed25519, of the statement',
        row_digests MEDIUMBLOB NOT NULL COMMENT 'for each row: kind, id, leg, SHA-256; 42 bytes',
        PRIMARY KEY (block_id)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE seal_blocks');
  }
}
