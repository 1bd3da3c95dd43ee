import { HistoryDto, type HistoryItem } from '../../src/transactions/dto/money-answer.dto';
import type { ApiUser } from '../support/api';
import { type MoneyTest, expectFields, moneyOf, startMoneyTest } from '../support/money';
import { deposit, journal, payment, postOne, systemAccount, transfer, withdrawal } from '../support/postings';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
beforeAll(async () => {
  test = await startMoneyTest();
});
afterAll(() => test.close());

type Query = Record<string, unknown>;
type Page = InstanceType<typeof HistoryDto>;
type Owner = Awaited<ReturnType<MoneyTest['customer']>>;

const HISTORY = '/transactions/history';
const day = (date: string) => Date.parse(`${date}T00:00:00Z`) * 1000;

async function page(user: ApiUser, query: Query = {}): Promise<Page> {
  const { status, body } = await test.get(user, HISTORY, query);
  expect([status, body.detail]).toEqual([200, undefined]);
  expect(HistoryDto.schema.parse(body)).toEqual(body);
  return body as Page;
}

async function all(
  user: ApiUser,
  query: Query,
  betweenPages?: () => Promise<unknown>,
): Promise<HistoryItem[]> {
  const items: HistoryItem[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const next: Page = await page(user, { ...query, cursor });
    items.push(...next.items);
    cursor = next.next_cursor;
    await betweenPages?.();
  }
  return items;
}

const idsOf = (items: HistoryItem[]) => items.map(({ transaction_id }) => transaction_id);
const descriptions = (items: HistoryItem[]) => items.map(({ description }) => description);

/** Eight movements on two accounts of different currencies, each with another kind, day and amount. */
async function busyCustomer(): Promise<Owner & { yen: string }> {
  const user = await test.customer();
  const yen = await test.open(user, { currency: 'JPY' });
  const other = await test.customer({ balance: 100_000n });
  const post = (item: Parameters<typeof postOne>[1]) => postOne(test.bank.pool, item);
  const at = (date: string, description: string) => ({ effective_us: day(date), description });
  await post(deposit(user.account_id, 10_000n, at('2024-01-01', 'Salary 100%')));
  await post(withdrawal(user.account_id, 500n, at('2024-01-05', 'Cash_machine')));
  await post(transfer(user.account_id, other.account_id, 2_000n, at('2024-01-03', 'Rent 🏠')));
  await post(transfer(other.account_id, user.account_id, 700n, at('2024-01-04', 'From a friend 🎉')));
  await post(payment(user.account_id, 1_250n, { ...at('2024-01-02', "O'Neill's"), channel: 'online' }));
  await post(deposit(yen, 3_000n, { ...at('2024-01-06', 'Yen'), currency: 'JPY' }));
  await post(withdrawal(yen, 12n, { ...at('2024-01-07', 'ＹＥＮ ｂａｃｋ'), currency: 'JPY' }));
  const merchant = { name: 'Café Zoë', mcc: '5814' };
  moneyOf(
    await test.post(user, '/transactions/payment', {
      account_id: user.account_id,
      amount: '3.00',
      merchant,
      channel: 'chip',
      effective_at: '2024-01-08T00:00:00Z',
    }),
  );
  return { ...user, yen };
}

const LATEST = [
  null,
  'ＹＥＮ ｂａｃｋ',
  'Yen',
  'Cash_machine',
  'From a friend 🎉',
  'Rent 🏠',
  "O'Neill's",
  'Salary 100%',
];

