import { Database } from '../../src/database';
import { postBatch, type BatchItem } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

const DAY_US = 86_400_000_000;
const FIRST_US = Date.parse('2024-01-01T00:00:00Z') * 1000;

/** The same numbers in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('balances at past moments on the effective clock, by marks', () => {
  let bank: TestBank;
  let owner: string;

  beforeAll(async () => {
    bank = await createTestBank();
    owner = (await bank.createUser()).user_id;
  });
  afterAll(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
    expect(await bank.owner.query('SELECT * FROM vw_balance_marks_check')).toEqual([]);
    await bank.close();
  });

  const mark = async (account: string, max = 1000, apart = 4) => {
    const [rows] = await bank.owner.call<Record<'covered_seq' | 'waiting_count' | 'was_wrong', string>>(
      'sp_mark_balances',
      [account, max, apart],
    );
    return {
      covered: Number(rows?.[0]?.covered_seq),
      waiting: Number(rows?.[0]?.waiting_count),
      was_wrong: Number(rows?.[0]?.was_wrong),
    };
  };
  const marks = (account: string) =>
    bank.owner.query<{ through_at: string; entries_count: string; balance_minor: string }>(
      'SELECT through_at, entries_count, balance_minor FROM account_balance_marks WHERE account_id = ? ORDER BY through_at',
      [account],
    );
  const balanceAt = async (account: string, at: string) => {
    const [rows] = await bank.owner.call('sp_get_balance', [account, at, 'effective']);
    return String(rows?.[0]?.balance_minor);
  };
  const balanceBefore = async (account: string, before: string, upTo: string) => {
    const [rows] = await bank.owner.call('sp_get_balance_before', [account, before, upTo]);
    return String(rows?.[0]?.total_minor);
  };
  const naive = async (account: string, comparison: '<' | '<=', moment: string, upTo: string) => {
    const [row] = await bank.owner.query<{ total: string }>(
      `SELECT COALESCE(SUM(amount_minor), 0) AS total FROM ledger_entries
       WHERE account_id = ? AND effective_at ${comparison} ? AND account_seq <= ?`,
      [account, moment, upTo],
    );
    return String(row?.total);
  };
  const lastSequence = async (account: string) => {
    const [row] = await bank.owner.query('SELECT last_account_seq FROM accounts WHERE account_id = ?', [
      account,
    ]);
    return String(row?.last_account_seq);
  };
  const expectMarksRight = async (account: string) => {
    const [coverage] = await bank.owner.query(
      'SELECT covered_seq FROM account_balance_coverage WHERE account_id = ?',
      [account],
    );
    const covered = String(coverage?.covered_seq ?? 0);
    for (const { through_at, balance_minor, entries_count } of await marks(account)) {
      expect(String(balance_minor)).toBe(await naive(account, '<=', through_at, covered));
      const [row] = await bank.owner.query(
        'SELECT COUNT(*) AS n FROM ledger_entries WHERE account_id = ? AND effective_at <= ? AND account_seq <= ?',
        [account, through_at, covered],
      );
      expect(String(entries_count)).toBe(String(row?.n));
    }
  };

  /** A handful of deposits and withdrawals, some of one moment, some years back, some now. */
  const someItems = (account: string, random: (below: number) => number): BatchItem[] =>
    Array.from({ length: 1 + random(12) }, () => {
      const kind = random(10);
      const effective_us =
        kind === 0
          ? undefined
          : FIRST_US + (kind < 4 ? random(5) : random(400)) * DAY_US + (kind < 6 ? 0 : random(DAY_US));
      const amount = BigInt(1 + random(500));
      return random(3) === 0
        ? p.withdrawal(account, amount, { effective_us })
        : p.deposit(account, amount + 200n, { effective_us });
    });

  it.each([11, 12, 13])('are exact whatever is posted and marked in between (seed %i)', async (seed) => {
    const random = randomFrom(seed);
    const account = await bank.openAccount(owner, { overdraft: 1_000_000n });
    for (let round = 0; round < 25; round += 1) {
      await postBatch(bank.pool, someItems(account, random));
      if (random(2) === 0) await mark(account, 1 + random(30), 2 + random(4));
      const upTo = String(random(Number(await lastSequence(account)) + 1));
      const [entry] = await bank.owner.query<{ effective_at: string }>(
        'SELECT effective_at FROM ledger_entries WHERE account_id = ? ORDER BY account_seq LIMIT ?, 1',
        [account, random(Number(await lastSequence(account)))],
      );
      for (const moment of [
        entry?.effective_at ?? '',
        new Date((FIRST_US + random(420) * DAY_US) / 1000).toISOString().slice(0, 10),
      ]) {
        expect(await balanceAt(account, moment)).toBe(
          await naive(account, '<=', moment, await lastSequence(account)),
        );
        expect(await balanceBefore(account, moment, upTo)).toBe(await naive(account, '<', moment, upTo));
      }
    }
    while ((await mark(account)).waiting > 0);
    expect((await marks(account)).length).toBeGreaterThan(10);
    await expectMarksRight(account);
  });

  it('an account with few entries has none; entries of one moment share one', async () => {
    const account = await bank.openAccount(owner);
    const at = (day: number) => ({ effective_us: FIRST_US + day * DAY_US });
    await postBatch(bank.pool, [p.deposit(account, 1n, at(0)), p.deposit(account, 2n, at(3))]);
    expect(await mark(account, 1000, 3)).toEqual({ covered: 2, waiting: 0, was_wrong: 0 });
    expect(await marks(account)).toEqual([]);
    await postBatch(
      bank.pool,
      Array.from({ length: 20 }, () => p.deposit(account, 1n, at(1))),
    );
    await mark(account, 1000, 3);
    expect(await marks(account)).toEqual([
      { through_at: '2024-01-02 00:00:00.000000', entries_count: '21', balance_minor: '21' },
    ]);
    expect(await balanceAt(account, '2024-01-01 23:59:59.999999')).toBe('1');
    expect(await balanceAt(account, '2024-01-02')).toBe('21');
    expect(await balanceAt(account, '2024-01-04')).toBe('23');
  });

  it('go on in steps, and say what is left', async () => {
    const account = await bank.openAccount(owner);
    await postBatch(
      bank.pool,
      Array.from({ length: 25 }, () => p.deposit(account, 1n)),
    );
    expect(await mark(account, 10)).toMatchObject({ covered: 10, waiting: 15 });
    expect(await mark(account, 10)).toMatchObject({ covered: 20, waiting: 5 });
    expect(await mark(account, 10)).toMatchObject({ covered: 25, waiting: 0 });
    expect(await mark(account, 10)).toMatchObject({ covered: 25, waiting: 0 });
  });

  it('are thrown away when they do not agree with the ledger, and made anew', async () => {
    const account = await bank.openAccount(owner);
    const post = (count: number) =>
      postBatch(
        bank.pool,
        Array.from({ length: count }, () => p.deposit(account, 3n)),
      );
    await post(20);
    await mark(account);
    await bank.owner.execute(
      'UPDATE account_balance_marks SET balance_minor = balance_minor + 1 WHERE account_id = ?',
      [account],
    );
    expect(
      await bank.owner.query('SELECT entries_count, marked_minor, balance_minor FROM vw_balance_marks_check'),
    ).toEqual([{ entries_count: '20', marked_minor: '61', balance_minor: '60' }]);
    await post(1);
    expect(await mark(account)).toEqual({ covered: 0, waiting: 21, was_wrong: 1 });
    expect(await marks(account)).toEqual([]);
    expect(await mark(account)).toEqual({ covered: 21, waiting: 0, was_wrong: 0 });
    await expectMarksRight(account);
    expect(await balanceAt(account, '2999-01-01')).toBe('63');
  });

  it('stay exact while others post, mark and read at once', async () => {
    const account = await bank.openAccount(owner, { overdraft: 1_000_000n });
    const worker = await Database.connect(bank.urls.worker, 3);
    let isPosting = true;
    const posting = (async () => {
      const random = randomFrom(99);
      for (let round = 0; round < 40; round += 1) await postBatch(bank.pool, someItems(account, random));
    })().finally(() => {
      isPosting = false;
    });
    const marking = [0, 1, 2].map(async (index) => {
      const random = randomFrom(index);
      while (isPosting) await worker.call('sp_mark_balances', [account, 1 + random(20), 3]);
    });
    const random = randomFrom(7);
    let compared = 0;
    while (isPosting) {
      const upTo = await lastSequence(account);
      const moment = new Date((FIRST_US + random(420) * DAY_US) / 1000).toISOString().slice(0, 10);
      expect(await balanceBefore(account, moment, upTo)).toBe(await naive(account, '<', moment, upTo));
      compared += 1;
    }
    await Promise.all([posting, ...marking]);
    while ((await mark(account)).waiting > 0);
    await expectMarksRight(account);
    expect(compared).toBeGreaterThan(10);
    await worker.close();
  });
});
