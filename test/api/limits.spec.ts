import type { Response } from 'supertest';
import type { ApiUser } from '../support/api';
import { expectReplay, type MoneyTest, startMoneyTest } from '../support/money';
import { expectProblem } from '../support/problem';

/** Limits of customers over HTTP: what a customer sees of them, what a refusal tells, and who changes them. */
describe('limits', () => {
  let test: MoneyTest;
  let admin: ApiUser;
  let auditor: ApiUser;
  beforeAll(async () => {
    test = await startMoneyTest();
    admin = await test.api.staff('admin');
    auditor = await test.api.staff('auditor');
  });
  afterAll(() => test.close());

  const put = (user: ApiUser, path: string, body: object): Promise<Response> =>
    test.api.http
      .put(path)
      .set(user.headers)
      .send(body)
      .then((answer) => answer);
  const own = (userId: string, limits: object, revision = 0) =>
    put(admin, `/admin/users/${userId}/limits`, {
      per_transaction_usd: null,
      per_day_usd: null,
      per_counterparty_usd: null,
      reason: 'a test',
      revision,
      ...limits,
    });

  it('tell the customer the limit and what is left, the same in a repeat', async () => {
    const user = await test.customer({ balance: 1_000_000n });
    expect((await own(user.user_id, { per_day_usd: '100.00' })).body).toMatchObject({
      own_revision: 1,
      per_day_usd: '100.00',
      per_transaction_usd: null,
    });
    const body = { account_id: user.account_id, amount: '70.00' };
    expect((await test.post(user, '/transactions/withdraw', body)).status).toBe(201);
    const first = await test.post(user, '/transactions/withdraw', body, 'second');
    expectProblem(first, 422, 'LIMIT_PER_DAY');
    expect(first.body).toMatchObject({
      detail: 'Your limit a day is 100.00 USD, of which 30.00 USD were left',
      limit: { limit: '100.00', left: '30.00', currency: 'USD' },
    });
    await own(user.user_id, { per_day_usd: '5000' }, 1);
    expectReplay(first, await test.post(user, '/transactions/withdraw', body, 'second'));
    expect((await test.post(user, '/transactions/withdraw', body, 'third')).status).toBe(201);
  });

  it('are told item by item in a batch', async () => {
    const user = await test.customer({ balance: 1_000_000n });
    await own(user.user_id, { per_transaction_usd: '10' });
    const items = ['10.01', '10.00'].map((amount) => ({
      type: 'withdrawal',
      account_id: user.account_id,
      amount,
    }));
    const { body } = await test.post(user, '/transactions/batch', { items });
    expect(body.items).toMatchObject([
      { code: 'LIMIT_PER_TRANSACTION', detail: 'Your limit for one transaction is 10.00 USD' },
      { code: 'OK' },
    ]);
  });

  it('are shown to the customer in his currencies', async () => {
    const user = await test.customer({ balance: 1_000_000n });
    await test.open(user, { currency: 'JPY', balance: 50_000n });
    expect((await test.get(user, '/limits')).body.items).toEqual([
      {
        currency: 'JPY',
        per_transaction: null,
        per_day: null,
        per_counterparty: null,
        used_today: '0',
        left_today: null,
      },
      expect.objectContaining({ currency: 'USD', left_today: null }),
    ]);
    await own(user.user_id, { per_day_usd: '100', per_counterparty_usd: '40.5' });
    await test.post(user, '/transactions/withdraw', { account_id: user.account_id, amount: '25.50' });
    const { body } = await test.get(user, '/limits');
    expect(body.items).toEqual([
      {
        currency: 'JPY',
        per_transaction: null,
        per_day: '10000',
        per_counterparty: '4050',
        used_today: '2550',
        left_today: '7450',
      },
      {
        currency: 'USD',
        per_transaction: null,
        per_day: '100.00',
        per_counterparty: '40.50',
        used_today: '25.50',
        left_today: '74.50',
      },
    ]);
    expect(body.resets_at).toMatch(/T00:00:00\.000000Z$/);
    const seen = await test.get(auditor, `/admin/users/${user.user_id}/limits`);
    expect(seen.body).toMatchObject({
      ...body,
      user_id: user.user_id,
      kyc_status: 'verified',
      own_revision: 1,
    });
  });

  it('are those of the KYC status again when his own end', async () => {
    const user = await test.api.customer({ kyc_status: 'pending' });
    await own(user.user_id, {});
    const ended = await test.api.http
      .delete(`/admin/users/${user.user_id}/limits?reason=enough&revision=1`)
      .set(admin.headers);
    expect(ended.body).toMatchObject({ own_revision: 0, per_transaction_usd: '1000.00' });
  });

  it('of a role and KYC status are changed by whoever has seen them', async () => {
    const list = async () =>
      (await test.get(auditor, '/admin/limits')).body.items as {
        role: string;
        kyc_status: string;
        revision: number;
      }[];
    expect(await list()).toHaveLength(12);
    const change = {
      per_transaction_usd: '300',
      per_day_usd: '600.5',
      per_counterparty_usd: null,
      reason: 'less',
    };
    const path = '/admin/limits/customer/rejected';
    const changed = await put(admin, path, { ...change, revision: 1 });
    expect(changed.body).toMatchObject({ revision: 2, per_day_usd: '600.50', per_counterparty_usd: null });
    expectProblem(await put(admin, path, { ...change, revision: 1 }), 409, 'VERSION_CONFLICT');
    expectProblem(await put(auditor, path, { ...change, revision: 2 }), 403, 'FORBIDDEN');
    expectProblem(
      await put(admin, path, { ...change, per_day_usd: '-1', revision: 2 }),
      400,
      'VALIDATION_FAILED',
    );
  });

  it('are nobody else’s business', async () => {
    const user = await test.customer();
    expectProblem(await test.get(user, `/admin/users/${user.user_id}/limits`), 403, 'FORBIDDEN');
    expectProblem(await test.get(user, '/admin/limits'), 403, 'FORBIDDEN');
    expectProblem(await test.get(auditor, '/admin/users/999999/limits'), 404, 'USER_NOT_FOUND');
    expectProblem(await own('999999', {}), 404, 'USER_NOT_FOUND');
  });

  it('are never passed by 32 requests together', async () => {
    const user = await test.customer({ balance: 10_000_000n });
    const other = await test.open(user, { balance: 10_000_000n });
    await own(user.user_id, { per_day_usd: '1000' });
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        test.post(user, '/transactions/withdraw', {
          account_id: index % 2 === 0 ? user.account_id : other,
          amount: '30.00',
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(33);
    expect(statuses.filter((status) => status === 422)).toHaveLength(31);
    expect((await test.get(user, '/limits')).body.items[0]).toMatchObject({ left_today: '10.00' });
  });
});
