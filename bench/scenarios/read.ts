import { AccountsRepository, type Clock } from '../../src/accounts/accounts.repository';
import { Database } from '../../src/database';
import { HistoryRepository } from '../../src/transactions/history.repository';
import { bigLedger, type BigLedger } from '../lib/big-ledger';
import { checkBooks } from '../lib/books';
import { startApi } from '../lib/bank-processes';
import type { Bench } from '../lib/bench';
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
async function worst(prepare: (depth: number) => Promise<Read>): Promise<number> {
  const medians: number[] = [];
  for (const depth of DEPTHS) medians.push(await timed((jitter) => prepare(depth + jitter)));
  return Math.max(...medians);
}

/** The statements that the API sends, on a plain connection: server time and one round trip, which is given beside it. */
async function inDatabase({ report }: Bench, ledger: BigLedger): Promise<void> {
  const { bank, account_id, account_entries } = ledger;
  const database = await Database.connect(bank.urls.api, 1);
  const accounts = new AccountsRepository(database);
  const history = new HistoryRepository(database);
  const found = (work: string, ms: number) => {
    report.figure(SCENARIO, `${work}, in the database, worst depth`, 'ms', [ms]);
    report.below(SCENARIO, `${work}, in the database`, ms, TARGET_MS, 'ms');
  };
  try {
    report.figure(SCENARIO, 'round trip of SELECT 1', 'ms', [
      await timed(async () => () => database.query('SELECT 1')),
    ]);
    for (const clock of CLOCKS) {
      const ms = await worst(async (depth) => {
        const at = await positionAt(ledger, depth);
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
      found(`statement page of 50 on the ${clock} clock`, ms);
    }
    const ms = await worst(async (depth) => {
      const at = await positionAt(ledger, depth);
      return () =>
        history.page({
          account_ids: [account_id],
          sort: '-effective_at',
          after: { value: at.effective_at, transaction_id: String(at.transaction_id) },
          limit: PAGE + 1,
        });
    });
    found('history page of 50', ms);
    for (const clock of CLOCKS) {
      const ms = await worst(async (depth) => {
        const at = await positionAt(ledger, depth);
        return () => accounts.balance(account_id, at[`${clock}_at`], clock);
      });
      found(`past balance on the ${clock} clock`, ms);
    }
  } finally {
    await database.close();
  }
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
