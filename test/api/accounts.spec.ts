import type { ApiUser } from '../support/api';
import { AccountDto, AccountListDto, BalanceDto } from '../../src/accounts/dto/account.dto';
import { isAccountNumber } from '../../src/accounts/account-number';
import {
  expectFields,
  ISO_TIME,
  type MoneyTest,
  moneyOf,
  startMoneyTest,
  withoutRequest,
} from '../support/money';
import { systemAccount } from '../support/postings';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
beforeAll(async () => {
  test = await startMoneyTest();
});
afterAll(() => test.close());

const ZERO: Record<string, string> = {
  USD: '0.00',
  EUR: '0.00',
  INR: '0.00',
  GBP: '0.00',
  JPY: '0',
  KWD: '0.000',
};

describe('POST /accounts', () => {
  it.each(
    ['savings', 'checking', 'wallet'].flatMap((type) =>
      Object.keys(ZERO).map((currency) => [type, currency]),
    ),
  )('opens a %s account in %s', async (account_type, currency) => {
    const user = await test.api.customer();
    const answer = await test.api.http.post('/accounts').set(user.headers).send({ account_type, currency });
    expect(answer.status).toBe(201);
    expect(AccountDto.schema.parse(answer.body)).toEqual(answer.body);
    expect(answer.body).toEqual({
      account_id: expect.stringMatching(/^\d+$/),
      account_number: expect.stringMatching(/^XF\d{2}FLRN\d{12}$/),
      account_type,
      currency,
      balance: ZERO[String(currency)],
      held_balance: ZERO[String(currency)],
      available_balance: ZERO[String(currency)],
      overdraft_limit: ZERO[String(currency)],
      status: 'active',
      opened_at: expect.stringMatching(ISO_TIME),
    });
    expect(isAccountNumber(answer.body.account_number)).toBe(true);
  });

  it('writes down who opened it, and from where', async () => {
    const user = await test.api.customer();
    const { body } = await test.api.http
      .post('/accounts')
      .set(user.headers)
      .send({ account_type: 'wallet', currency: 'EUR' });
    const rows = await test.bank.owner.query(
      "SELECT action, actor_user_id, ip_address FROM system_audit_logs WHERE table_name = 'accounts' AND record_id = ?",
      [body.account_id],
    );
    expect(rows).toEqual([{ action: 'INSERT', actor_user_id: user.user_id, ip_address: '127.0.0.1' }]);
  });

  it.each([
    [{}, ['account_type', 'currency']],
    [{ account_type: 'loan', currency: 'USD' }, ['account_type']],
    [{ account_type: 'cash', currency: 'USD' }, ['account_type']],
    [{ account_type: 'CHECKING', currency: 'USD' }, ['account_type']],
    [{ account_type: 'checking', currency: 'usd' }, ['currency']],
    [{ account_type: 'checking', currency: 'US$' }, ['currency']],
    [{ account_type: 'checking', currency: 840 }, ['currency']],
    [{ account_type: 'checking', currency: null }, ['currency']],
    [{ account_type: ['checking'], currency: 'USD' }, ['account_type']],
    [{ account_type: 'checking', currency: 'USD', balance: '100.00' }, ['balance']],
    [{ account_type: 'checking', currency: 'USD', overdraft_limit: 5 }, ['overdraft_limit']],
    [[], ['body']],
  ])('refuses %j', async (body, fields) => {
    const user = await test.api.customer();
    const answer = await test.api.http.post('/accounts').set(user.headers).send(body);
    expectFields(answer, 'VALIDATION_FAILED', ...fields);
    expect((await test.get(user, '/accounts')).body.items).toEqual([]);
  });

  it('refuses a currency that the bank keeps no books in', async () => {
    const user = await test.api.customer();
    const answer = await test.api.http
      .post('/accounts')
      .set(user.headers)
      .send({ account_type: 'checking', currency: 'XAU' });
    expectProblem(answer, 422, 'UNKNOWN_CURRENCY');
  });

  it('is not for auditors, nor for strangers', async () => {
    const auditor = await test.api.staff('auditor');
    const body = { account_type: 'checking', currency: 'USD' };
    expectProblem(await test.api.http.post('/accounts').set(auditor.headers).send(body), 403, 'FORBIDDEN');
    expectProblem(await test.api.http.post('/accounts').send(body), 401, 'UNAUTHENTICATED');
  });
});

