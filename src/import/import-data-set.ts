import type { Pool } from 'mysql2/promise';
import { createBankPool, Database } from '../database';
import { formatAmount } from '../money/amount';
import { readCards, readClients } from './customers.repository';
import { findDataSet, ImportError, type DataSet } from './data-set';
import { openingItems } from './items';
import { loadCustomers, loadMccCodes, type LoadedCustomers } from './load-customers';
import { loadLabels, type LabelCounts } from './load-labels';
import { Poster, PostingCounts, postPatiently } from './poster';
import { Problems } from './problems';
import { grouped, type ProgressBar } from './progress';
import { booksClosedUntilUs, Merchants } from './reference.repository';
import { surveyTransactions, type Funding, type Survey } from './survey';
import { readTimeline, type TimelineEvent, type TimelineSource } from './timeline';

const BATCH_ITEMS = 1_000;
const LOCK_NAME = 'florin import';

export interface ImportOptions {
  directory: string;
  /** The owner of the bank's tables. */
  databaseUrl: string;
  /** For the keyed hash of card numbers; needed when there are cards. */
  cardHashKey: string | undefined;
  /** Where the list of problems goes. */
  dataDirectory: string;
  progress: ProgressBar;
  /** Aborted: finish what is under way, then stop. */
  signal: AbortSignal;
  /** Items in one batch, at most 2,000. */
  batchItems?: number;
}

export interface ImportSummary {
  customers: LoadedCustomers;
  mccCodes: number;
  counts: PostingCounts;
  funding: Funding;
  openings: { count: number; totalMinor: bigint };
  labels: LabelCounts;
  problems: Problems;
  /** It was told to stop before the end. */
  isInterrupted: boolean;
}

interface Run extends ImportOptions {
  database: Database;
  pool: Pool;
  dataSet: DataSet;
  summary: ImportSummary;
}

/**
 * Loads the "financial transactions" data set into the bank. Whatever is there already stays as it is, so it may be stopped
 * and started again, and run twice.
 * @throws ImportError when nothing can be loaded
 */
export async function importDataSet(options: ImportOptions): Promise<ImportSummary> {
  const problems = Problems.in(options.dataDirectory, new Date());
  try {
    const dataSet = await findDataSet(options.directory, problems.add);
    if (dataSet.cards && !options.cardHashKey) {
      throw new ImportError(
        'CARD_HASH_KEY: is required to load cards_data.csv, because only a keyed hash of a card number is kept.',
      );
    }
    for (const note of dataSet.notes) options.progress.print(note);
    const database = await Database.connect(options.databaseUrl, 2);
    const pool = createBankPool(options.databaseUrl, { connectionLimit: 2 });
    try {
      const release = await takeLock(pool);
      const summary = emptySummary(problems);
      await runSteps({ ...options, database, pool, dataSet, summary });
      release();
      summary.isInterrupted = options.signal.aborted;
      return summary;
    } finally {
      await pool.end();
      await database.close();
    }
  } finally {
    await problems.close();
  }
}

function emptySummary(problems: Problems): ImportSummary {
  return {
    customers: { users: 0, accounts: 0, cards: 0, usersThere: 0, cardsThere: 0 },
    mccCodes: 0,
    counts: new PostingCounts(),
    funding: { clients: 0, fromBalance: 0, fromOverdraft: 0, openings: [] },
    openings: { count: 0, totalMinor: 0n },
    labels: { added: 0, there: 0, declined: 0, unknown: 0 },
    problems,
    isInterrupted: false,
  };
}

/** Two imports at once would open the same customers twice over; the lock goes with its connection, however that ends. */
async function takeLock(pool: Pool): Promise<() => void> {
  const connection = await pool.getConnection();
  const [rows] = await connection.query('SELECT GET_LOCK(CONCAT(?, DATABASE()), 0) AS is_taken', [
    `${LOCK_NAME} `,
  ]);
  const [row] = rows as { is_taken: number | string | null }[];
  if (Number(row?.is_taken) !== 1) {
    connection.release();
    throw new ImportError('Another import into this bank is under way.');
  }
  return () => connection.destroy();
}

