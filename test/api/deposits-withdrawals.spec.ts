import { TEST_PIN } from '../support/api';
import { type MoneyTest, expectFields, expectReplay, moneyOf, startMoneyTest } from '../support/money';
import { systemAccount } from '../support/postings';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
beforeAll(async () => {
  test = await startMoneyTest();
});
afterAll(() => test.close());

const CURRENCIES: [currency: string, deposited: string, taken: string, left: string][] = [
  ['USD', '125.50', '25.05', '100.45'],
  ['EUR', '0.01', '0.01', '0.00'],
  ['INR', '9999999999.99', '0.99', '9999999999.00'],
  ['GBP', '10000000000.00', '40000.00', '9999960000.00'],
  ['JPY', '1000', '1', '999'],
  ['KWD', '1.005', '0.999', '0.006'],
];

describe('POST /transactions/deposit and /withdraw', () => {
  it.each(CURRENCIES)('move cash in %s with its decimals', async (currency, deposited, taken, left) => {
    const user = await test.customer({ currency });
    const cash = await systemAccount(test.bank.owner, 'cash', currency);
    const { account_id } = user;
    const deposit = moneyOf(
      await test.post(user, '/transactions/deposit', {
        account_id,
        amount: deposited,
        description: 'Counter 3',
      }),
    );
    expect(deposit).toEqual({
      transaction_id: expect.stringMatching(/^\d+$/),
      reference_id: expect.any(String),
      hold_id: null,
      type: 'deposit',
      status: 'posted',
      amount: deposited,
      currency,
      description: 'Counter 3',
      created_at: expect.any(String),
      effective_at: deposit.created_at,
      entries: [
        { account_id: cash, direction: 'debit', amount: deposited, balance_after: null },
        { account_id, direction: 'credit', amount: deposited, balance_after: deposited },
      ],
      balances: [{ account_id, balance: deposited, available_balance: deposited }],
      reversal_of: null,
      reversed_by: null,
    });
    const withdrawal = moneyOf(
      await test.post(user, '/transactions/withdraw', { account_id, amount: taken }),
    );
    expect(withdrawal).toMatchObject({
      type: 'withdrawal',
      amount: taken,
      currency,
      description: null,
      entries: [
        { account_id, direction: 'debit', amount: taken, balance_after: left },
        { account_id: cash, direction: 'credit', amount: taken, balance_after: null },
      ],
      balances: [{ account_id, balance: left, available_balance: left }],
    });
    expect(await test.funds(user, account_id)).toEqual({ balance: left, available: left });
    for (const { transaction_id } of [deposit, withdrawal]) {
      const { body } = await test.get(user, `/transactions/${transaction_id}`);
      expect(body).toEqual(transaction_id === deposit.transaction_id ? deposit : withdrawal);
    }
  });

  it.each([
    ['USD', 125.5, '125.50'],
    ['USD', '125.5', '125.50'],
    ['USD', '0125.500000', '125.50'],
    ['USD', 0.07, '0.07'],
    ['USD', 4.35, '4.35'],
    ['JPY', '7.0', '7'],
    ['JPY', 7, '7'],
    ['KWD', 0.001, '0.001'],
    ['USD', 9999999999.99, '9999999999.99'],
  ])('take %s %j for %s', async (currency, amount, written) => {
    const user = await test.customer({ currency });
    const { account_id } = user;
    const answer = moneyOf(
      await test.post(user, '/transactions/deposit', { account_id: Number(account_id), amount }),
    );
    expect(answer.amount).toBe(written);
    expect(answer.balances).toEqual([{ account_id, balance: written, available_balance: written }]);
  });

  it.each([
    ['USD', '1.001'],
    ['USD', 0.125],
    ['JPY', '1.5'],
    ['JPY', 0.1],
    ['KWD', '0.0001'],
    ['USD', '10000000000.01'],
    ['JPY', '1000000000001'],
    ['KWD', '1000000000.001'],
    ['USD', '0'],
    ['USD', 0],
    ['USD', '-0.00'],
    ['KWD', '0.000'],
    ['USD', '-1.00'],
    ['USD', -5],
  ])('refuse %s %j, and leave no trace', async (currency, amount) => {
    const user = await test.customer({ currency, balance: 100n });
    const { account_id } = user;
    await test.withoutTrace(async () => {
      for (const path of ['deposit', 'withdraw']) {
        const answer = await test.post(user, `/transactions/${path}`, { account_id, amount });
        expectFields(answer, 'INVALID_AMOUNT', 'amount');
      }
    });
  });

  it('use the overdraft, and not a cent more', async () => {
    const user = await test.customer({ balance: 1000n, overdraft: 500n });
    const withdraw = (amount: string) =>
      test.post(user, '/transactions/withdraw', { account_id: user.account_id, amount });
    expectProblem(await withdraw('15.01'), 422, 'INSUFFICIENT_FUNDS');
    expect(moneyOf(await withdraw('15.00')).balances).toEqual([
      { account_id: user.account_id, balance: '-5.00', available_balance: '0.00' },
    ]);
    expectProblem(await withdraw('0.01'), 422, 'INSUFFICIENT_FUNDS');
    moneyOf(await test.post(user, '/transactions/deposit', { account_id: user.account_id, amount: 1 }));
    expect(await test.funds(user, user.account_id)).toEqual({ balance: '-4.00', available: '1.00' });
  });

  it('record a decline with its reason, outside the ledger', async () => {
    const user = await test.customer({ balance: 100n });
    const { account_id } = user;
    await test.post(user, '/transactions/withdraw', { account_id, amount: '1.01', description: 'too much' });
    const rows = await test.bank.owner.query(
      'SELECT type, code, amount_minor, currency, description, initiated_by FROM declined_transactions WHERE account_id = ?',
      [account_id],
    );
    expect(rows).toEqual([
      {
        type: 'withdrawal',
        code: 'INSUFFICIENT_FUNDS',
        amount_minor: '101',
        currency: 'USD',
        description: 'too much',
        initiated_by: user.user_id,
      },
    ]);
    expect((await test.get(user, '/transactions/history')).body.items).toHaveLength(1);
  });

  it.each([
    ['frozen', 'ACCOUNT_FROZEN'],
    ['closed', 'ACCOUNT_CLOSED'],
  ] as const)('are declined on a %s account', async (status, code) => {
    const user = await test.customer();
    await test.setStatus(user.account_id, status);
    for (const path of ['deposit', 'withdraw']) {
      const body = { account_id: user.account_id, amount: '1.00' };
      expectProblem(await test.post(user, `/transactions/${path}`, body), 422, code);
    }
  });

  it('are refused when the request names another currency than the account has', async () => {
    const user = await test.customer({ currency: 'EUR', balance: 100n });
    const body = { account_id: user.account_id, amount: '1.00' };
    for (const path of ['deposit', 'withdraw']) {
      expectProblem(
        await test.post(user, `/transactions/${path}`, { ...body, currency: 'USD' }),
        422,
        'CURRENCY_MISMATCH',
      );
      moneyOf(await test.post(user, `/transactions/${path}`, { ...body, currency: 'EUR' }));
    }
  });

  it("are refused on somebody else's account exactly as on none", async () => {
    const [user, other] = [await test.customer(), await test.customer({ balance: 100n })];
    await test.withoutTrace(async () => {
      for (const path of ['deposit', 'withdraw']) {
        for (const account_id of [
          other.account_id,
          '999999999',
          await systemAccount(test.bank.owner, 'cash'),
        ]) {
          const answer = await test.post(user, `/transactions/${path}`, { account_id, amount: '1.00' });
          expectProblem(answer, 404, 'ACCOUNT_NOT_FOUND');
          expect(answer.body).toMatchObject({ title: 'No such account', detail: 'No such account' });
        }
      }
    });
  });

  it('let an administrator post for anyone, but not with the accounts of the bank', async () => {
    const [admin, user] = [await test.api.staff('admin'), await test.customer()];
    const body = { account_id: user.account_id, amount: '3.00' };
    const answer = moneyOf(await test.post(admin, '/transactions/deposit', body));
    expect(answer.entries.map((entry) => entry.balance_after)).toEqual([expect.any(String), '3.00']);
    expect(answer.balances).toEqual([
      { account_id: user.account_id, balance: '3.00', available_balance: '3.00' },
    ]);
    const cash = await systemAccount(test.bank.owner, 'cash');
    const refused = await test.post(admin, '/transactions/withdraw', { account_id: cash, amount: '1.00' });
    expectProblem(refused, 404, 'ACCOUNT_NOT_FOUND');
  });
});

