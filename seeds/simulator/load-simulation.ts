import { createHash } from 'node:crypto';
import type { Pool } from 'mysql2/promise';
import { type Actor, createBankPool, Database, type Parameter } from '../../src/database';
import { postPatiently } from '../../src/import/poster';
import type { ProgressBar } from '../../src/import/progress';
import { booksClosedUntilUs } from '../../src/import/reference.repository';
import { idempotencyKey, type PostingItem, requestHash } from '../../src/posting';
import {
  DAY_US,
  FRAUD_PATTERNS,
  type FraudPattern,
  type SimulatedTransaction,
  type SimulationOptions,
} from './history';
import { loadWorld, type SimulationIds } from './load-customers';
import { simulate } from './simulate';

const BATCH_ITEMS = 500;
const SOURCE = 'simulator';
/** Marks the audit rows of what is made here. */
const SIMULATING: Actor = { user_id: null, ip_address: null, request_id: SOURCE };

export interface SimulationRun extends Omit<SimulationOptions, 'start_us'> {
  /** The owner of the bank's tables. */
  databaseUrl: string;
  /** Days of the history after which a fraud is labelled: what is posted from then on knows it. null: no labels. */
  label_delay_days: number | null;
  progress: ProgressBar;
  /** Aborted: finish the batch under way, then stop. */
  signal: AbortSignal;
}

export interface SimulationSummary {
  customers: number;
  first_day: string;
  posted: number;
  there: number;
  /** By the bank's code. */
  declined: Map<string, number>;
  frauds: Map<FraudPattern, number>;
  labels: number;
  is_interrupted: boolean;
}

/**
 * Posts a simulated history into the bank, ending last midnight. Everything has its own key, so a run that was stopped is
 * completed by the next one with the same options, which finds the day it ended in bank_settings.
 * @throws Error when the books are closed to a day of the history, or another simulation is under way
 */
export async function loadSimulation(run: SimulationRun): Promise<SimulationSummary> {
  const database = await Database.connect(run.databaseUrl, 2);
  const pool = createBankPool(run.databaseUrl, { connectionLimit: 2 });
  try {
    const release = await takeLock(pool);
    try {
      return await load(run, database, pool);
    } finally {
      release();
    }
  } finally {
    await pool.end();
    await database.close();
  }
}

async function load(run: SimulationRun, database: Database, pool: Pool): Promise<SimulationSummary> {
  const tag = tagOf(run);
  const start_us = (await endOf(database, tag)) - run.days * DAY_US;
  const history = simulate({ ...run, start_us });
  const first_us = history.transactions[0]?.at_us ?? start_us;
  if ((await booksClosedUntilUs(database)) >= first_us)
    throw new Error(
      'The books are closed to days of this history: nothing can be back-dated into closed books.',
    );
  run.progress.start('Customers', history.customers.length);
  const ids = await database.transaction(SIMULATING, (queries) => loadWorld(queries, history, tag));
  run.progress.finish(`${history.customers.length} and ${history.merchants.length} merchants`);
  const loader = new Loader(run, database, pool, ids, tag);
  run.progress.start('Posting', history.transactions.length);
  for (const batch of batchesOf(history.transactions)) {
    if (run.signal.aborted) break;
    await loader.label(batch[0]?.at_us ?? 0);
    await loader.post(batch);
    run.progress.update(loader.done, loader.done);
  }
  if (!run.signal.aborted) await loader.label(start_us + run.days * DAY_US);
  run.progress.finish(`${loader.done} transactions`);
  return {
    ...loader.counts,
    customers: history.customers.length,
    first_day: new Date(start_us / 1000).toISOString().slice(0, 10),
    is_interrupted: run.signal.aborted,
  };
}

