import { type AddressInfo, createServer, type Socket } from 'node:net';
import { startApi, type TestApi, withApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

let bank: TestBank;

beforeAll(async () => {
  bank = await createTestBank();
});
afterAll(async () => {
  await bank.close();
});

describe('rate limits', () => {
  it('refuse one more than the limit from an address, over all processes, with the time to wait', async () => {
    const limits = { RATE_LIMIT_LOGIN_PER_MINUTE: '6', TRUSTED_PROXY_HOPS: '1' };
    const [one, other] = [await startApi(bank, limits), await startApi(bank, limits)];
    const ask = async (api: TestApi, path: string, address: string) =>
      api.http.post(path).set('x-forwarded-for', address).send({});
    const paths = ['/auth/login', '/auth/register', '/auth/refresh'];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => ask(i % 2 === 0 ? one : other, paths[i % 3] ?? '', '203.0.113.7')),
    );
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused).toHaveLength(4);
    for (const answer of refused) expectProblem(answer, 429, 'RATE_LIMITED');
    const wait = Number(refused[0]?.headers['retry-after']);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect((await ask(one, '/auth/login', '203.0.113.8')).status).toBe(400);
    await Promise.all([one.close(), other.close()]);
  });

  it('count all addresses of an IPv6 network as one', async () => {
    const limits = { RATE_LIMIT_LOGIN_PER_MINUTE: '2', TRUSTED_PROXY_HOPS: '1' };
    await withApi(bank, limits, async ({ http }) => {
      const ask = async (address: string) =>
        (await http.post('/auth/login').set('x-forwarded-for', address).send({})).status;
      const statuses: number[] = [];
      for (const address of ['2001:db8:0:7::1', '2001:db8:0:7:a:b:c:d', '2001:db8:0:7::2', '2001:db8:0:8::1'])
        statuses.push(await ask(address));
      expect(statuses).toEqual([400, 400, 429, 400]);
    });
  });

  it('hold in each process when Redis is away, without making anyone wait', async () => {
    const overrides = { RATE_LIMIT_LOGIN_PER_MINUTE: '3', REDIS_URL: 'redis://127.0.0.1:1' };
    await withApi(bank, overrides, async ({ http }) => {
      const statuses: number[] = [];
      for (let i = 0; i < 5; i += 1) statuses.push((await http.post('/auth/login').send({})).status);
      expect(statuses).toEqual([400, 400, 400, 429, 429]);
    });
  });

  it('do not wait for a Redis that takes connections and never answers', async () => {
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    const overrides = { RATE_LIMIT_LOGIN_PER_MINUTE: '2', REDIS_URL: `redis://127.0.0.1:${port}` };
    try {
      await withApi(bank, overrides, async ({ http }) => {
        const statuses: number[] = [];
        for (let i = 0; i < 3; i += 1) statuses.push((await http.post('/auth/login').send({})).status);
        expect(statuses).toEqual([400, 400, 429]);
        expect((await http.get('/health/ready')).body.checks.redis).toEqual({ status: 'degraded' });
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      mute.close();
    }
  });
});
