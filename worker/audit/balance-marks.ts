import type { Logger } from 'pino';
import { jittered } from '../runtime/loop';
import type { WorkerDatabase } from '../runtime/worker-database';

export interface BalanceMarksOptions {
  interval_ms: number;
  /** A mark is set where so many entries lie between two, and an account is looked at each time it has so many more. */
  entries_apart: number;
  /** Entries of an account that are taken in at once. */
  entries_max: number;
  /** Transactions looked through in one query. */
  transactions_max: number;
}

export const BALANCE_MARKS_OPTIONS: BalanceMarksOptions = {
  interval_ms: 2_000,
  entries_apart: 500,
  entries_max: 50_000,
  transactions_max: 50_000,
};

const POSITION_KEY = 'balance_marks_to';
/** A lower id may become visible after a higher one. Whoever is missed in spite of this is found 500 entries later. */
const LOOK_BACK = 2_000n;

interface Progress {
  waiting_count: string;
  /** MySQL's BOOLEAN variables come as strings. */
  was_wrong: number | string;
}

/**
 * Keeps the marks from which balances at past moments on the effective clock are worked out. Balances are exact without it, too:
 * what it has not come to is summed up by whoever asks. It follows the ledger by transaction ids and takes in the accounts whose
 * entries have passed a multiple of 500, which the gap-free number of the entry tells. Two workers at once do no harm: they take
 * turns at each account, and the second finds nothing left.
 */
export class BalanceMarks {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly logger: Logger,
    private readonly options = BALANCE_MARKS_OPTIONS,
  ) {}

  /** Answers the time to wait for the next round in milliseconds. */
  async step(signal: AbortSignal): Promise<number> {
    const [row] = await this.database.query<{ newest: string | null }>(
      'SELECT MAX(transaction_id) AS newest FROM transactions',
    );
    const newest = BigInt(row?.newest ?? 0);
    const size = BigInt(this.options.transactions_max);
    for (let position = await this.readPosition(); position < newest && !signal.aborted;) {
      const end = position + size < newest ? position + size : newest;
      for (const accountId of await this.accountsBetween(position, end)) await this.mark(accountId, signal);
      if (!signal.aborted) await this.savePosition(end);
      position = end;
    }
    return jittered(this.options.interval_ms);
  }

  private async accountsBetween(position: bigint, end: bigint): Promise<string[]> {
    const rows = await this.database.query<{ account_id: string }>(
      `SELECT DISTINCT account_id FROM ledger_entries FORCE INDEX (PRIMARY)
       WHERE transaction_id > ? AND transaction_id <= ? AND account_seq MOD ? = 0`,
      [position > LOOK_BACK ? position - LOOK_BACK : 0n, end, this.options.entries_apart],
    );
    return rows.map((row) => String(row.account_id));
  }

  private async mark(accountId: string, signal: AbortSignal): Promise<void> {
    const { entries_max, entries_apart } = this.options;
    for (let timesWrong = 0; timesWrong < 2 && !signal.aborted;) {
      const [[progress] = []] = await this.database.call<Progress>('sp_mark_balances', [
        accountId,
        entries_max,
        entries_apart,
      ]);
      if (Number(progress?.was_wrong) === 1) {
        timesWrong += 1;
        this.logger.error(
          { account_id: accountId },
          'balance marks that did not agree with the ledger were thrown away; making them anew',
        );
      } else if (Number(progress?.waiting_count ?? 0) < entries_apart) return;
    }
  }

  private async readPosition(): Promise<bigint> {
    const [row] = await this.database.query<{ state_value: string }>(
      'SELECT state_value FROM worker_state WHERE state_key = ?',
      [POSITION_KEY],
    );
    return row && /^\d{1,19}$/.test(row.state_value) ? BigInt(row.state_value) : 0n;
  }

  private async savePosition(position: bigint): Promise<void> {
    await this.database.execute(
      `INSERT INTO worker_state (state_key, state_value) VALUES (?, ?)
       ON DUPLICATE KEY UPDATE state_value = VALUES(state_value)`,
      [POSITION_KEY, position.toString()],
    );
  }
}
