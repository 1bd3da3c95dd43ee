import type { Queries } from '../../src/database';
import type { WorkerDatabase } from '../runtime/worker-database';
import type { ScoringProducer } from './scoring-producer';

interface OutboxRow {
  batch_id: string;
  transaction_count: number;
  first_transaction_id: string | null;
  last_transaction_id: string | null;
}

/** Rows looked at in a round, and the transactions after which no further row is taken. */
const ROWS_MAX = 50;
const TRANSACTIONS_MAX = 2_000;
const IDLE_DELAY_MS = 100;

/**
 * Hands what the outbox holds to the scoring queue. Rows are locked, their transactions queued, and only then deleted: a crash
 * in between queues them twice, which is harmless, and never loses one. Any number of workers may do so at once.
 */
export class OutboxRelay {
  constructor(
    private readonly database: WorkerDatabase,
    private readonly producer: ScoringProducer,
  ) {}

  /** One round. Answers the time to wait for the next one in milliseconds. @throws Error while Redis or the database is away */
  async step(): Promise<number> {
    if (!(await this.producer.hasRoom())) return IDLE_DELAY_MS;
    const relayed = await this.database.transaction((queries) => this.relay(queries));
    return relayed > 0 ? 0 : IDLE_DELAY_MS;
  }

  private async relay(queries: Queries): Promise<number> {
    const rows = firstRows(
      await queries.query<OutboxRow>(
        `SELECT batch_id, transaction_count, first_transaction_id, last_transaction_id
         FROM outbox ORDER BY batch_id LIMIT ${ROWS_MAX} FOR UPDATE SKIP LOCKED`,
      ),
    );
    if (rows.length === 0) return 0;
    const batches = rows.filter((row) => row.transaction_count > 0 && row.first_transaction_id !== null);
    if (batches.length > 0) await this.producer.add(await transactionsOf(queries, batches));
    await queries.execute('DELETE FROM outbox WHERE batch_id IN (?)', [
      rows.map((row) => row.batch_id) as unknown as string,
    ]);
    return rows.length;
  }
}

function firstRows(rows: readonly OutboxRow[]): OutboxRow[] {
  let transactions = 0;
  return rows.filter((row) => {
    if (transactions >= TRANSACTIONS_MAX) return false;
    transactions += Number(row.transaction_count);
    return true;
  });
}

/** Ids of one batch lie between its first and last, but other batches' ids may lie in between. */
async function transactionsOf(queries: Queries, batches: readonly OutboxRow[]): Promise<string[]> {
  const ranges = batches.map(() => '(transaction_id BETWEEN ? AND ? AND batch_id = ?)').join(' OR ');
  const found = await queries.query<{ transaction_id: string }>(
    `SELECT transaction_id FROM transactions WHERE ${ranges}`,
    batches.flatMap((row) => [row.first_transaction_id, row.last_transaction_id, row.batch_id]),
  );
  return found.map((row) => String(row.transaction_id));
}
