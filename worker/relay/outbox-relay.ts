import type { Queries } from '../../src/database';
import type { WorkerDatabase } from '../runtime/worker-database';
import { type IdRange, joined } from './id-ranges';
import type { ScoringProducer } from './scoring-producer';

interface OutboxRow {
  batch_id: string;
  transaction_count: number;
  first_transaction_id: string;
  last_transaction_id: string;
}

/** Rows looked at in a round, and the transactions after which no further row is taken. */
const ROWS_MAX = 200;
const TRANSACTIONS_MAX = 2_000;
/** How soon what was posted is seen: a look at an empty outbox is one short query. */
const DELAY_MS = 40;
/** After a round more may gather: rounds and jobs cost nearly the same for a few transactions as for two hundred. */
const GATHER_MS = 100;
const FULL_QUEUE_DELAY_MS = 100;

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
    const [waiting] = await this.database.query('SELECT 1 AS is_waiting FROM outbox LIMIT 1');
    if (!waiting) return DELAY_MS;
    if (!(await this.producer.hasRoom())) return FULL_QUEUE_DELAY_MS;
    const isMore = await this.database.transaction((queries) => this.relay(queries));
    return isMore ? 0 : GATHER_MS;
  }

  /** @returns whether there was more than one round takes */
  private async relay(queries: Queries): Promise<boolean> {
    const found = await queries.query<OutboxRow>(
      `SELECT batch_id, transaction_count, first_transaction_id, last_transaction_id
       FROM outbox ORDER BY batch_id LIMIT ${ROWS_MAX} FOR UPDATE SKIP LOCKED`,
    );
    const rows = firstRows(found);
    if (rows.length === 0) return false;
    const transactionIds = await transactionsOf(
      queries,
      rows.filter((row) => Number(row.transaction_count) > 0),
    );
    await this.producer.add(transactionIds);
    await queries.execute('DELETE FROM outbox WHERE batch_id IN (?)', [
      rows.map((row) => row.batch_id) as unknown as string,
    ]);
    return rows.length < found.length || found.length === ROWS_MAX;
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
  if (batches.length === 0) return [];
  const ranges = joined(
    batches.map((row): IdRange => [BigInt(row.first_transaction_id), BigInt(row.last_transaction_id)]),
  );
  const found = await queries.query<{ transaction_id: string }>(
    `SELECT transaction_id FROM transactions
     WHERE (${ranges.map(() => 'transaction_id BETWEEN ? AND ?').join(' OR ')}) AND batch_id IN (?)
     ORDER BY transaction_id`,
    [...ranges.flat(), batches.map((row) => row.batch_id) as unknown as string],
  );
  return found.map((row) => String(row.transaction_id));
}
