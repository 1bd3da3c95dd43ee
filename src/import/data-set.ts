import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { FieldProblem, parseTimeUs } from './fields';
import { checkHeader, CsvFileError, readCsv } from './csv-reader';
import { TRANSACTION_COLUMNS } from './transaction-row';

export interface DataFile {
  path: string;
  name: string;
  bytes: number;
}

/** The files of a data set that are there. */
export interface DataSet {
  users: DataFile;
  cards: DataFile | null;
  mccCodes: DataFile | null;
  /** In the order of their first transactions. */
  transactions: DataFile[];
  labels: DataFile[];
  /** Sentences about what is not there and what follows from it. */
  notes: string[];
}

/** The import cannot do anything; the message says why in a sentence. */
export class ImportError extends Error {
  override name = 'ImportError';
}

/**
 * Looks which files of the data set the directory holds.
 * @throws ImportError when the directory or the users are missing
 */
export async function findDataSet(
  directory: string,
  onProblem: (file: string, line: number, reason: string) => void,
): Promise<DataSet> {
  const root = resolve(directory);
  const names = await readdir(root).catch(() => {
    throw new ImportError(`${root} is not a directory that can be read.`);
  });
  const find = async (name: string) => (names.includes(name) ? toFile(join(root, name)) : null);
  const matching = (pattern: RegExp) =>
    Promise.all(names.filter((name) => pattern.test(name)).map((name) => toFile(join(root, name))));

  const users = await find('users_data.csv');
  if (!users)
    throw new ImportError(
      `${join(root, 'users_data.csv')} is missing. It says whose accounts to open, so nothing can be loaded without it.`,
    );
  const cards = await find('cards_data.csv');
  const mccCodes = await find('mcc_codes.json');
  const transactions = await inTimeOrder(await matching(/^transactions_.+\.csv$/), onProblem);
  const labels = await matching(/^train_fraud_labels.*\.json$/);
  const notes: string[] = [];
  if (!cards)
    notes.push(
      `${join(root, 'cards_data.csv')} is missing: no cards are loaded, and transactions of unknown cards are posted without them.`,
    );
  if (!mccCodes)
    notes.push(
      `${join(root, 'mcc_codes.json')} is missing: merchant categories keep the names that the bank has.`,
    );
  if (transactions.length === 0) {
    notes.push(
      `${join(root, 'transactions_data.csv')} (or transactions_*.csv) is missing: customers and cards are loaded, and no transactions.`,
    );
  }
  if (labels.length === 0)
    notes.push(`${join(root, 'train_fraud_labels.json')} is missing: no fraud labels are loaded.`);
  return { users, cards, mccCodes, transactions, labels, notes };
}

async function toFile(path: string): Promise<DataFile> {
  return { path, name: basename(path), bytes: (await stat(path)).size };
}

/** Leaves out, and reports, files whose header is not that of transactions. */
async function inTimeOrder(
  files: DataFile[],
  onProblem: (file: string, line: number, reason: string) => void,
): Promise<DataFile[]> {
  const dated: { file: DataFile; firstUs: number }[] = [];
  for (const file of files) {
    try {
      await checkHeader(file.path, TRANSACTION_COLUMNS);
      dated.push({ file, firstUs: await firstTimeUs(file.path) });
    } catch (error) {
      if (!(error instanceof CsvFileError)) throw error;
      onProblem(file.name, 1, `${error.message}: the file is left out`);
    }
  }
  dated.sort(
    (a, b) => a.firstUs - b.firstUs || a.file.name.localeCompare(b.file.name, 'en', { numeric: true }),
  );
  return dated.map(({ file }) => file);
}

/** The first time that can be read in the first piece of the file. */
async function firstTimeUs(path: string): Promise<number> {
  for await (const block of readCsv(path, ['date'])) {
    for (const row of block.rows) {
      try {
        if (row.values) return parseTimeUs('date', row.values[0] ?? '');
      } catch (error) {
        if (!(error instanceof FieldProblem)) throw error;
      }
    }
    break;
  }
  return Number.MAX_SAFE_INTEGER;
}
