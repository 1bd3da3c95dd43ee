import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is blocked, allowed, or snoozed for a while. An entry is never deleted: it says when it ended and by whom. */
export class CreateRiskListEntries1764000033000 implements MigrationInterface {
  name = 'CreateRiskListEntries1764000033000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE risk_list_entries (
        list_entry_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        list VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        subject_type VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
        subject_value VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
          COMMENT 'an id, an ISO 3166 code, a user agent, an IP address, or a name as it is compared',
        rule_id INT UNSIGNED NULL COMMENT 'NULL: all rules',
        reason VARCHAR(255) NOT NULL,
        created_by BIGINT UNSIGNED NULL,
        created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        expires_at DATETIME(6) NULL,
        removed_at DATETIME(6) NULL,
        removed_by BIGINT UNSIGNED NULL,
        removal_reason VARCHAR(255) NULL,
        PRIMARY KEY (list_entry_id),
        KEY ix_risk_list_entries_subject (subject_type, subject_value, list, removed_at),
        CONSTRAINT fk_risk_list_entries_rule FOREIGN KEY (rule_id) REFERENCES risk_rules (rule_id),
        CONSTRAINT ck_risk_list_entries_list CHECK (list IN ('block', 'allow', 'snooze')),
        CONSTRAINT ck_risk_list_entries_subject CHECK (subject_type IN
          ('account', 'user', 'merchant', 'card', 'country', 'device', 'ip', 'name')),
        CONSTRAINT ck_risk_list_entries_snooze CHECK (list <> 'snooze' OR (rule_id IS NOT NULL AND expires_at IS NOT NULL)),
        CONSTRAINT ck_risk_list_entries_block CHECK (list <> 'block' OR rule_id IS NULL)
      ) ENGINE=InnoDB`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE risk_list_entries');
  }
}
