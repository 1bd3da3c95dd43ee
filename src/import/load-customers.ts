import { readFile } from 'node:fs/promises';
import type { Database } from '../database';
import { openCustomers, type NewCustomer, type Opened } from './customers.repository';
import { CARD_COLUMNS, parseCard, parseUser, USER_COLUMNS, type CardRow } from './customer-rows';
import { CsvFileError, readCsv } from './csv-reader';
import { ImportError, type DataFile, type DataSet } from './data-set';
import { FieldProblem, parseMcc, parseOptionalText } from './fields';
import { addMccCodes } from './reference.repository';

const CUSTOMERS_A_TRANSACTION = 200;

type OnProblem = (file: string, line: number, reason: string) => void;

export interface CustomerLoad {
  database: Database;
  dataSet: DataSet;
  cardHashKey: string;
  signal: AbortSignal;
  onProblem: OnProblem;
  onProgress: (rows: number, bytes: number) => void;
}

export interface LoadedCustomers extends Opened {
  usersThere: number;
  cardsThere: number;
}

interface CardLine {
  card: CardRow;
  line: number;
}

/**
 * users_data.csv and cards_data.csv: users, profiles, accounts and cards, two hundred customers a transaction.
 * @throws ImportError when the users' file has not the columns of one
 */
export async function loadCustomers(load: CustomerLoad): Promise<LoadedCustomers> {
  const { dataSet, onProblem, signal } = load;
  const cards = dataSet.cards ? await readCardLines(dataSet.cards, load) : new Map<string, CardLine[]>();
  const result: LoadedCustomers = { users: 0, accounts: 0, cards: 0, usersThere: 0, cardsThere: 0 };
  let waiting: NewCustomer[] = [];
  let rows = 0;
  const flush = async () => {
    if (waiting.length === 0) return;
    const opened = await openCustomers(load.database, waiting);
    result.users += opened.users;
    result.accounts += opened.accounts;
    result.cards += opened.cards;
    result.usersThere += waiting.length - opened.users;
    result.cardsThere += waiting.reduce((sum, customer) => sum + customer.cards.length, 0) - opened.cards;
    waiting = [];
  };
  const seen = new Set<string>();
  for await (const { values, line, bytes } of readRows(dataSet.users, USER_COLUMNS, onProblem)) {
    if (signal.aborted) return result;
    rows += 1;
    const user = attempt(dataSet.users.name, line, onProblem, () =>
      once(seen, parseUser(values), (row) => row.clientId),
    );
    if (!user) continue;
    waiting.push({ user, cards: (cards.get(user.clientId) ?? []).map(({ card }) => card) });
    cards.delete(user.clientId);
    if (waiting.length >= CUSTOMERS_A_TRANSACTION) await flush();
    load.onProgress(rows, bytes);
  }
  await flush();
  for (const { card, line } of [...cards.values()].flat()) {
    onProblem(
      dataSet.cards?.name ?? '',
      line,
      `client_id ${card.clientId} is not a client that could be loaded`,
    );
  }
  return result;
}

/** The cards by client. They are few for each client, and are kept without their numbers. */
async function readCardLines(
  file: DataFile,
  { cardHashKey, onProblem }: CustomerLoad,
): Promise<Map<string, CardLine[]>> {
  const cards = new Map<string, CardLine[]>();
  const seen = new Set<string>();
  for await (const { values, line } of readRows(file, CARD_COLUMNS, onProblem)) {
    const card = attempt(file.name, line, onProblem, () =>
      once(seen, parseCard(values, cardHashKey), (row) => row.cardId),
    );
    if (!card) continue;
    const list = cards.get(card.clientId) ?? [];
    list.push({ card, line });
    cards.set(card.clientId, list);
  }
  return cards;
}

/** mcc_codes.json, `{"5812": "Eating Places and Restaurants", …}`. Answers with how many codes were new. */
export async function loadMccCodes(
  database: Database,
  file: DataFile,
  onProblem: OnProblem,
): Promise<number> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file.path, 'utf8'));
  } catch {
    content = null;
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    onProblem(file.name, 1, 'it is not a JSON object of codes and names: the file is left out');
    return 0;
  }
  const codes: [string, string][] = [];
  for (const [key, value] of Object.entries(content)) {
    attempt(file.name, 0, onProblem, () => {
      const description = parseOptionalText(
        `the name of ${key}`,
        typeof value === 'string' ? value : '',
        160,
      );
      if (description === null) throw new FieldProblem(`code ${key} has no name`);
      codes.push([parseMcc('code', key), description]);
    });
  }
  return addMccCodes(database, codes);
}

/** Good lines, one by one; the others are reported. */
async function* readRows(
  file: DataFile,
  columns: readonly string[],
  onProblem: OnProblem,
): AsyncGenerator<{ values: string[]; line: number; bytes: number }> {
  try {
    for await (const block of readCsv(file.path, columns)) {
      for (const { values, line, reason } of block.rows) {
        if (values) yield { values, line, bytes: block.bytes };
        else onProblem(file.name, line, reason);
      }
    }
  } catch (error) {
    if (error instanceof CsvFileError)
      throw new ImportError(`${file.path}: ${error.message}.`, { cause: error });
    throw error;
  }
}

function attempt<T>(file: string, line: number, onProblem: OnProblem, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    onProblem(file, line, error.message);
    return null;
  }
}

function once<T>(seen: Set<string>, row: T, idOf: (row: T) => string): T {
  const id = idOf(row);
  if (seen.has(id)) throw new FieldProblem(`id ${id} stands in the file twice; the first line counts`);
  seen.add(id);
  return row;
}
