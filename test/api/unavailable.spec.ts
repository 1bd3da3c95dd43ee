import { connect, createServer, type Server, type Socket } from 'node:net';
import { withApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { moneyOf } from '../support/money';
import { fundsOf } from '../support/postings';
import { expectProblem } from '../support/problem';

let bank: TestBank;
beforeAll(async () => {
  bank = await createTestBank();
});
afterAll(() => bank.close());

/** A way to the database that can be cut and mended. */
async function cable(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
      one.pipe(other);
    }
    if (isCut) client.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as { port: number }).port);
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    mend: () => (isCut = false),
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a bank that cannot post now', () => {
  it('answers QUEUE_FULL with the time to wait, and posts the same request later', async () => {
    await withApi(bank, { POSTING_QUEUE_MAX: '1' }, async (api) => {
      const user = await api.customer();
      const account_id = await bank.openAccount(user.user_id);
      const headers = { ...user.headers, 'idempotency-key': 'patience' };
      const item = { type: 'deposit', account_id, amount: '1.00' };
      const ask = (items: object[]) => api.http.post('/transactions/batch').set(headers).send({ items });
      const refused = await ask([item, item]);
      expectProblem(refused, 503, 'QUEUE_FULL');
      expect(refused.body.retryable).toBe(true);
      expect(refused.headers['retry-after']).toBe('1');
      expect((await fundsOf(bank.owner, account_id)).balance).toBe(0n);
      expect((await ask([item])).body).toMatchObject({ accepted: 1 });
    });
  });

  it('answers DATABASE_UNAVAILABLE while the database is away, and goes on when it is back', async () => {
    const line = await cable(String(bank.environment.DATABASE_URL));
    try {
      await withApi(bank, { DATABASE_URL: line.url }, async (api) => {
        const user = await api.customer();
        const account_id = await bank.openAccount(user.user_id);
        const deposit = async () =>
          api.http
            .post('/transactions/deposit/')
            .set({ ...user.headers, 'idempotency-key': 'storm' })
            .send({ account_id, amount: '1.00' });
        const accounts = async () => api.http.get('/accounts').set(user.headers);
        expect((await accounts()).status).toBe(200);
        line.cut();
        for (const answer of [await accounts(), await deposit()]) {
          expectProblem(answer, 503, 'DATABASE_UNAVAILABLE');
          expect([answer.body.retryable, answer.headers['retry-after']]).toEqual([true, '1']);
        }
        line.mend();
        moneyOf(await deposit());
        expect((await deposit()).headers['idempotency-replayed']).toBe('true');
        expect((await fundsOf(bank.owner, account_id)).balance).toBe(100n);
      });
    } finally {
      await line.close();
    }
  });
});
