import { StatementDto } from '../../src/accounts/dto/account.dto';
import type { ApiUser } from '../support/api';
import { type MoneyTest, expectFields, moneyOf, startMoneyTest } from '../support/money';
import { deposit, journal, postOne, systemAccount, transfer, withdrawal } from '../support/postings';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
beforeAll(async () => {
  test = await startMoneyTest();
});
afterAll(() => test.close());

type Statement = InstanceType<typeof StatementDto>;
type Item = Statement['items'][number];
type Owner = ApiUser & { account_id: string };

const DAY_US = 86_400_000_000;
const day = (date: string) => Date.parse(`${date}T00:00:00Z`) * 1000;
const minor = (amount: string) => BigInt(amount.replace('.', ''));

async function statement(user: Owner, query: Record<string, unknown> = {}): Promise<Statement> {
  const { status, body } = await test.get(user, `/accounts/${user.account_id}/statement`, query);
  expect([status, body.detail]).toEqual([200, undefined]);
  expect(StatementDto.schema.parse(body)).toEqual(body);
  return body as Statement;
}

/** Every page of a statement. Each must say the same of the whole period. */
async function allPages(user: Owner, query: Record<string, unknown>, betweenPages?: () => Promise<unknown>) {
  const pages = [await statement(user, query)];
  for (let cursor = pages[0]?.next_cursor; cursor; cursor = pages.at(-1)?.next_cursor) {
    await betweenPages?.();
    pages.push(await statement(user, { ...query, cursor }));
  }
  const head = ({ items: _items, next_cursor: _cursor, ...rest }: Statement) => rest;
  for (const page of pages) expect(head(page)).toEqual(head(pages[0] as Statement));
  return { ...head(pages[0] as Statement), items: pages.flatMap(({ items }) => items), pages: pages.length };
}

/** opening + movements = closing, and every running balance goes on from the one before. */
function expectToAddUp(whole: { opening_balance: string; closing_balance: string; items: Item[] }): void {
  let balance = minor(whole.opening_balance);
  for (const item of whole.items) {
    balance += minor(item.amount);
    expect(minor(item.balance_after)).toBe(balance);
  }
  expect(balance).toBe(minor(whole.closing_balance));
}

/** An account with movements on ten days of January 2024, posted in another order than they happened. */
async function januaryAccount(): Promise<Owner> {
  const user = await test.customer();
  const other = await test.customer({ balance: 100_000n });
  for (const dayOfMonth of [5, 1, 9, 3, 7, 2, 10, 4, 8, 6]) {
    const effective_us = day('2024-01-01') + (dayOfMonth - 1) * DAY_US;
    await postOne(
      test.bank.pool,
      transfer(other.account_id, user.account_id, BigInt(dayOfMonth * 100), { effective_us }),
    );
  }
  return user;
}

