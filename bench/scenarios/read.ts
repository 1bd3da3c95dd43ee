import pino from 'pino';
import { AccountsRepository, type Clock } from '../../src/accounts/accounts.repository';
import { Database } from '../../src/database';
import { type HistoryFilter, HistoryRepository } from '../../src/transactions/history.repository';
import { BALANCE_MARKS_OPTIONS, BalanceMarks } from '../../worker/audit/balance-marks';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { bigLedger, type BigLedger } from '../lib/big-ledger';
import { checkBooks } from '../lib/books';
import { startApi } from '../lib/bank-processes';
import type { Bench } from '../lib/bench';
import { fill } from '../lib/fill';
import { median } from '../lib/statistics';
import { sizeText, tableSizes } from '../lib/table-sizes';

const SCENARIO = 'read';
const PAGE = 50;
const TARGET_MS = 10;
/** Where in the account's history a page begins, as a share of its entries. */
const DEPTHS = [0, 0.1, 0.5, 0.9, 0.99];
const REPEATS = 11;
/** A read that misses its target by far is not repeated for long. */
const PATIENCE_MS = 1_500;
const CLOCKS: Clock[] = ['effective', 'posted'];
/** What a busy account takes in while the worker looks elsewhere. */
const UNMARKED_ENTRIES = 5_000;

/** Pages and past balances of an account with a long history. */
export async function read(bench: Bench): Promise<void> {
  const { report } = bench;
  const ledger = await bigLedger(bench);
  const { entries, account_entries, bank } = ledger;
  report.print(
    `  ${entries} entries, ${account_entries} of them on one account, made in ${ledger.seconds.toFixed(0)} s`,
  );
  report.note(`bytes a row, table + further indexes: ${sizeText(await tableSizes(bank.owner))}`);
  await inDatabase(bench, ledger);
  await overHttp(bench, ledger);
  await checkBooks(bank);
  report.print('  books right');
}

interface Position {
  account_seq: string;
  transaction_id: string;
  effective_at: string;
  posted_at: string;
}

async function positionAt(
  { bank, account_id, account_entries }: BigLedger,
  depth: number,
): Promise<Position> {
  const [row] = await bank.owner.query<Position>(
    'SELECT account_seq, transaction_id, effective_at, posted_at FROM ledger_entries WHERE account_id = ? AND account_seq = ?',
    [account_id, Math.max(1, Math.floor(account_entries * depth))],
  );
  if (!row) throw new Error(`no entry at depth ${depth}`);
  return row;
}

/** A read that is ready to be timed. */
type Read = () => Promise<unknown>;

/** Milliseconds of one read after another: the middle of a handful, each a little further on than the one before. */
async function timed(prepare: (jitter: number) => Promise<Read>): Promise<number> {
  const samples: number[] = [];
  const startedAt = performance.now();
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const read = await prepare(repeat / 10_000);
    const before = performance.now();
    await read();
    samples.push(performance.now() - before);
    if (performance.now() - startedAt > PATIENCE_MS) break;
  }
  return median(samples);
}

/** The median at the depth where it is largest. */
async function worst(prepare: (depth: number) => Promise<Read>, depths = DEPTHS): Promise<number> {
  const medians: number[] = [];
  for (const depth of depths) medians.push(await timed((jitter) => prepare(depth + jitter)));
  return Math.max(...medians);
}

interface InDatabase extends BigLedger {
  accounts: AccountsRepository;
  history: HistoryRepository;
  found(work: string, ms: number): void;
}

/** The statements that the API sends, on a plain connection: server time and one round trip, which is given beside it. */
async function inDatabase({ report }: Bench, ledger: BigLedger): Promise<void> {
  const { bank, account_id } = ledger;
  const database = await Database.connect(bank.urls.api, 1);
  const reads: InDatabase = {
    ...ledger,
    accounts: new AccountsRepository(database),
    history: new HistoryRepository(database),
    found: (work, ms) => {
      report.figure(SCENARIO, `${work}, in the database, worst depth`, 'ms', [ms]);
      report.below(SCENARIO, `${work}, in the database`, ms, TARGET_MS, 'ms');
    },
  };
  try {
    report.figure(SCENARIO, 'round trip of SELECT 1', 'ms', [
      await timed(async () => () => database.query('SELECT 1')),
    ]);
    await statementPages(reads);
    await historyPages(reads, report);
    report.figure(
      SCENARIO,
      'past balance on the effective clock while there are no marks, worst depth',
      'ms',
      [await pastBalance(reads, 'effective')],
    );
    const seconds = await makeMarks(ledger);
    const [marks] = await bank.owner.query(
      'SELECT COUNT(*) AS n FROM account_balance_marks WHERE account_id = ?',
      [account_id],
    );
    report.figure(
      SCENARIO,
      'balance marks of everything',
      's',
      [seconds],
      `${marks?.n} on the large account`,
    );
    for (const clock of CLOCKS)
      reads.found(`past balance on the ${clock} clock`, await pastBalance(reads, clock));
    await fill(bank, UNMARKED_ENTRIES, 'hot');
    report.figure(
      SCENARIO,
      `past balance on the effective clock with ${UNMARKED_ENTRIES} entries that no mark covers, worst depth`,
      'ms',
      [await pastBalance(reads, 'effective')],
    );
  } finally {
    await database.close();
  }
}