async function runSteps(run: Run): Promise<void> {
  const { database, dataSet, summary, progress, signal } = run;
  const onProblem = summary.problems.add;
  const isRepeat = (await readClients(database)).size > 0;

  if (dataSet.mccCodes) summary.mccCodes = await loadMccCodes(database, dataSet.mccCodes, onProblem);
  progress.start('Customers and cards', dataSet.users.bytes);
  summary.customers = await loadCustomers({
    database,
    dataSet,
    cardHashKey: run.cardHashKey ?? '',
    signal,
    onProblem,
    onProgress: (rows, bytes) => progress.update(rows, bytes),
  });
  progress.finish(
    `${grouped(summary.customers.users)} users and ${grouped(summary.customers.cards)} cards are new`,
  );
  const clients = await readClients(database);
  if (clients.size === 0 && !signal.aborted) {
    throw new ImportError(
      `${dataSet.users.path} has no line that can be loaded; the reasons are in ${summary.problems.path}.`,
    );
  }
  if (dataSet.transactions.length > 0 && !signal.aborted) {
    await loadTransactions(
      run,
      {
        files: dataSet.transactions,
        clients,
        cards: await readCards(database, clients),
        nowUs: Date.now() * 1000,
        onProblem,
      },
      isRepeat,
    );
  }
  if (dataSet.labels.length > 0 && !signal.aborted) {
    progress.start('Fraud labels', totalBytes(dataSet.labels));
    summary.labels = await loadLabels(database, dataSet.labels, signal, (rows, bytes) =>
      progress.update(rows, bytes),
    );
    progress.finish(`${grouped(summary.labels.added)} are new`);
  }
}

async function loadTransactions(run: Run, source: TimelineSource, isRepeat: boolean): Promise<void> {
  const { database, summary, progress, signal } = run;
  const bytes = totalBytes(source.files);
  progress.start('Reading the transactions', bytes);
  const survey = await surveyTransactions(source, {
    queries: database,
    isRepeat,
    signal,
    onProgress: (rows, done) => progress.update(rows, done),
  });
  progress.finish(
    `${grouped(survey.rows)} rows, ${grouped(survey.transactionsThere)} of them in the bank already`,
  );
  if (signal.aborted) return;
  summary.funding = survey.funding;
  summary.counts.transactionsThere = survey.transactionsThere;
  summary.counts.salariesThere = survey.salariesThere;
  if (survey.firstNew === null || survey.firstPayDay === null) return;
  await checkBooksOpen(run, survey);
  await postOpenings(run, survey);
  progress.start('Posting', bytes);
  // Bad rows were reported in the first reading.
  await postTimeline(run, { ...source, onProblem: () => undefined }, survey.firstNew);
}

/** A refusal for the closed period would be remembered under each key for good, so it is found before anything is sent. */
async function checkBooksOpen({ database }: Run, { firstPayDay }: Survey): Promise<void> {
  const closedUntilUs = await booksClosedUntilUs(database);
  if (firstPayDay && closedUntilUs > firstPayDay.effectiveUs - 86_400_000_000) {
    const until = new Date(closedUntilUs / 1000).toISOString();
    throw new ImportError(
      `The books are closed until ${until}, and the transactions begin before: nothing can be back-dated into closed books.`,
    );
  }
}

async function postOpenings(run: Run, { funding, firstPayDay }: Survey): Promise<void> {
  const { summary, progress } = run;
  if (!firstPayDay || funding.openings.length === 0) return;
  const size = run.batchItems ?? BATCH_ITEMS;
  const items = funding.openings.flatMap(({ client, amountMinor }) =>
    openingItems(client, amountMinor, firstPayDay),
  );
  for (let start = 0; start < items.length && !run.signal.aborted; start += size) {
    const outcomes = await postPatiently(
      { pool: run.pool, onOutage: (message) => progress.print(message) },
      items.slice(start, start + size),
    );
    for (const outcome of outcomes) {
      if (outcome.is_replayed) continue;
      if (outcome.code === 'OK') {
        summary.openings.count += 1;
        summary.openings.totalMinor += outcome.amount_minor;
      } else {
        summary.problems.add(
          '(opening balances)',
          0,
          `an opening balance of ${formatAmount(outcome.amount_minor, 2)}: ${outcome.code}`,
        );
      }
    }
  }
}

async function postTimeline(run: Run, source: TimelineSource, firstNew: number): Promise<void> {
  const { pool, database, summary, progress, signal } = run;
  const size = run.batchItems ?? BATCH_ITEMS;
  const poster = new Poster({
    pool,
    merchants: new Merchants(database),
    counts: summary.counts,
    onProblem: summary.problems.add,
    onOutage: (message) => progress.print(message),
  });
  let waiting: TimelineEvent[] = [];
  let place = 0;
  let rows = 0;
  for await (const block of readTimeline(source)) {
    for (const event of block.events) {
      place += 1;
      if (place <= firstNew) continue;
      if (signal.aborted) break;
      waiting.push(event);
      if (waiting.length < size) continue;
      await poster.send(waiting);
      waiting = [];
    }
    if (signal.aborted) break;
    rows += block.rows;
    if (place <= firstNew) progress.skip(rows, block.bytes);
    else progress.update(rows, block.bytes);
  }
  if (waiting.length > 0 && !signal.aborted) await poster.send(waiting);
  await poster.settle();
  progress.finish(
    signal.aborted ? 'stopped' : `${grouped(summary.counts.payments + summary.counts.refunds)} transactions`,
  );
}

function totalBytes(files: readonly { bytes: number }[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}
