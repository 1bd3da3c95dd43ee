import { AccountsRepository } from '../../src/accounts/accounts.repository';
import { Database } from '../../src/database';
import { postBatch } from '../../src/posting';
import { type HistoryFilter, HistoryRepository } from '../../src/transactions/history.repository';
import { createTestBank, type TestBank } from '../support/bank';
import { deposit, integrityProblems, postOne, transfer } from '../support/postings';

/**
 * Keeps reads from growing with the history, by the server's own count of rows read. The account has 4,000 entries, a page 50 rows:
 * a server that sorts, or begins anywhere else than at the cursor, is over these bounds at once.
 */
describe('what a read of a long history costs', () => {
  const ENTRIES = 4_000;
  const PAGE = 51;
  /** For each account: keys of the page, the rows, and what belongs to each, temporary rows included. The most is some 500. */
  const READS_A_PAGE = 800;
  /** The entries between two marks, twice at most. */
  const READS_A_BALANCE = 1_100;
  let bank: TestBank;
  let database: Database;
  let account: string;
  let others: string[];

  beforeAll(async () => {
    bank = await createTestBank();
    const { user_id } = await bank.createUser();
    account = await bank.openAccount(user_id, { balance: 1_000_000n });
    others = [await bank.openAccount(user_id), await bank.openAccount(user_id)];
    const first_us = Date.parse('2024-01-01T00:00:00Z') * 1000;
    for (let done = 0; done < ENTRIES; done += 1_000) {
      await postBatch(
        bank.pool,
        Array.from({ length: 1_000 }, (_, index) => {
          const effective_us = first_us + (((done + index) * 7_919 * 60_000_000) % 31_536_000_000_000);
          return index % 10 === 0
            ? transfer(account, others[(index / 10) % 2] ?? '', 5n, { effective_us })
            : deposit(account, 5n, { effective_us });
        }),
      );
    }
    database = await Database.connect(bank.urls.api, 1);
  });
  afterAll(async () => {
    expect(await integrityProblems(bank.owner)).toEqual([]);
    await database.close();
    await bank.close();
  });

  const rowsRead = async (): Promise<number> => {
    const rows = await database.query<{ Value: string }>("SHOW SESSION STATUS LIKE 'Handler_read%'");
    return rows.reduce((sum, row) => sum + Number(row.Value), 0);
  };
  /** Rows read by `work`; what it takes to count them is left out. */
  async function cost(work: () => Promise<unknown>): Promise<number> {
    const start = await rowsRead();
    const counting = (await rowsRead()) - start;
    const before = await rowsRead();
    await work();
    return (await rowsRead()) - before - counting;
  }
  const entryAt = async (depth: number, order: 'effective_at' | 'account_seq') => {
    const [row] = await bank.owner.query<
      Record<'transaction_id' | 'account_seq' | 'effective_at' | 'posted_at', string>
    >(
      `SELECT transaction_id, account_seq, effective_at, posted_at FROM ledger_entries
       WHERE account_id = ? ORDER BY ${order} LIMIT ?, 1`,
      [account, Math.floor(ENTRIES * depth)],
    );
    if (!row) throw new Error('no entry');
    return row;
  };

  it.each([0.1, 0.5, 0.9])('a page of the history at depth %d', async (depth) => {
    const history = new HistoryRepository(database);
    const at = await entryAt(depth, 'effective_at');
    const after = { value: at.effective_at, transaction_id: String(at.transaction_id) };
    const page: HistoryFilter = { account_ids: [account], sort: '-effective_at', limit: PAGE };
    const pages: Partial<HistoryFilter>[] = [
      { after: undefined },
      { after },
      { after, sort: 'effective_at' },
      { after, status: 'posted' },
      { after, type: 'deposit' },
      { after, min_amount: '0.01' },
      { after, account_ids: [account, ...others] },
    ];
    for (const more of pages) {
      let found = 0;
      const read = await cost(async () => {
        found = (await history.page({ ...page, ...more })).length;
      });
      expect(found).toBe(PAGE);
      const bound = READS_A_PAGE * (more.account_ids ?? page.account_ids).length;
      expect([more, read > bound ? read : 'few']).toEqual([more, 'few']);
    }
  });

  it.each([0.1, 0.5, 0.9])('a page of a statement at depth %d', async (depth) => {
    const accounts = new AccountsRepository(database);
    for (const clock of ['effective', 'posted'] as const) {
      const at = await entryAt(depth, clock === 'posted' ? 'account_seq' : 'effective_at');
      const read = await cost(() =>
        accounts.statement({
          account_id: account,
          clock,
          from: undefined,
          to: undefined,
          up_to_sequence: String(ENTRIES + 1),
          after: { time: at[`${clock}_at`], sequence: String(at.account_seq) },
          limit: PAGE,
        }),
      );
      expect([clock, read > READS_A_PAGE ? read : 'few']).toEqual([clock, 'few']);
    }
  });

  it('a balance at a past moment, once there are marks', async () => {
    const accounts = new AccountsRepository(database);
    await bank.owner.call('sp_mark_balances', [account, 50_000, 500]);
    await postOne(bank.pool, deposit(account, 1n));
    for (const depth of [0.1, 0.5, 0.9]) {
      const { effective_at } = await entryAt(depth, 'effective_at');
      for (const clock of ['effective', 'posted'] as const) {
        const read = await cost(() => accounts.balance(account, effective_at, clock));
        expect([clock, depth, read > READS_A_BALANCE ? read : 'few']).toEqual([clock, depth, 'few']);
      }
    }
  });
});