async function statementPages(reads: InDatabase): Promise<void> {
  const { account_id, account_entries, accounts } = reads;
  for (const clock of CLOCKS) {
    const ms = await worst(async (depth) => {
      const at = await positionAt(reads, depth);
      return () =>
        accounts.statement({
          account_id,
          clock,
          from: undefined,
          to: undefined,
          up_to_sequence: String(account_entries),
          after: { time: at[`${clock}_at`], sequence: String(at.account_seq) },
          limit: PAGE + 1,
        });
    });
    reads.found(`statement page of 50 on the ${clock} clock`, ms);
  }
}

/** Filters that most rows pass cost like none; one that no row passes reads what lies behind the cursor. */
async function historyPages(reads: InDatabase, report: Bench['report']): Promise<void> {
  const { account_id, history } = reads;
  const page = (filter: Partial<HistoryFilter>, depths?: number[]) =>
    worst(async (depth) => {
      const at = await positionAt(reads, depth);
      return () =>
        history.page({
          account_ids: [account_id],
          sort: '-effective_at',
          after: { value: at.effective_at, transaction_id: String(at.transaction_id) },
          limit: PAGE + 1,
          ...filter,
        });
    }, depths);
  reads.found('history page of 50', await page({}));
  reads.found('history page of 50, the first', await page({ after: undefined }, [0]));
  reads.found('history page of 50, of one type', await page({ type: 'transfer' }));
  reads.found('history page of 50, above an amount', await page({ min_amount: '50' }));
  reads.found('history page of 50, by a word', await page({ q: 'great' }));
  const figure = (work: string, ms: number) =>
    report.figure(SCENARIO, `${work}, in the database`, 'ms', [ms]);
  figure('history by a word that occurs nowhere', await page({ q: 'nowhere', after: undefined }, [0]));
  figure('history page of 50 by amount', await page({ sort: '-amount', after: undefined }, [0]));
}

function pastBalance(reads: InDatabase, clock: Clock): Promise<number> {
  return worst(async (depth) => {
    const at = await positionAt(reads, depth);
    return () => reads.accounts.balance(reads.account_id, at[`${clock}_at`], clock);
  });
}

/** The worker's task alone, once. @returns seconds */
async function makeMarks({ bank }: BigLedger): Promise<number> {
  const silent = pino({ level: 'silent' });
  const database = new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));
  const startedAt = performance.now();
  try {
    await new BalanceMarks(database, silent, BALANCE_MARKS_OPTIONS).step(new AbortController().signal);
  } finally {
    await database.close();
  }
  return (performance.now() - startedAt) / 1000;
}

/** The same over HTTP: what a client waits. The first page of a period that begins at each depth, and the page after it. */
async function overHttp({ report }: Bench, ledger: BigLedger): Promise<void> {
  const { bank, account_id, owner } = ledger;
  const api = await startApi(bank, 'API');
  const headers = { authorization: `Bearer ${bank.world.tokens[owner]}` };
  const get = async (path: string, query: Record<string, string>): Promise<{ next_cursor?: string }> => {
    const response = await fetch(`${api.url}${path}?${new URLSearchParams(query).toString()}`, { headers });
    if (!response.ok)
      throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    return (await response.json()) as { next_cursor?: string };
  };
  const iso = (time: string) => `${time.replace(' ', 'T')}Z`;
  const found = (work: string, ms: number) =>
    report.figure(SCENARIO, `${work}, over HTTP, worst depth`, 'ms', [ms]);
  const limit = String(PAGE);
  try {
    for (const clock of CLOCKS) {
      const query = async (depth: number) => ({
        clock,
        limit,
        from: iso((await positionAt(ledger, depth))[`${clock}_at`]),
      });
      const path = `/accounts/${account_id}/statement`;
      found(
        `statement page of 50 on the ${clock} clock, first of a period`,
        await worst(async (depth) => {
          const first = await query(depth);
          return () => get(path, first);
        }),
      );
      found(
        `statement page of 50 on the ${clock} clock, next page`,
        await worst(async (depth) => {
          const first = await query(depth);
          const { next_cursor: cursor = '' } = await get(path, first);
          return () => get(path, { ...first, cursor });
        }),
      );
    }
    found(
      'history page of 50',
      await worst(async (depth) => {
        const to = iso((await positionAt(ledger, depth + 0.004)).effective_at);
        return () => get('/transactions/history', { account_id, limit, to });
      }),
    );
    for (const clock of CLOCKS)
      found(
        `past balance on the ${clock} clock`,
        await worst(async (depth) => {
          const at = iso((await positionAt(ledger, depth))[`${clock}_at`]);
          return () => get(`/accounts/${account_id}/balance`, { at, clock });
        }),
      );
  } finally {
    await api.stop();
  }
}
