import type { Parameter, Queries } from '../../src/database';

/** What a merchant did counts in the week of the transaction and this many before it: fourteen days and up to six more. */
export const WEEKS_BEFORE = 2;
const DAY_US = 86_400_000_000;
/** 1970 began on a Thursday, three days after Monday. */
const EPOCH_WEEKDAY = 3;

/** Weeks from Monday to Sunday, UTC, since that of 1 January 1970. */
export function weekOf(us: number): number {
  return Math.floor((us / DAY_US + EPOCH_WEEKDAY) / 7);
}
const WEEK_SQL = `FLOOR((DATEDIFF(effective_at, '1970-01-01') + ${EPOCH_WEEKDAY}) / 7)`;

/** A merchant and a week, see weekOf. */
export interface MerchantWeek {
  merchant_id: string;
  week: number;
}

interface Transactional {
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
}

const COUNTED_KEY = 'merchants_counted_to';
const PAGE = 10_000;
/** Ids are given before the commit: what was posted within this time may not be all there is. */
const SETTLED_S = 120;
const IDLE_MS = 30_000;
const BUSY_MS = 50;

/**
 * Counts the transactions of each merchant and week, each transaction once, in the order of the ids. An index over transactions
 * would say the same, and make every posting dearer.
 */
export class MerchantCounter {
  constructor(
    private readonly database: Transactional,
    private readonly settled_s = SETTLED_S,
  ) {}

  /** Counts the next page. Answers the time to wait for the next one in milliseconds. */
  async step(): Promise<number> {
    const counted = await this.database.transaction((queries) => this.countPage(queries));
    return counted === PAGE ? BUSY_MS : IDLE_MS;
  }

  private async countPage(queries: Queries): Promise<number> {
    await queries.execute(
      `INSERT INTO worker_state (state_key, state_value) VALUES (?, '0') ON DUPLICATE KEY UPDATE state_key = state_key`,
      [COUNTED_KEY],
    );
    const [state] = await queries.query<{ state_value: string }>(
      'SELECT state_value FROM worker_state WHERE state_key = ? FOR UPDATE',
      [COUNTED_KEY],
    );
    const from = state && /^\d{1,19}$/.test(state.state_value) ? state.state_value : '0';
    const [page] = await queries.query<{ counted: string; last_id: string | null }>(
      `SELECT COUNT(*) AS counted, MAX(transaction_id) AS last_id FROM (
         SELECT transaction_id, posted_at FROM transactions WHERE transaction_id > ? ORDER BY transaction_id LIMIT ${PAGE}
       ) page WHERE posted_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND`,
      [from, this.settled_s],
    );
    if (!page?.last_id) return 0;
    await queries.execute(
      `INSERT INTO merchant_activity (merchant_id, week, transactions_count)
       SELECT merchant_id, ${WEEK_SQL} AS week, COUNT(*) AS transactions_count
       FROM transactions WHERE transaction_id > ? AND transaction_id <= ? AND merchant_id IS NOT NULL
       GROUP BY merchant_id, week ORDER BY merchant_id, week
       ON DUPLICATE KEY UPDATE
         merchant_activity.transactions_count = merchant_activity.transactions_count + VALUES(transactions_count)`,
      [from, page.last_id],
    );
    await queries.execute('UPDATE worker_state SET state_value = ? WHERE state_key = ?', [
      page.last_id,
      COUNTED_KEY,
    ]);
    return Number(page.counted);
  }
}

/** Transactions of each merchant in its week and the WEEKS_BEFORE before it, in order. */
export async function countMerchants(queries: Queries, wanted: readonly MerchantWeek[]): Promise<number[]> {
  if (wanted.length === 0) return [];
  const rows = await queries.query<{ merchant_id: string; week: string; transactions_count: string }>(
    `SELECT merchant_id, week, transactions_count FROM merchant_activity
     WHERE ${wanted.map(() => '(merchant_id = ? AND week BETWEEN ? AND ?)').join(' OR ')}`,
    wanted.flatMap(({ merchant_id, week }): Parameter[] => [merchant_id, week - WEEKS_BEFORE, week]),
  );
  return wanted.map(({ merchant_id, week }) =>
    rows
      .filter((row) => String(row.merchant_id) === merchant_id && isWithin(Number(row.week), week))
      .reduce((sum, row) => sum + Number(row.transactions_count), 0),
  );
}

/** Whether a week counts for a transaction of the other one. */
export function isWithin(week: number, of: number): boolean {
  return week <= of && week >= of - WEEKS_BEFORE;
}
