import { postBatch } from '../../src/posting';
import { BALANCE_MARKS_OPTIONS, BalanceMarks } from '../../worker/audit/balance-marks';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import * as p from '../support/postings';
import { createWorkerBank, eventually, silent, type WorkerBank } from './worker-bank';

describe('balance marks', () => {
  let bank: WorkerBank;
  let database: WorkerDatabase;
  let owner: string;

  beforeAll(async () => {
    bank = await createWorkerBank();
    owner = (await bank.createUser()).user_id;
    database = new WorkerDatabase(bank.urls.worker, 2, new ConnectionState('the database', silent));
  });
  afterAll(async () => {
    await database.close();
    await bank.close();
  });

  const signal = new AbortController().signal;
  const marker = () =>
    new BalanceMarks(database, silent, {
      ...BALANCE_MARKS_OPTIONS,
      entries_apart: 5,
      entries_max: 7,
      transactions_max: 30,
    });
  const post = (account: string, count: number, effective_us?: number) =>
    postBatch(
      bank.pool,
      Array.from({ length: count }, () => p.deposit(account, 10n, { effective_us })),
    );
  const covered = async (account: string): Promise<number> => {
    const [row] = await bank.owner.query(
      'SELECT covered_seq FROM account_balance_coverage WHERE account_id = ?',
      [account],
    );
    return Number(row?.covered_seq ?? 0);
  };
  const balanceAt = async (account: string, at: string) => {
    const [rows] = await bank.owner.call('sp_get_balance', [account, at, 'effective']);
    return Number(rows?.[0]?.balance_minor);
  };

  it('follow the ledger: accounts with enough new entries are taken in, the others left alone', async () => {
    const busy = await bank.openAccount(owner);
    const calm = await bank.openAccount(owner);
    await post(busy, 43);
    await post(calm, 4);
    const wait_ms = await marker().step(signal);
    expect(wait_ms).toBeGreaterThan(1_000);
    expect(await covered(busy)).toBeGreaterThanOrEqual(40);
    expect(await covered(calm)).toBe(0);
    await post(calm, 1, Date.parse('2024-05-01T00:00:00Z') * 1000);
    await marker().step(signal);
    expect(await covered(calm)).toBe(5);
    expect(await balanceAt(calm, '2024-05-02')).toBe(10);
  });

  it('are made once when two workers are at it, also from the very beginning', async () => {
    const account = await bank.openAccount(owner);
    await post(account, 60);
    await bank.owner.execute('DELETE FROM account_balance_marks');
    await bank.owner.execute('DELETE FROM account_balance_coverage');
    await bank.owner.execute("DELETE FROM worker_state WHERE state_key = 'balance_marks_to'");
    await Promise.all([marker().step(signal), marker().step(signal)]);
    expect(await covered(account)).toBe(60);
    expect(await balanceAt(account, '2999-01-01')).toBe(600);
  });

  it('that are wrong are found and made anew', async () => {
    const account = await bank.openAccount(owner);
    await post(account, 10);
    await marker().step(signal);
    await bank.owner.execute(
      'UPDATE account_balance_marks SET balance_minor = balance_minor - 7 WHERE account_id = ?',
      [account],
    );
    await post(account, 10);
    await marker().step(signal);
    expect(await covered(account)).toBe(20);
    expect(await balanceAt(account, '2999-01-01')).toBe(200);
  });

  it('a worker that is told to stop leaves its position where it was', async () => {
    const account = await bank.openAccount(owner);
    await post(account, 20);
    const stopped = new AbortController();
    stopped.abort();
    await marker().step(stopped.signal);
    expect(await covered(account)).toBe(0);
    await marker().step(signal);
    expect(await covered(account)).toBe(20);
  });

  it('are looked after by the worker', async () => {
    const account = await bank.openAccount(owner);
    await post(account, BALANCE_MARKS_OPTIONS.entries_apart);
    await bank.startWorker();
    await eventually(async () => (await covered(account)) === BALANCE_MARKS_OPTIONS.entries_apart);
    expect(await covered(account)).toBe(BALANCE_MARKS_OPTIONS.entries_apart);
  });
});
