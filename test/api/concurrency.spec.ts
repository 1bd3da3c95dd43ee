import type { Response } from 'supertest';
import { startApi, type TestApi } from '../support/api';
import { type MoneyTest, startMoneyTest } from '../support/money';
import { fundsOf, integrityProblems } from '../support/postings';

let test: MoneyTest;
let other: TestApi;
beforeAll(async () => {
  test = await startMoneyTest({ POSTING_BATCHES_IN_FLIGHT: '4' });
  other = await startApi(test.bank, { POSTING_BATCHES_IN_FLIGHT: '4' });
});
afterAll(async () => {
  await other.close();
  await test.close();
});
afterEach(async () => {
  expect(await integrityProblems(test.bank.owner)).toEqual([]);
});

type Owner = Awaited<ReturnType<MoneyTest['customer']>>;

let sent = 0;

/** Asks one of the two API processes, turn by turn. */
async function post(user: Owner, path: string, body: object, key = `c${(sent += 1)}`): Promise<Response> {
  const api = (sent += 1) % 2 === 0 ? test.api : other;
  return api.http.post(`/transactions/${path}`).set(user.headers).set('idempotency-key', key).send(body);
}

/** `clients` at a time, each working through its share one request after the other. */
async function fromClients<T>(clients: number, work: (() => Promise<T>)[]): Promise<T[]> {
  const answers: T[] = [];
  let next = 0;
  const client = async () => {
    while (next < work.length) {
      const ask = work[(next += 1) - 1];
      if (ask) answers.push(await ask());
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return answers;
}

const statuses = (answers: Response[]) => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 300 ? 'OK' : `${status} ${body.code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

const customers = (count: number, balance: bigint) =>
  Promise.all(Array.from({ length: count }, () => test.customer({ balance })));

const balances = async (users: Owner[]) =>
  Promise.all(users.map(async ({ account_id }) => (await fundsOf(test.bank.owner, account_id)).balance));

const total = (amounts: bigint[]) => amounts.reduce((a, b) => a + b, 0n);

const transferTo = (from: Owner, to: Owner, amount: string) =>
  post(from, 'transfer', { sender_account_id: from.account_id, receiver_account_id: to.account_id, amount });

describe('two API processes on one bank', () => {
  it('let 32 clients send money to and fro without a deadlock that anybody sees', async () => {
    const users = await customers(4, 10_000n);
    const work = Array.from({ length: 640 }, (_, i) => () => {
      const from = users[i % 4] as Owner;
      const to = users[(i + 1 + (Math.floor(i / 4) % 3)) % 4] as Owner;
      return transferTo(from, to, '0.01');
    });
    expect(statuses(await fromClients(32, work))).toEqual({ OK: 640 });
    expect(total(await balances(users))).toBe(40_000n);
  });

  it('never let an account be overdrawn, whoever comes first', async () => {
    const [user, other] = (await customers(2, 10_000n)) as [Owner, Owner];
    const merchant = { name: 'Race', mcc: '5411' };
    const { account_id } = user;
    const asks = [
      () => transferTo(user, other, '7.00'),
      () => post(user, 'withdraw', { account_id, amount: '7.00' }),
      () => post(user, 'payment', { account_id, amount: '7.00', merchant, channel: 'online' }),
      () => post(user, 'holds', { account_id, amount: '7.00' }),
    ];
    const work = Array.from({ length: 64 }, (_, i) => asks[i % 4] as () => Promise<Response>);
    expect(statuses(await fromClients(32, work))).toEqual({ OK: 14, '422 INSUFFICIENT_FUNDS': 50 });
    const { balance, held, available } = await fundsOf(test.bank.owner, account_id);
    expect(available).toBe(200n);
    expect(balance - held).toBe(200n);
  });

  it('give one key that is sent fifty times at once one effect and one answer', async () => {
    const [user] = (await customers(1, 100_000n)) as [Owner];
    const { account_id } = user;
    for (const [path, body] of [
      ['withdraw', { account_id, amount: '1.00', description: 'once' }],
      ['holds', { account_id, amount: '1.00' }],
      ['withdraw', { account_id, amount: '5000.00' }],
    ] as const) {
      const key = `fifty ${path} ${body.amount}`;
      const answers = await Promise.all(Array.from({ length: 50 }, () => post(user, path, body, key)));
      const first = answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined);
      expect(first).toHaveLength(1);
      expect(new Set(answers.map(({ status }) => status))).toEqual(
        new Set([body.amount === '5000.00' ? 422 : 201]),
      );
      const bodies = answers.map((answer) => JSON.stringify({ ...answer.body, request_id: undefined }));
      expect(new Set(bodies).size).toBe(1);
    }
    expect(await fundsOf(test.bank.owner, account_id)).toEqual({
      balance: 99_900n,
      held: 100n,
      available: 99_800n,
    });
  });

  it('let one of two different requests under one key win', async () => {
    const [user] = (await customers(1, 100_000n)) as [Owner];
    const { account_id } = user;
    for (let round = 0; round < 5; round += 1) {
      const before = (await fundsOf(test.bank.owner, account_id)).balance;
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          post(user, 'withdraw', { account_id, amount: `${(i % 2) + 1}.00` }, `two bodies ${round}`),
        ),
      );
      expect(statuses(answers)).toEqual({ OK: 5, '422 IDEMPOTENCY_KEY_REUSED': 5 });
      const won = answers.find(({ status }) => status === 201);
      expect(before - (await fundsOf(test.bank.owner, account_id)).balance).toBe(
        BigInt(won?.body.amount.replace('.', '')),
      );
    }
  });

  it('post mixed batches, linked ones too, without losing a cent', async () => {
    const users = await customers(3, 5_000n);
    const work = Array.from({ length: 48 }, (_, i) => () => {
      const from = users[i % 3] as Owner;
      const move = (step: number, amount: string) => ({
        type: 'transfer',
        sender_account_id: from.account_id,
        receiver_account_id: users[(i + step) % 3]?.account_id,
        amount,
      });
      return post(from, 'batch', {
        items: [move(1, '3.00'), move(2, '4.00'), move(1, '20.00')],
        linked: i % 2 === 0,
      });
    });
    expect(statuses(await fromClients(16, work))).toEqual({ OK: 48 });
    expect(total(await balances(users))).toBe(15_000n);
    expect((await balances(users)).every((balance) => balance >= 0n)).toBe(true);
  });

  it('capture, release and reverse one thing once, whoever asks', async () => {
    const [user] = (await customers(1, 10_000n)) as [Owner];
    const admin = { ...(await test.api.staff('admin')), account_id: '' };
    const { account_id } = user;
    const { body: held } = await post(user, 'holds', { account_id, amount: '10.00' });
    const { body: taken } = await post(user, 'withdraw', { account_id, amount: '10.00' });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        i % 3 === 0
          ? post(user, `holds/${held.hold_id}/capture`, { amount: '4.00' })
          : i % 3 === 1
            ? post(user, `holds/${held.hold_id}/void`, {})
            : post(admin, `${taken.transaction_id}/reversal`, {}),
      ),
    );
    expect(statuses(answers)).toEqual({ OK: 2, '422 HOLD_NOT_ACTIVE': 19, '422 ALREADY_REVERSED': 9 });
    const { balance, held: stillHeld } = await fundsOf(test.bank.owner, account_id);
    expect([10_000n, 9_600n]).toContain(balance);
    expect(stillHeld).toBe(0n);
  });

  it('read statements and histories that add up while money moves', async () => {
    const users = await customers(2, 10_000n);
    const [user, friend] = users as [Owner, Owner];
    const minor = (amount: string) => BigInt(amount.replace('.', ''));
    const read = async () => {
      const { body } = await test.get(user, `/accounts/${user.account_id}/statement`, { limit: 200 });
      const moved = total(body.items.map(({ amount }: { amount: string }) => minor(amount)));
      expect(minor(body.opening_balance) + moved).toBe(minor(body.closing_balance));
    };
    const work = Array.from({ length: 60 }, (_, i) => async () => {
      if (i % 6 === 0) await read();
      return i % 2 ? transferTo(user, friend, '1.00') : transferTo(friend, user, '0.50');
    });
    expect(statuses(await fromClients(8, work))).toEqual({ OK: 60 });
    expect(await balances(users)).toEqual([8_500n, 11_500n]);
  });
});