describe('GET /accounts', () => {
  it("lists the caller's accounts, oldest first, closed ones too, and nobody else's", async () => {
    const user = await test.api.customer();
    await test.customer();
    const ids = [];
    for (const currency of ['USD', 'JPY', 'KWD'])
      ids.push(await test.open(user, { currency, balance: 1234n }));
    const closed = await test.open(user);
    await test.setStatus(closed, 'closed');
    const { status, body } = await test.get(user, '/accounts');
    expect(status).toBe(200);
    expect(AccountListDto.schema.parse(body)).toEqual(body);
    expect(body.next_cursor).toBeNull();
    expect(body.items.map((item: { account_id: string }) => item.account_id)).toEqual([...ids, closed]);
    expect(body.items.map((item: { balance: string }) => item.balance)).toEqual([
      '12.34',
      '1234',
      '1.234',
      '0.00',
    ]);
    expect(body.items[3].status).toBe('closed');
  });

  it('is empty for someone without accounts', async () => {
    expect((await test.get(await test.api.customer(), '/accounts')).body).toEqual({
      items: [],
      next_cursor: null,
    });
  });
});

describe('GET /accounts/{id}', () => {
  it('answers its owner, an auditor and an administrator the same', async () => {
    const owner = await test.customer({ balance: 5000n, overdraft: 2500n });
    const readers: ApiUser[] = [owner, await test.api.staff('auditor'), await test.api.staff('admin')];
    for (const reader of readers) {
      const { status, body } = await test.get(reader, `/accounts/${owner.account_id}`);
      expect(status).toBe(200);
      expect(AccountDto.schema.parse(body)).toEqual(body);
      expect(body).toMatchObject({
        account_id: owner.account_id,
        balance: '50.00',
        available_balance: '75.00',
        overdraft_limit: '25.00',
      });
    }
  });

  it.each(['', '/balance', '/statement'])(
    "answers %j of somebody else's account, of the bank's own and of none exactly the same",
    async (path) => {
      const [owner, stranger] = [await test.customer(), await test.customer()];
      const cash = await systemAccount(test.bank.owner, 'cash');
      const answers = [];
      for (const id of [owner.account_id, cash, '999999999', '18446744073709551615', '9999999999999999999']) {
        const answer = await test.get(stranger, `/accounts/${id}${path}`);
        if (id !== '18446744073709551615') expectProblem(answer, 404, 'ACCOUNT_NOT_FOUND');
        if (answer.status === 404) answers.push(withoutRequest(answer));
      }
      expect(new Set(answers.map((body) => JSON.stringify(body))).size).toBe(1);
    },
  );

  it.each(['0', '-1', '1.5', '1e3', 'abc', "1'%20OR%20'1'='1", '%00', '1%00', 'null', '01', '%F0%9F%8F%A6'])(
    'refuses the id %s',
    async (id) => {
      const answer = await test.get(await test.api.customer(), `/accounts/${id}`);
      expect([400, 404]).toContain(answer.status);
      expectProblem(answer, answer.status, answer.status === 400 ? 'VALIDATION_FAILED' : 'NOT_FOUND');
    },
  );
});

