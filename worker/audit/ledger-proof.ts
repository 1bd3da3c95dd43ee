import type { Logger } from 'pino';
import { jittered } from '../runtime/loop';
import type { WorkerDatabase } from '../runtime/worker-database';

export const LEDGER_PROOF_INTERVAL_MS = 60_000;

/** Bounds one run; while there is more, the next follows at once. */
const MAX_TRANSACTIONS = 10_000;

/** Longer than a batch can wait for locks between taking its ids and its commit. */
const SETTLE_SECONDS = 120;

interface ProofRow {
  problems_count: number;
  first_problem: string | null;
  first_problem_transaction_id: string | null;
  first_problem_account_id: string | null;
  /** MySQL's comparisons are BIGINT and come as strings. */
  is_caught_up: number | string;
}

/** Proves every minute what was posted since the last proven transaction; /audit/integrity shows how far it has got. */
export class LedgerProof {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly logger: Logger,
    private readonly interval_ms = LEDGER_PROOF_INTERVAL_MS,
  ) {}

  /** Answers the time to wait for the next round in milliseconds. */
  async step(signal: AbortSignal): Promise<number> {
    if (await this.wasDoneElsewhere()) return jittered(this.interval_ms);
    for (;;) {
      const [rows = []] = await this.database.call<ProofRow>('sp_prove_ledger', [
        MAX_TRANSACTIONS,
        SETTLE_SECONDS,
      ]);
      const [proof] = rows;
      if (proof && proof.problems_count > 0) {
        this.logger.error({ ...proof }, 'THE LEDGER IS NOT SOUND: look at GET /audit/integrity');
        return jittered(this.interval_ms);
      }
      if (!proof || Number(proof.is_caught_up) === 1 || signal.aborted) return jittered(this.interval_ms);
    }
  }

  /** Another worker may have proven the ledger a moment ago. */
  private async wasDoneElsewhere(): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT proof_id FROM ledger_proofs WHERE finished_at > UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND ORDER BY proof_id DESC LIMIT 1',
      [this.interval_ms * 500],
    );
    return rows.length > 0;
  }
}
