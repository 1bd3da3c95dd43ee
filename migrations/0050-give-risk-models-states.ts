import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A version of the model lives: it shadows, judges, is retired, or is refused. */
export class GiveRiskModelsStates1764000050000 implements MigrationInterface {
  name = 'GiveRiskModelsStates1764000050000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE risk_models
        ADD COLUMN state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'active',
        ADD COLUMN state_reason VARCHAR(255) NULL COMMENT 'why it is in this state',
        ADD COLUMN state_changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
        ADD COLUMN trained_because VARCHAR(255) NULL,
        ADD COLUMN learned_from INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'posted transactions there were; counted up to 5,000',
        ADD COLUMN confirmed_frauds INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'that taught the second model',
        ADD COLUMN measures JSON NULL COMMENT 'what it does lately: transactions, alert_rate, psi, drifted, measured_at',
        ADD CONSTRAINT ck_risk_models_state CHECK (state IN ('shadow', 'active', 'retired', 'refused'))`);
    await queryRunner.query("UPDATE risk_models SET state = 'retired' WHERE NOT is_active");
    // What was trained on history before had a thousand transactions at least; how many more is not known.
    await queryRunner.query("UPDATE risk_models SET learned_from = 1000 WHERE trained_on = 'history'");
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE risk_models DROP CONSTRAINT ck_risk_models_state');
    await queryRunner.query(
      `ALTER TABLE risk_models DROP COLUMN state, DROP COLUMN state_reason, DROP COLUMN state_changed_at,
        DROP COLUMN trained_because, DROP COLUMN learned_from, DROP COLUMN confirmed_frauds, DROP COLUMN measures`,
    );
  }
}