describe('GET /accounts/{id}/balance', () => {
  it('tells balance, holds and what is available now', async () => {
    const user = await test.customer({ balance: 100_000n, currency: 'KWD', overdraft: 5n });
    await test.post(user, '/transactions/holds', { account_id: user.account_id, amount: '0.005' });
    const { status, body } = await test.get(user, `/accounts/${user.account_id}/balance`);
    expect(status).toBe(200);
    expect(BalanceDto.schema.parse(body)).toEqual(body);
    expect(body).toEqual({
      account_id: user.account_id,
      account_number: await test.accountNumber(user.account_id),
      balance: '100.000',
      held_balance: '0.005',
      available_balance: '100.000',
      currency: 'KWD',
      as_of: expect.stringMatching(ISO_TIME),
      clock: 'effective',
    });
  });

  it('tells the balance of a past moment on both clocks', async () => {
    const user = await test.customer({ balance: 10_000n });
    const other = await test.customer();
    const late = moneyOf(
      await test.post(user, '/transactions/transfer', {
        sender_account_id: user.account_id,
        receiver_account_id: other.account_id,
        amount: '30.00',
        effective_at: '2024-02-29T12:00:00.123456Z',
      }),
    );
    expect(late.effective_at).toBe('2024-02-29T12:00:00.123456Z');
    const at = async (moment: string, clock?: string) =>
      (await test.get(other, `/accounts/${other.account_id}/balance`, { at: moment, clock })).body;
    expect((await at('2024-02-28')).balance).toBe('0.00');
    expect((await at('2024-02-29')).balance).toBe('30.00');
    expect((await at('2024-02-29T12:00:00.123455Z')).balance).toBe('0.00');
    expect((await at('2024-02-29T12:00:00.123456Z')).balance).toBe('30.00');
    expect((await at('2024-02-29T14:00:00.123455+02:00')).balance).toBe('0.00');
    expect((await at('2024-02-29', 'posted')).balance).toBe('0.00');
    expect(await at(late.created_at, 'posted')).toEqual({
      account_id: other.account_id,
      account_number: await test.accountNumber(other.account_id),
      balance: '30.00',
      held_balance: null,
      available_balance: null,
      currency: 'USD',
      as_of: late.created_at,
      clock: 'posted',
    });
    expect((await at('2024-02-29')).as_of).toBe('2024-02-29T23:59:59.999999Z');
  });

  it.each([
    [{ at: 'yesterday' }, 'at'],
    [{ at: '2026-02-30' }, 'at'],
    [{ at: '2026-01-31T10:00:00' }, 'at'],
    [{ at: '2026-01-31T25:00:00Z' }, 'at'],
    [{ at: '0000-01-01' }, 'at'],
    [{ at: '0000-01-01T00:00:00+12:00' }, 'at'],
    [{ at: '2199-12-31T23:59:59-12:00' }, 'at'],
    [{ at: '9999-12-31' }, 'at'],
    [{ at: '1753874400' }, 'at'],
    [{ at: '2026-01-01', clock: 'wall' }, 'clock'],
    [{ until: '2026-01-01' }, 'until'],
    [{ at: ['2026-01-01', '2026-01-02'] }, 'at'],
  ])('refuses %j', async (query, field) => {
    const user = await test.customer();
    expectFields(
      await test.get(user, `/accounts/${user.account_id}/balance`, query),
      'VALIDATION_FAILED',
      field,
    );
  });

  it('takes the ends of what a time may be', async () => {
    const user = await test.customer({ balance: 1n });
    for (const at of [
      '1900-01-01',
      '2199-12-31',
      '2199-12-31T23:59:59.999999Z',
      '1900-01-01T00:00:00-12:00',
    ]) {
      const answer = await test.get(user, `/accounts/${user.account_id}/balance`, { at });
      expect([at, answer.status]).toEqual([at, 200]);
    }
  });
});

describe('GET /currencies', () => {
  it('is open to everyone and tells the decimals', async () => {
    const { status, body } = await test.api.http.get('/currencies');
    expect(status).toBe(200);
    expect(body.items).toContainEqual({ currency: 'KWD', name: 'Kuwaiti dinar', exponent: 3 });
    expect(body.items).toHaveLength(6);
  });
});
