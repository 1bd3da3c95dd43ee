import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Queries } from '../../src/database';
import { importDataSet, type ImportSummary } from '../../src/import/import-data-set';
import { ProgressBar } from '../../src/import/progress';
import type { TestBank } from '../support/bank';

export const FIXTURE = resolve(__dirname, '../fixtures/fin-txn');

/** A folder of its own, for a test's data set and the lists of problems. */
export interface Workspace {
  path: string;
  /** A data set made of some of the fixture's files. */
  dataSet(...names: string[]): Promise<string>;
  remove(): Promise<void>;
}

export async function createWorkspace(): Promise<Workspace> {
  const path = await mkdtemp(join(tmpdir(), 'florin-import-'));
  return {
    path,
    dataSet: async (...names) => {
      const directory = await mkdtemp(join(path, 'set-'));
      for (const name of names) await symlink(join(FIXTURE, name), join(directory, name));
      return directory;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

export interface Run {
  directory?: string;
  signal?: AbortSignal;
  batchItems?: number;
  cardHashKey?: string | null;
}

/** Runs the import as the command does; `lines` collects what it prints. */
export async function runImport(
  bank: TestBank,
  workspace: Workspace,
  run: Run = {},
  lines: string[] = [],
): Promise<ImportSummary> {
  return importDataSet({
    directory: run.directory ?? FIXTURE,
    databaseUrl: bank.urls.owner,
    cardHashKey:
      run.cardHashKey === null ? undefined : (run.cardHashKey ?? String(bank.environment.CARD_HASH_KEY)),
    dataDirectory: workspace.path,
    progress: new ProgressBar({ write: (text: string) => lines.push(text) }),
    signal: run.signal ?? new AbortController().signal,
    ...(run.batchItems ? { batchItems: run.batchItems } : {}),
  });
}

/** A signal that is aborted from the time it was asked `limit` times: stops an import at the same place in every run. */
export function stopAfter(limit: number): AbortSignal {
  let asked = 0;
  return {
    get aborted() {
      asked += 1;
      return asked > limit;
    },
  } as AbortSignal;
}

/** Every entry of the clients' accounts in words that do not depend on the bank's own ids. */
export function clientEntries(queries: Queries): Promise<object[]> {
  return queries.query(
    `SELECT p.external_client_id, e.account_seq, t.type, e.amount_minor, e.balance_after_minor, e.effective_at, t.description,
       t.channel, c.external_card_id, m.name, m.mcc, m.city, m.state
     FROM ledger_entries e
     JOIN transactions t ON t.transaction_id = e.transaction_id
     JOIN accounts a ON a.account_id = e.account_id
     JOIN customer_profiles p ON p.user_id = a.user_id
     LEFT JOIN cards c ON c.card_id = t.card_id
     LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
     ORDER BY p.external_client_id, e.account_seq`,
  );
}

/** Everything in every table, as one text. */
export async function wholeDatabase(queries: Queries): Promise<string> {
  const tables = await queries.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await queries.query(`SELECT * FROM \`${name}\``);
    texts.push(
      JSON.stringify(rows, (_key, value: unknown) =>
        isBuffer(value) ? Buffer.from(value.data).toString('latin1') : value,
      ),
    );
  }
  return texts.join('\n');
}

function isBuffer(value: unknown): value is { type: 'Buffer'; data: number[] } {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';
}