describe('effective_at', () => {
  it('dates a movement back, and not ahead', async () => {
    const user = await test.customer();
    const deposit = (effective_at: string) =>
      test.post(user, '/transactions/deposit', { account_id: user.account_id, amount: '1.00', effective_at });
    expect(moneyOf(await deposit('1999-12-31T23:30:00.5-00:30')).effective_at).toBe(
      '2000-01-01T00:00:00.500000Z',
    );
    expect(moneyOf(await deposit('1900-01-01T00:00:00Z')).effective_at).toBe('1900-01-01T00:00:00.000000Z');
    expect(moneyOf(await deposit('1969-12-31T23:59:59.999999Z')).effective_at).toBe(
      '1969-12-31T23:59:59.999999Z',
    );
    expectProblem(await deposit('2199-12-31T23:59:59Z'), 422, 'EFFECTIVE_IN_FUTURE');
  });

  it.each([
    '2200-01-01T00:00:00Z',
    '1899-12-31T23:59:59Z',
    '0000-01-01T00:00:00+23:00',
    '2026-01-31',
    '2026-01-31T10:00:00',
    '',
    'now',
    0,
    null,
  ])('refuses %j', async (effective_at) => {
    const user = await test.customer();
    const answer = await test.post(user, '/transactions/deposit', {
      account_id: user.account_id,
      amount: '1.00',
      effective_at,
    });
    expectFields(answer, 'VALIDATION_FAILED', 'effective_at');
  });

  it('is declined in a closed period', async () => {
    const user = await test.customer();
    const admin = await test.api.staff('admin');
    const closing = { until: '1950-01-01' };
    expect((await test.api.http.post('/admin/periods/close').set(admin.headers).send(closing)).status).toBe(
      200,
    );
    const deposit = (effective_at: string) =>
      test.post(user, '/transactions/deposit', { account_id: user.account_id, amount: '1.00', effective_at });
    expectProblem(await deposit('1949-12-31T23:59:59.999999Z'), 422, 'PERIOD_CLOSED');
    moneyOf(await deposit('1950-01-01T00:00:00Z'));
  });
});

