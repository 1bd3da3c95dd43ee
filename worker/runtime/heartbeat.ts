import type { ScoringProducer } from '../relay/scoring-producer';
import { jittered } from './loop';
import type { WorkerDatabase } from './worker-database';

const INTERVAL_MS = 10_000;

/**
 * Writes a sign of life into worker_state: under `worker_heartbeat`, when (updated_at) a worker last ran, and as JSON how many jobs
 * wait in Redis (null while it is away) and which model scores.
 */
export class Heartbeat {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly producer: ScoringProducer,
    private readonly modelVersion: () => number | null,
  ) {}

  async step(): Promise<number> {
    const waiting = await this.producer.backlog().catch(() => null);
    await this.database.execute(
      `INSERT INTO worker_state (state_key, state_value) VALUES ('worker_heartbeat', ?)
       ON DUPLICATE KEY UPDATE state_value = VALUES(state_value), updated_at = CURRENT_TIMESTAMP(6)`,
      [JSON.stringify({ waiting, model_version: this.modelVersion() })],
    );
    return jittered(INTERVAL_MS);
  }
}
