import { randomUUID } from 'node:crypto';
import { type MoneyTest, expectFields, expectReplay, moneyOf, startMoneyTest } from '../support/money';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
beforeAll(async () => {
  test = await startMoneyTest();
});
afterAll(() => test.close());

type Owner = Awaited<ReturnType<MoneyTest['customer']>>;

const KINDS: [name: string, path: string, body: (user: Owner, other: Owner) => object][] = [
  [
    'deposit',
    '/transactions/deposit',
    ({ account_id }) => ({ account_id, amount: '5.00', description: 'Counter' }),
  ],
  ['withdrawal', '/transactions/withdraw', ({ account_id }) => ({ account_id, amount: '5.00' })],
  [
    'transfer',
    '/transactions/transfer',
    (user, other) => ({
      sender_account_id: user.account_id,
      receiver_account_id: other.account_id,
      amount: '5.00',
      effective_at: '2024-01-01T00:00:00.000001Z',
    }),
  ],
  [
    'payment',
    '/transactions/payment',
    ({ account_id }) => ({
      account_id,
      amount: '5.00',
      channel: 'chip',
      merchant: { name: 'Shop', mcc: '5411' },
    }),
  ],
];

describe('Idempotency-Key', () => {
  it.each(KINDS)(
    'gives the first answer of a %s again, also once all has changed',
    async (_name, path, bodyOf) => {
      const [user, other] = [await test.customer({ balance: 10_000n }), await test.customer()];
      const admin = await test.api.staff('admin');
      const [body, key] = [bodyOf(user, other), randomUUID()];
      const first = await test.post(user, path, body, key);
      const { transaction_id } = moneyOf(first);
      expectReplay(first, await test.post(user, path, body, key));
      moneyOf(
        await test.post(user, '/transactions/withdraw', { account_id: user.account_id, amount: '1.00' }),
      );
      expectReplay(first, await test.post(user, path, body, key));
      moneyOf(await test.post(admin, `/transactions/${transaction_id}/reversal`, {}));
      expectReplay(first, await test.post(user, path, body, key));
      await test.setStatus(user.account_id, 'frozen');
      expectReplay(first, await test.post(user, path, body, key));
      expect((await test.funds(user, user.account_id)).balance).toBe('99.00');
    },
  );

  it.each(KINDS)('refuses another %s under a used key', async (_name, path, bodyOf) => {
    const [user, other] = [await test.customer({ balance: 10_000n }), await test.customer()];
    const [body, key] = [bodyOf(user, other), randomUUID()];
    moneyOf(await test.post(user, path, body, key));
    await test.withoutTrace(async () => {
      for (const changed of [
        { amount: '5.01' },
        { description: 'Something else' },
        { effective_at: '2025-01-01T00:00:00Z' },
      ]) {
        expectProblem(
          await test.post(user, path, { ...body, ...changed }, key),
          422,
          'IDEMPOTENCY_KEY_REUSED',
        );
      }
      for (const [, otherPath, otherBody] of KINDS) {
        if (otherPath === path) continue;
        expectProblem(
          await test.post(user, otherPath, otherBody(user, other), key),
          422,
          'IDEMPOTENCY_KEY_REUSED',
        );
      }
    });
  });

  it('knows the same request in other words', async () => {
    const user = await test.customer();
    const first = await test.post(
      user,
      '/transactions/deposit',
      { account_id: user.account_id, amount: '5.50' },
      'words',
    );
    const again = await test.post(
      user,
      '/transactions/deposit/',
      `{"amount":5.5,"account_id":${user.account_id}}`,
      'words',
    );
    expectReplay(first, again);
  });

  it('gives a decline again, even when it would be accepted now', async () => {
    const user = await test.customer({ balance: 100n });
    const { account_id } = user;
    const withdraw = (key: string) =>
      test.post(user, '/transactions/withdraw', { account_id, amount: '2.00' }, key);
    const first = await withdraw('declined');
    expectProblem(first, 422, 'INSUFFICIENT_FUNDS');
    moneyOf(await test.post(user, '/transactions/deposit', { account_id, amount: '10.00' }));
    const again = await withdraw('declined');
    expectReplay(first, again);
    expectProblem(again, 422, 'INSUFFICIENT_FUNDS');
    const changed = await test.post(
      user,
      '/transactions/withdraw',
      { account_id, amount: '1.00' },
      'declined',
    );
    expectProblem(changed, 422, 'IDEMPOTENCY_KEY_REUSED');
    moneyOf(await withdraw('another'));
    await test.setStatus(account_id, 'frozen');
    const frozen = await withdraw('frozen');
    expectProblem(frozen, 422, 'ACCOUNT_FROZEN');
    await test.setStatus(account_id, 'active');
    expectReplay(frozen, await withdraw('frozen'));
  });

  it('does not remember a request that was malformed', async () => {
    const user = await test.customer({ balance: 100n });
    const withdraw = (amount: unknown, more: object = {}) =>
      test.post(
        user,
        '/transactions/withdraw',
        { account_id: user.account_id, amount, ...more },
        'malformed',
      );
    expectFields(await withdraw('1.001'), 'INVALID_AMOUNT', 'amount');
    expectFields(await withdraw('1.00', { colour: 'red' }), 'VALIDATION_FAILED', 'colour');
    expectProblem(await withdraw('1.00', { currency: 'EUR' }), 422, 'CURRENCY_MISMATCH');
    expectProblem(await withdraw('1.00', { account_id: '999999999' }), 404, 'ACCOUNT_NOT_FOUND');
    const first = await withdraw('1.00');
    expect(first.status).toBe(201);
    expectReplay(first, await withdraw('1.00'));
  });

  it('belongs to one user', async () => {
    const users = [await test.customer(), await test.customer(), await test.customer()];
    for (const { account_id, ...user } of users) {
      const answer = await test.post(
        user,
        '/transactions/deposit',
        { account_id, amount: '1.00' },
        'everybody',
      );
      expect(answer.headers['idempotency-replayed']).toBeUndefined();
      moneyOf(answer);
    }
  });

  it('is made and told when the client sends none', async () => {
    const user = await test.customer();
    const body = { account_id: user.account_id, amount: '1.00' };
    const first = await test.post(user, '/transactions/deposit', body, null);
    moneyOf(first);
    const key = String(first.headers['idempotency-key']);
    expect(key).toBe(first.headers['x-request-id']);
    moneyOf(await test.post(user, '/transactions/deposit', body, null));
    expect((await test.funds(user, user.account_id)).balance).toBe('2.00');
    expectReplay(first, await test.post(user, '/transactions/deposit', body, key));
  });

  it.each([
    'a',
    '~',
    'k'.repeat(255),
    'with spaces inside',
    '{"json": true}',
    "'; DROP TABLE idempotency_keys; --",
    '0',
    'null',
  ])('may be %j', async (key) => {
    const user = await test.customer();
    const body = { account_id: user.account_id, amount: '1.00' };
    const first = await test.post(user, '/transactions/deposit', body, key);
    moneyOf(first);
    expectReplay(first, await test.post(user, '/transactions/deposit', body, key));
  });

  it('tells keys apart to the letter', async () => {
    const user = await test.customer();
    const body = { account_id: user.account_id, amount: '1.00' };
    for (const key of ['key', 'Key', 'KEY', 'key.', 'k'.repeat(254), 'k'.repeat(255)]) {
      moneyOf(await test.post(user, '/transactions/deposit', body, key));
    }
    expect((await test.funds(user, user.account_id)).balance).toBe('6.00');
  });

  it.each(['', 'k'.repeat(256), 'a\tb', 'schlüssel', 'k'.repeat(5000)])('may not be %j', async (key) => {
    const user = await test.customer();
    await test.withoutTrace(async () => {
      const body = { account_id: user.account_id, amount: '1.00' };
      expectFields(
        await test.post(user, '/transactions/deposit', body, key),
        'INVALID_IDEMPOTENCY_KEY',
        'Idempotency-Key',
      );
    });
  });
});