describe('GET /transactions/history', () => {
  let user: Owner & { yen: string };
  beforeAll(async () => {
    user = await busyCustomer();
  });

  it('is empty for someone without accounts, and on a new account', async () => {
    const nobody = await test.api.customer();
    expect(await page(nobody)).toEqual({ items: [], next_cursor: null });
    const fresh = await test.customer();
    expect(await page(fresh, { account_id: fresh.account_id, q: 'x', type: 'payment' })).toEqual({
      items: [],
      next_cursor: null,
    });
  });

  it("tells the caller's side of each transaction, the latest first", async () => {
    const { items, next_cursor } = await page(user);
    expect(next_cursor).toBeNull();
    expect(descriptions(items)).toEqual(LATEST);
    expect(items[0]).toEqual({
      transaction_id: expect.stringMatching(/^\d+$/),
      reference_id: expect.stringMatching(/^FL/),
      type: 'payment',
      status: 'posted',
      account_id: user.account_id,
      direction: 'debit',
      amount: '-3.00',
      currency: 'USD',
      balance_after: '66.50',
      description: null,
      merchant: { name: 'Café Zoë', mcc: '5814' },
      channel: 'chip',
      effective_at: '2024-01-08T00:00:00.000000Z',
      created_at: expect.any(String),
    });
    expect(items[2]).toMatchObject({
      account_id: user.yen,
      direction: 'credit',
      amount: '3000',
      balance_after: '3000',
    });
  });

  it.each<[Query, (string | null)[]]>([
    [{ type: 'deposit' }, ['Yen', 'Salary 100%']],
    [{ type: 'transfer' }, ['From a friend 🎉', 'Rent 🏠']],
    [{ type: 'refund' }, []],
    [{ status: 'posted', type: 'withdrawal' }, ['ＹＥＮ ｂａｃｋ', 'Cash_machine']],
    [{ status: 'reversed' }, []],
    [{ from: '2024-01-06' }, [null, 'ＹＥＮ ｂａｃｋ', 'Yen']],
    [{ from: '2024-01-06T00:00:00.000001Z' }, [null, 'ＹＥＮ ｂａｃｋ']],
    [{ to: '2024-01-02' }, ["O'Neill's", 'Salary 100%']],
    [{ to: '2024-01-02T00:00:00Z' }, ['Salary 100%']],
    [{ from: '2024-01-03', to: '2024-01-03' }, ['Rent 🏠']],
    [{ from: '2024-01-03', to: '2024-01-02' }, []],
    [{ min_amount: '100' }, ['Yen', 'Salary 100%']],
    [{ min_amount: 12.5, max_amount: '20.00' }, ['Rent 🏠', "O'Neill's"]],
    [{ max_amount: '4.9999' }, [null]],
    [{ min_amount: '12', max_amount: '12' }, ['ＹＥＮ ｂａｃｋ']],
    [{ q: 'rent' }, ['Rent 🏠']],
    [{ q: '%' }, ['Salary 100%']],
    [{ q: '_' }, ['Cash_machine']],
    [{ q: '\\' }, []],
    [{ q: "o'neill" }, ["O'Neill's"]],
    [{ q: "' OR 1=1 --" }, []],
    [{ q: '🎉' }, ['From a friend 🎉']],
    [{ q: '🏠' }, ['Rent 🏠']],
    [{ q: '🐙' }, []],
    [{ q: 'café' }, [null]],
    [{ q: 'A!' }, []],
    [{ sort: 'effective_at' }, [...LATEST].reverse()],
    [
      { sort: 'amount' },
      [
        null,
        'Cash_machine',
        'From a friend 🎉',
        'ＹＥＮ ｂａｃｋ',
        "O'Neill's",
        'Rent 🏠',
        'Salary 100%',
        'Yen',
      ],
    ],
    [{ sort: '-amount', limit: 2 }, ['Yen', 'Salary 100%']],
  ])('filters and sorts by %j', async (query, wanted) => {
    expect(descriptions((await page(user, query)).items)).toEqual(wanted);
  });

  it('finds a transaction by its reference, and a whole account by its id', async () => {
    const { items } = await page(user, { account_id: user.yen });
    expect(descriptions(items)).toEqual(['ＹＥＮ ｂａｃｋ', 'Yen']);
    const reference = String(items[0]?.reference_id);
    for (const q of [reference, reference.toLowerCase()]) {
      expect(descriptions((await page(user, { q })).items)).toEqual(['ＹＥＮ ｂａｃｋ']);
    }
  });

  it.each(['-effective_at', 'effective_at', '-amount', 'amount'])(
    'gives pages of any size by %s',
    async (sort) => {
      const whole = (await page(user, { sort })).items;
      expect(whole).toHaveLength(8);
      for (const limit of [1, 3, 7, 8]) expect(await all(user, { sort, limit })).toEqual(whole);
    },
  );

  it('stays without gaps and repeats while rows are added', async () => {
    const mover = await busyCustomer();
    for (const sort of ['-effective_at', 'effective_at', '-amount', 'amount']) {
      const before = idsOf((await page(mover, { sort })).items);
      const arriving = async () => {
        for (const [date, amount] of [
          ['2023-12-31', 1n],
          ['2024-01-04', 700n],
          ['2024-02-01', 999_999n],
        ] as const) {
          await postOne(test.bank.pool, deposit(mover.account_id, amount, { effective_us: day(date) }));
        }
      };
      const seen = idsOf(await all(mover, { sort, limit: 3 }, arriving));
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => before.includes(id))).toEqual(before);
    }
  });

  it('keeps transactions of one moment and one amount apart', async () => {
    const owner = await test.customer();
    const second = await test.open(owner);
    const effective_us = day('2024-05-05');
    for (let i = 0; i < 6; i += 1) {
      await postOne(test.bank.pool, deposit(i % 2 ? owner.account_id : second, 100n, { effective_us }));
    }
    for (const sort of ['-effective_at', 'effective_at', '-amount', 'amount']) {
      const ids = idsOf(await all(owner, { sort, limit: 1 }));
      const ascending = [...new Set(ids)].sort((a, b) => Number(BigInt(a) - BigInt(b)));
      expect(ids).toEqual(sort.startsWith('-') ? ascending.reverse() : ascending);
      expect(ids).toHaveLength(6);
    }
  });

  it('counts a transaction between own accounts once, also a journal over many of them', async () => {
    const owner = await test.customer({ balance: 1000n });
    const [second, third] = [await test.open(owner), await test.open(owner)];
    const interest = await systemAccount(test.bank.owner, 'interest_expense');
    const moved = await postOne(test.bank.pool, transfer(owner.account_id, second, 300n));
    const paid = await postOne(
      test.bank.pool,
      journal([
        [interest, -60n],
        [owner.account_id, 10n],
        [second, 20n],
        [third, 30n],
      ]),
    );
    for (const limit of [1, 2, 50]) {
      const items = await all(owner, { limit });
      expect(idsOf(items).slice(0, 2)).toEqual([paid.transaction_id, moved.transaction_id]);
      expect(items).toHaveLength(3);
      expect(items[0]).toMatchObject({ account_id: owner.account_id, amount: '0.10' });
      expect(items[1]).toMatchObject({ account_id: owner.account_id, direction: 'debit', amount: '-3.00' });
    }
    const [credit] = (await page(owner, { account_id: second, type: 'transfer' })).items;
    expect(credit).toMatchObject({
      account_id: second,
      direction: 'credit',
      amount: '3.00',
      balance_after: '3.00',
    });
    expect((await page(owner, { account_id: third, min_amount: '0.31' })).items).toEqual([]);
  });

  it('works with more accounts than most people have', async () => {
    const owner = await test.api.customer();
    const opened = await Promise.all(Array.from({ length: 55 }, () => test.open(owner)));
    const ids = opened.sort((a, b) => Number(a) - Number(b));
    const items = ids.map((account_id, i) => ({ type: 'deposit', account_id, amount: i + 1 }));
    expect((await test.post(owner, '/transactions/batch', { items })).body.accepted).toBe(55);
    const whole = await all(owner, { limit: 20 });
    expect(whole.map(({ account_id }) => account_id)).toEqual([...ids].reverse());
    expect((await all(owner, { limit: 20, sort: 'amount' })).map(({ account_id }) => account_id)).toEqual(
      ids,
    );
  });

  it("shows staff the account they name, and no customer another's", async () => {
    const own = await page(user, { account_id: user.account_id });
    for (const role of ['auditor', 'admin'] as const) {
      const staff = await test.api.staff(role);
      expect(await page(staff, { account_id: user.account_id })).toEqual(own);
      expect((await page(staff)).items).toEqual([]);
    }
    const stranger = await test.api.customer();
    for (const account_id of [user.account_id, '999999999']) {
      expectProblem(await test.get(stranger, HISTORY, { account_id }), 404, 'ACCOUNT_NOT_FOUND');
    }
  });

  it('takes a cursor only as it was given, from whom it was given to, with the same filters', async () => {
    const query = { limit: 2, q: 'a' };
    const { next_cursor: cursor } = await page(user, query);
    const [payload = '', mac = ''] = String(cursor).split('.');
    const forged = Buffer.from(payload, 'base64url')
      .toString()
      .replace(/"p":\["[^"]*"/, '"p":["2030-01-01"');
    const stranger = await busyCustomer();
    const bad: [ApiUser, Query][] = [
      [user, { ...query, cursor: 'x' }],
      [user, { ...query, cursor: payload }],
      [user, { ...query, cursor: `${Buffer.from(forged).toString('base64url')}.${mac}` }],
      [user, { ...query, cursor: `${payload}.${mac}x` }],
      [user, { ...query, q: 'b', cursor }],
      [user, { limit: 2, cursor }],
      [user, { ...query, sort: 'amount', cursor }],
      [user, { ...query, account_id: user.account_id, cursor }],
      [stranger, { ...query, cursor }],
    ];
    for (const [asker, asked] of bad)
      expectProblem(await test.get(asker, HISTORY, asked), 400, 'INVALID_CURSOR');
    expect((await page(user, { ...query, limit: 50, cursor })).items.length).toBeGreaterThan(0);
  });

  it.each<[Query, string]>([
    [{ type: 'gift' }, 'type'],
    [{ status: 'pending' }, 'status'],
    [{ sort: 'balance' }, 'sort'],
    [{ sort: 'amount; DROP TABLE accounts' }, 'sort'],
    [{ from: '2024-02-30' }, 'from'],
    [{ to: 'tomorrow' }, 'to'],
    [{ min_amount: 'much' }, 'min_amount'],
    [{ min_amount: '1.00001' }, 'min_amount'],
    [{ max_amount: '1e5' }, 'max_amount'],
    [{ max_amount: '9'.repeat(41) }, 'max_amount'],
    [{ q: '' }, 'q'],
    [{ q: 'x'.repeat(101) }, 'q'],
    [{ q: 'a\u0000b' }, 'q'],
    [{ account_id: 'mine' }, 'account_id'],
    [{ account_id: ['1', '2'] }, 'account_id'],
    [{ limit: '-1' }, 'limit'],
    [{ limit: '1000' }, 'limit'],
    [{ offset: 10 }, 'offset'],
    [{ cursor: 'x'.repeat(2001) }, 'cursor'],
  ])('refuses %j', async (query, field) => {
    expectFields(await test.get(user, HISTORY, query), 'VALIDATION_FAILED', field);
  });
});

describe('GET /transactions/{id}', () => {
  it.each(['0', 'abc', '1.0', '-1', '99999999999999999999'])('refuses the id %s', async (id) => {
    const user = await test.api.customer();
    expectFields(await test.get(user, `/transactions/${id}`), 'VALIDATION_FAILED', 'transaction_id');
  });
});