describe('the PIN', () => {
  it('is asked for from the limit on, of those who have set one', async () => {
    const user = await test.api.customer({ with_pin: true });
    const account_id = await test.open(user, { balance: 1_000_000n });
    const withdraw = (amount: string, pin?: unknown) =>
      test.post(user, '/transactions/withdraw', { account_id, amount, pin });
    moneyOf(await withdraw('999.99'));
    await test.withoutTrace(async () => {
      expectProblem(await withdraw('1000.00'), 403, 'PIN_REQUIRED');
      expectProblem(await withdraw('1000.00', '0000'), 403, 'PIN_INVALID');
      expectFields(await withdraw('1000.00', Number(TEST_PIN)), 'VALIDATION_FAILED', 'pin');
      expectFields(await withdraw('1000.00', '1'), 'VALIDATION_FAILED', 'pin');
    });
    moneyOf(await withdraw('1000.00', TEST_PIN));
    moneyOf(await test.post(user, '/transactions/deposit', { account_id, amount: '5000.00' }));
  });

  it('goes by major units of the currency', async () => {
    const user = await test.api.customer({ with_pin: true });
    for (const [currency, below, from] of [
      ['JPY', '999', '1000'],
      ['KWD', '999.999', '1000.000'],
    ] as const) {
      const account_id = await test.open(user, { currency, balance: 10_000_000n });
      moneyOf(await test.post(user, '/transactions/withdraw', { account_id, amount: below }));
      expectProblem(
        await test.post(user, '/transactions/withdraw', { account_id, amount: from }),
        403,
        'PIN_REQUIRED',
      );
    }
  });

  it('is no part of what a repeat is told by', async () => {
    const user = await test.api.customer({ with_pin: true });
    const account_id = await test.open(user, { balance: 1_000_000n });
    const withdraw = (pin?: string) =>
      test.post(user, '/transactions/withdraw', { account_id, amount: '2000.00', pin }, 'with-pin');
    expectProblem(await withdraw('1111'), 403, 'PIN_INVALID');
    const first = await withdraw(TEST_PIN);
    expect(first.status).toBe(201);
    expectReplay(first, await withdraw(TEST_PIN));
    expectProblem(await withdraw(), 403, 'PIN_REQUIRED');
  });

  it('is not asked of those who have none', async () => {
    const user = await test.customer({ balance: 1_000_000n });
    moneyOf(
      await test.post(user, '/transactions/withdraw', { account_id: user.account_id, amount: '5000.00' }),
    );
  });
});
