import { SCORING_FAILURE_KEYS, WORKER_HEARTBEAT_KEY } from '../../src/queue';
import type { ScoringProducer } from '../relay/scoring-producer';
import type { ScoringFailures } from '../scoring/scoring-failures';
import { jittered } from './loop';
import type { WorkerDatabase } from './worker-database';

const INTERVAL_MS = 10_000;

/**
 * Writes a sign of life into worker_state: under `worker_heartbeat`, when (updated_at) a worker last ran, and as JSON how many jobs
 * wait in Redis (null while it is away) and which model scores. What could not be scored meanwhile is added up there, over all
 * workers.
 */
export class Heartbeat {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly producer: ScoringProducer,
    private readonly modelVersion: () => number | null,
    private readonly failures: ScoringFailures,
  ) {}

  async step(): Promise<number> {
    const waiting = await this.producer.backlog().catch(() => null);
    await this.database.execute(
      `INSERT INTO worker_state (state_key, state_value) VALUES (?, ?)
       ON DUPLICATE KEY UPDATE state_value = VALUES(state_value), updated_at = CURRENT_TIMESTAMP(6)`,
      [WORKER_HEARTBEAT_KEY, JSON.stringify({ waiting, model_version: this.modelVersion() })],
    );
    await this.failures.flush((outcome, count) => this.add(SCORING_FAILURE_KEYS[outcome], count));
    return jittered(INTERVAL_MS);
  }

  private async add(key: string, count: number): Promise<void> {
    await this.database.execute(
      `INSERT INTO worker_state (state_key, state_value) VALUES (?, ?)
       ON DUPLICATE KEY UPDATE state_value = CAST(state_value AS UNSIGNED) + CAST(VALUES(state_value) AS UNSIGNED)`,
      [key, String(count)],
    );
  }
}