describe('GET /accounts/{id}/statement', () => {
  it('is empty for a new account', async () => {
    const user = await test.customer();
    expect(await statement(user)).toEqual({
      account_id: user.account_id,
      account_number: await test.accountNumber(user.account_id),
      currency: 'USD',
      from: null,
      to: null,
      clock: 'effective',
      opening_balance: '0.00',
      closing_balance: '0.00',
      items: [],
      next_cursor: null,
    });
  });

  it('tells each movement with its counterparty', async () => {
    const user = await test.customer({ balance: 10_000n });
    const friend = await test.customer();
    const sent = moneyOf(
      await test.post(user, '/transactions/transfer', {
        sender_account_id: user.account_id,
        receiver_account_id: friend.account_id,
        amount: '20.00',
        description: 'Lunch 🍜',
      }),
    );
    const merchant = { name: 'Corner Bakery', mcc: '5462' };
    await test.post(user, '/transactions/payment', {
      account_id: user.account_id,
      amount: 5,
      merchant,
      channel: 'chip',
    });
    const { items } = await statement(user);
    const short = `…${(await test.accountNumber(friend.account_id)).slice(-4)}`;
    expect(
      items.map(({ type, amount, balance_after, counterparty }) => [
        type,
        amount,
        balance_after,
        counterparty,
      ]),
    ).toEqual([
      ['deposit', '100.00', '100.00', { name: 'Cash', account_number: null }],
      ['transfer', '-20.00', '80.00', { name: 'Ada L.', account_number: short }],
      ['payment', '-5.00', '75.00', { name: 'Corner Bakery', account_number: null }],
    ]);
    expect(items[1]).toEqual({
      transaction_id: sent.transaction_id,
      reference_id: sent.reference_id,
      posted_at: sent.created_at,
      effective_at: sent.effective_at,
      type: 'transfer',
      status: 'posted',
      description: 'Lunch 🍜',
      amount: '-20.00',
      balance_after: '80.00',
      counterparty: { name: 'Ada L.', account_number: short },
    });
  });

  it('names strangers in short, own accounts and everyone to the staff in full', async () => {
    const user = await test.customer({ balance: 10_000n });
    const savings = await test.open(user);
    const names = ['Bob van der Meer', 'Prince', '  Zoë  Ångström ', '王 小明'];
    const strangers = await Promise.all(
      names.map(async (full_name) => test.open(await test.api.customer({ full_name }))),
    );
    const receivers = [savings, ...strangers];
    for (const receiver_account_id of receivers) {
      const body = { sender_account_id: user.account_id, receiver_account_id, amount: '0.01' };
      moneyOf(await test.post(user, '/transactions/transfer', body));
    }
    const numbers = await Promise.all(receivers.map((id) => test.accountNumber(id)));
    const sides = async (asker: ApiUser) => {
      const { items } = await statement({ ...asker, account_id: user.account_id });
      return items.slice(1).map(({ counterparty }) => counterparty);
    };
    expect(await sides(user)).toEqual([
      { name: 'Ada Lovelace', account_number: numbers[0] },
      ...['Bob M.', 'Prince', 'Zoë Å.', '王 小.'].map((name, i) => ({
        name,
        account_number: `…${numbers[i + 1]?.slice(-4)}`,
      })),
    ]);
    const inFull = ['Ada Lovelace', ...names].map((name, i) => ({ name, account_number: numbers[i] }));
    expect(await sides(await test.api.staff('auditor'))).toEqual(inFull);
  });

  it.each([
    [{}, '0.00', '55.00', 10],
    [{ from: '2024-01-03' }, '3.00', '55.00', 8],
    [{ to: '2024-01-03' }, '0.00', '6.00', 3],
    [{ from: '2024-01-04', to: '2024-01-06' }, '6.00', '21.00', 3],
    [{ from: '2024-01-04', to: '2024-01-04' }, '6.00', '10.00', 1],
    [{ from: '2024-01-04T00:00:00Z', to: '2024-01-06T00:00:00Z' }, '6.00', '15.00', 2],
    [{ from: '2024-01-04T00:00:00.000001Z', to: '2024-01-06T00:00:00.000001Z' }, '10.00', '21.00', 2],
    [{ from: '2024-01-04T05:30:00+05:30' }, '6.00', '55.00', 7],
    [{ from: '2024-02-01' }, '55.00', '55.00', 0],
    [{ to: '2023-12-31' }, '0.00', '0.00', 0],
    [{ from: '2024-01-08', to: '2024-01-02' }, '28.00', '28.00', 0],
  ])('of %j adds up, on pages of any size', async (period, opening, closing, count) => {
    const user = await januaryAccount();
    for (const limit of [1, 3, 200]) {
      const whole = await allPages(user, { ...period, limit });
      expect(whole).toMatchObject({ opening_balance: opening, closing_balance: closing });
      expect(whole.items).toHaveLength(count);
      expect(whole.pages).toBe(Math.max(1, Math.ceil(count / limit)));
      expectToAddUp(whole);
    }
  });

  it('goes by the time of posting when asked', async () => {
    const user = await januaryAccount();
    const whole = await allPages(user, { clock: 'posted', limit: 4 });
    expectToAddUp(whole);
    expect(whole.items.map(({ amount }) => amount)).toEqual(
      [5, 1, 9, 3, 7, 2, 10, 4, 8, 6].map((amount) => `${amount}.00`),
    );
    expect(await allPages(user, { clock: 'posted', to: '2024-12-31' })).toMatchObject({
      closing_balance: '0.00',
      items: [],
    });
    const from = whole.items[6]?.posted_at;
    const tail = await allPages(user, { clock: 'posted', from, limit: 1 });
    expect(tail).toMatchObject({ opening_balance: '27.00', closing_balance: '55.00', from });
    expectToAddUp(tail);
  });

  it.each(['effective', 'posted'])(
    'stays as it began while entries arrive, on the %s clock',
    async (clock) => {
      const user = await januaryAccount();
      const before = await allPages(user, { clock, limit: 200 });
      const arriving = async () => {
        await postOne(test.bank.pool, deposit(user.account_id, 7n, { effective_us: day('2024-01-02') + 1 }));
        await postOne(test.bank.pool, withdrawal(user.account_id, 3n));
      };
      const during = await allPages(user, { clock, limit: 2 }, arriving);
      expect(during).toEqual({ ...before, pages: 5 });
      const after = await allPages(user, { clock, limit: 3 });
      expect(after.items).toHaveLength(18);
      expectToAddUp(after);
    },
  );

  it('keeps movements of one moment apart', async () => {
    const user = await test.customer();
    const effective_us = day('2024-03-01');
    for (let i = 1; i <= 7; i += 1)
      await postOne(test.bank.pool, deposit(user.account_id, BigInt(i), { effective_us }));
    const whole = await allPages(user, { limit: 2 });
    expect(whole.items.map(({ amount }) => amount)).toEqual([1, 2, 3, 4, 5, 6, 7].map((i) => `0.0${i}`));
    expectToAddUp(whole);
  });

  it('has journals of many legs, which name no counterparty', async () => {
    const users = [await test.customer(), await test.customer(), await test.customer()];
    const interest = await systemAccount(test.bank.owner, 'interest_expense');
    const legs = users.map(({ account_id }, i): [string, bigint] => [account_id, BigInt(i + 1)]);
    await postOne(test.bank.pool, journal([[interest, -6n], ...legs], { description: 'Interest' }));
    for (const [i, user] of users.entries()) {
      const { items } = await statement(user);
      expect(items).toMatchObject([
        { type: 'journal', amount: `0.0${i + 1}`, description: 'Interest', counterparty: null },
      ]);
    }
  });

  it('shows a reversed movement and its reversal', async () => {
    const [user, admin] = [await test.customer({ balance: 500n }), await test.api.staff('admin')];
    const taken = moneyOf(
      await test.post(user, '/transactions/withdraw', { account_id: user.account_id, amount: 2 }),
    );
    await test.post(admin, `/transactions/${taken.transaction_id}/reversal`, {});
    const whole = await allPages(user, {});
    expect(whole.items.map(({ type, status, amount }) => [type, status, amount])).toEqual([
      ['deposit', 'posted', '5.00'],
      ['withdrawal', 'reversed', '-2.00'],
      ['reversal', 'posted', '2.00'],
    ]);
    expectToAddUp(whole);
  });

  it('may be read by auditors and administrators, and by no other customer', async () => {
    const user = await januaryAccount();
    const own = await statement(user);
    const withoutNames = ({ items, ...more }: Statement) => ({
      ...more,
      items: items.map((item) => ({ ...item, counterparty: null })),
    });
    for (const role of ['auditor', 'admin'] as const) {
      const staff = await test.api.staff(role);
      const seen = await statement({ ...staff, account_id: user.account_id });
      expect(withoutNames(seen)).toEqual(withoutNames(own));
    }
    const answer = await test.get(await test.api.customer(), `/accounts/${user.account_id}/statement`);
    expectProblem(answer, 404, 'ACCOUNT_NOT_FOUND');
  });

  it('takes a cursor only as it was given, with the filters it was given for', async () => {
    const [user, other] = [await januaryAccount(), await januaryAccount()];
    const { next_cursor: cursor } = await statement(user, { limit: 2 });
    const [payload = '', mac = ''] = String(cursor).split('.');
    const asked = (owner: Owner, query: Record<string, unknown>) =>
      test.get(owner, `/accounts/${owner.account_id}/statement`, query);
    const forged = Buffer.from(
      Buffer.from(payload, 'base64url').toString().replace('"p":', '"p" :'),
    ).toString('base64url');
    for (const bad of [
      '',
      'x',
      '.',
      `${payload}.`,
      `.${mac}`,
      `${forged}.${mac}`,
      `${payload}.${mac}.${mac}`,
      `${payload}.${mac.slice(1)}`,
    ]) {
      expectProblem(await asked(user, { cursor: bad }), 400, 'INVALID_CURSOR');
    }
    expectProblem(await asked(other, { cursor }), 400, 'INVALID_CURSOR');
    expectProblem(await asked(user, { cursor, from: '2024-01-02' }), 400, 'INVALID_CURSOR');
    expectProblem(await asked(user, { cursor, clock: 'posted' }), 400, 'INVALID_CURSOR');
    expect((await asked(user, { cursor, limit: 200 })).body.items).toHaveLength(8);
  });

  it.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 201 }, 'limit'],
    [{ limit: 'many' }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ from: '2024-13-01' }, 'from'],
    [{ to: '0000-12-31' }, 'to'],
    [{ to: '9999-12-31' }, 'to'],
    [{ clock: 'Posted' }, 'clock'],
    [{ page: 2 }, 'page'],
  ])('refuses %j', async (query, field) => {
    const user = await test.customer();
    expectFields(
      await test.get(user, `/accounts/${user.account_id}/statement`, query),
      'VALIDATION_FAILED',
      field,
    );
  });
});