/** Simulations with other options have other customers. */
function tagOf({ seed, customers, days, fraud }: SimulationRun): string {
  const text = JSON.stringify([seed, customers, days, fraud]);
  return `sim${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/** The midnight at which the history ends, microseconds since 1970: the last one when it was begun. */
async function endOf(database: Database, tag: string): Promise<number> {
  const key = `simulation_end_${tag}`;
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  await database.execute('INSERT IGNORE INTO bank_settings (setting_key, setting_value) VALUES (?, ?)', [
    key,
    new Date(midnight).toISOString(),
  ]);
  const [row] = await database.query<{ setting_value: string }>(
    'SELECT setting_value FROM bank_settings WHERE setting_key = ?',
    [key],
  );
  return Date.parse(row?.setting_value ?? '') * 1000;
}

/** Of one day each, so that labels come on time. */
function batchesOf(transactions: readonly SimulatedTransaction[]): SimulatedTransaction[][] {
  const batches: SimulatedTransaction[][] = [];
  let day = Number.NaN;
  for (const transaction of transactions) {
    const own = Math.floor(transaction.at_us / DAY_US);
    const last = batches.at(-1);
    if (last && own === day && last.length < BATCH_ITEMS) last.push(transaction);
    else batches.push([transaction]);
    day = own;
  }
  return batches;
}

class Loader {
  done = 0;
  readonly counts = {
    posted: 0,
    there: 0,
    declined: new Map<string, number>(),
    frauds: new Map<FraudPattern, number>(FRAUD_PATTERNS.map((pattern) => [pattern, 0])),
    labels: 0,
  };
  /** Frauds that nobody has found out yet, in the order of time. */
  private unknown: { at_us: number; transaction_id: string }[] = [];

  constructor(
    private readonly run: SimulationRun,
    private readonly database: Database,
    private readonly pool: Pool,
    private readonly ids: SimulationIds,
    private readonly tag: string,
  ) {}

  async post(transactions: readonly SimulatedTransaction[]): Promise<void> {
    const outcomes = await postPatiently(
      { pool: this.pool, onOutage: (message) => this.run.progress.print(message) },
      transactions.map((transaction) => this.toItem(transaction)),
    );
    transactions.forEach(({ at_us, fraud }, place) => {
      const outcome = outcomes[place];
      if (!outcome) return;
      if (outcome.code !== 'OK') count(this.counts.declined, outcome.code);
      else if (outcome.is_replayed) this.counts.there += 1;
      else this.counts.posted += 1;
      if (fraud === null || outcome.code !== 'OK' || outcome.transaction_id === null) return;
      count(this.counts.frauds, fraud);
      this.unknown.push({ at_us, transaction_id: outcome.transaction_id });
    });
    this.done += transactions.length;
  }

  /** Writes down what is known by this moment of the history. A label is as old as the bank's own clock says. */
  async label(now_us: number): Promise<void> {
    const { label_delay_days } = this.run;
    if (label_delay_days === null) return;
    const isKnown = ({ at_us }: { at_us: number }): boolean => at_us + label_delay_days * DAY_US < now_us;
    const known = this.unknown.filter(isKnown);
    if (known.length === 0) return;
    this.unknown = this.unknown.filter((fraud) => !isKnown(fraud));
    await this.database.execute(
      `INSERT IGNORE INTO fraud_labels (transaction_id, is_fraud, source) VALUES ${known.map(() => '(?, TRUE, ?)').join(', ')}`,
      known.flatMap(({ transaction_id }): Parameter[] => [transaction_id, SOURCE]),
    );
    this.counts.labels += known.length;
  }

  private toItem(transaction: SimulatedTransaction): PostingItem {
    const { number, type, at_us, amount_minor, debit, credit, merchant, channel, description } = transaction;
    const account = (owner: number | null): string | undefined =>
      owner === null ? undefined : this.ids.accounts[owner - 1];
    const actor = debit ?? (type === 'refund' ? null : credit);
    return {
      key: idempotencyKey(SOURCE, `${this.tag}:${number}`),
      hash: requestHash([type, at_us, amount_minor, debit, credit, merchant, channel, description]),
      type,
      debit: account(debit),
      credit: account(credit),
      amount: BigInt(amount_minor),
      currency: 'USD',
      actor: actor === null ? undefined : this.ids.users[actor - 1],
      effective_us: at_us,
      merchant: merchant === null ? undefined : this.ids.merchants[merchant - 1],
      channel: channel ?? undefined,
      description,
    };
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Two at once would open the same customers twice over; the lock goes with its connection, however that ends. */
async function takeLock(pool: Pool): Promise<() => void> {
  const connection = await pool.getConnection();
  const [rows] = await connection.query(
    "SELECT GET_LOCK(LEFT(SHA2(CONCAT('simulation ', DATABASE()), 256), 40), 0) AS is_mine",
  );
  const [lock] = rows as { is_mine: number | string | null }[];
  if (Number(lock?.is_mine) !== 1) {
    connection.release();
    throw new Error('Another simulation is being loaded into this bank.');
  }
  return () => connection.destroy();
}
