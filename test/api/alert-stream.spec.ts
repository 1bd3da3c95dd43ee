import type { Pool } from 'mysql2/promise';
import type { Redis } from 'ioredis';
import { CaseFeed } from '../../src/alerts/case-feed';
import { TokenRevocations } from '../../src/auth/token-revocations';
import { createBankPool } from '../../src/database';
import { announceCaseEvents, createRedis, impatientRedisOptions } from '../../src/queue';
import { alertedTransfer } from '../support/alerts';
import { type ApiUser, startApi, type TestApi, withApi } from '../support/api';
import { expectProblem } from '../support/problem';
import { useStaffedApi } from '../support/staffed-api';

interface FeedEvent {
  id: string;
  event: string;
  data: { case: { case_id: string }; alert: object | null; detail: Record<string, unknown> | null };
}

/** A client of the feed, which keeps what it got. */
interface Client {
  status: number;
  headers: Headers;
  events: FeedEvent[];
  text(): string;
  /** Resolves once `enough` says so, after something came. */
  until(enough: () => boolean): Promise<void>;
  /** Resolves when the server has ended it. */
  ended: Promise<void>;
  close(): void;
}

const staffed = useStaffedApi();
let worker: Pool;
let redis: Redis;
let analyst: ApiUser;
let other: TestApi;
const clients: Client[] = [];

beforeAll(async () => {
  worker = createBankPool(staffed.bank.urls.worker, { connectionLimit: 2 });
  redis = createRedis(staffed.bank.redisUrl, { ...impatientRedisOptions(), enableOfflineQueue: true });
  await redis.ping();
  analyst = await staffed.api.staff('analyst');
  other = await startApi(staffed.bank);
  // Whatever arrives within a test came by Redis: nobody looks by himself before it is over.
  for (const { app } of [staffed.api, other])
    Object.assign(app.get(CaseFeed).options, { poll_ms: 600_000, calm_poll_ms: 600_000 });
});
afterEach(() => clients.splice(0).forEach((client) => client.close()));
afterAll(async () => {
  await other.close();
  redis.disconnect();
  await worker.end();
});

async function connect(
  api: TestApi = staffed.api,
  options: { headers?: Record<string, string>; query?: string; user?: ApiUser } = {},
): Promise<Client> {
  const abort = new AbortController();
  const { headers = {}, query = '', user = analyst } = options;
  const response = await fetch(`${api.url}/alerts/stream${query}`, {
    headers: { ...user.headers, ...headers },
    signal: abort.signal,
  });
  const events: FeedEvent[] = [];
  const waiting = new Set<() => void>();
  let text = '';
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      rest += decoder.decode(chunk as Uint8Array);
      const frames = rest.split('\n\n');
      rest = frames.pop() ?? '';
      events.push(...frames.filter((frame) => frame.startsWith('id: ')).map(parse));
      waiting.forEach((look) => look());
    }
  };
  const client: Client = {
    status: response.status,
    headers: response.headers,
    events,
    text: () => text,
    until: (enough) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!enough()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    ended: read().catch(() => undefined),
    close: () => abort.abort(),
  };
  clients.push(client);
  return client;
}

function parse(frame: string): FeedEvent {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1] ?? '';
  return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) as FeedEvent['data'] };
}

/** An alert as a worker raises it: recorded, then announced. */
async function raise(): Promise<string> {
  const { alert } = await alertedTransfer(staffed.bank, worker);
  await announceCaseEvents(redis);
  return String(alert.alert_id);
}

const idsOf = (client: Client) => client.events.map((event) => Number(event.id));
const ascending = (ids: number[]) => [...new Set(ids)].sort((a, b) => a - b);

describe('GET /alerts/stream', () => {
  it('is for analysts, and speaks of events as they are told to', async () => {
    for (const user of [staffed.auditor, staffed.customer])
      expectProblem(await staffed.get('/alerts/stream', user), 403, 'FORBIDDEN');
    expectProblem(await staffed.api.http.get('/alerts/stream'), 401, 'UNAUTHENTICATED');
    expectProblem(await staffed.get('/alerts/stream?last_event_id=x', analyst), 400, 'VALIDATION_FAILED');
    expectProblem(
      await staffed.api.http.get('/alerts/stream').set({ ...analyst.headers, 'last-event-id': 'x' }),
      400,
      'VALIDATION_FAILED',
    );
    const head = await staffed.api.http.head('/alerts/stream').set(analyst.headers);
    expect(head.status).toBe(200);
    const client = await connect();
    expect([client.status, client.headers.get('content-type'), client.headers.get('cache-control')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      'no-cache, no-transform',
    ]);
    await client.until(() => client.text().startsWith('retry: '));
    const alertId = await raise();
    await client.until(() => client.events.length >= 2);
    expect(client.events).toMatchObject([
      { event: 'opened', data: { alert: null } },
      {
        event: 'alert_raised',
        data: {
          alert: {
            alert_id: alertId,
            verdict: 'CRITICAL',
            risk_score: 0.92,
            priority: 'urgent',
            status: 'open',
          },
          transaction: { type: 'transfer', amount: '100.00', currency: 'USD' },
        },
      },
    ]);
  });

  it('tells every client of every process everything, in order, however many write at once', async () => {
    const all = await Promise.all([connect(), connect(other), connect(other)]);
    const raised = await Promise.all(Array.from({ length: 12 }, raise));
    for (const client of all) {
      await client.until(() => client.events.length >= 24);
      expect(idsOf(client)).toEqual(ascending(idsOf(client)));
      const alerts = client.events.flatMap(
        (event) => (event.data.alert as { alert_id: string } | null)?.alert_id ?? [],
      );
      expect(alerts.sort()).toEqual([...raised].sort());
    }
    expect(idsOf(all[0])).toEqual(idsOf(all[2]));
  });

  it('tells of what an analyst does, from whichever process', async () => {
    const { alert } = await alertedTransfer(staffed.bank, worker);
    const client = await connect(other);
    await staffed.post(`/cases/${alert.case_id}/notes`, { note: 'hm' }, undefined, analyst);
    await staffed.post(`/alerts/${alert.alert_id}/release`, { version: 1 }, undefined, analyst);
    await client.until(() => client.events.length >= 3);
    expect(client.events.map((event) => event.event)).toEqual(['note', 'released', 'settled']);
    expect(client.events[0]?.data.detail).toEqual({ note: 'hm' });
  });

  it.each([
    ['header', (id: string) => ({ headers: { 'last-event-id': id } })],
    ['query', (id: string) => ({ query: `?last_event_id=${id}` })],
    ['query of a polyfill', (id: string) => ({ query: `?lastEventId=${id}` })],
  ])('goes on behind the last event, by %s, also a long way behind', async (_name, optionsOf) => {
    const { alert } = await alertedTransfer(staffed.bank, worker);
    const [row] = await staffed.bank.owner.query<{ last: string }>(
      'SELECT MAX(event_id) AS last FROM case_events',
    );
    const rows = Array.from({ length: 450 }, () => "(?, 'note', UTC_TIMESTAMP(6))").join(', ');
    await staffed.bank.owner.execute(
      `INSERT INTO case_events (case_id, event, occurred_at) VALUES ${rows}`,
      Array.from({ length: 450 }, () => alert.case_id),
    );
    const client = await connect(staffed.api, optionsOf(String(row?.last)));
    await client.until(() => client.events.length >= 450);
    await raise();
    await client.until(() => client.events.length >= 452);
    expect(idsOf(client)).toEqual(ascending(idsOf(client)));
    expect(idsOf(client)[0]).toBeGreaterThan(Number(row?.last));
    expect(client.events.slice(450).map((event) => event.event)).toEqual(['opened', 'alert_raised']);
  });

  it('without Redis, the process looks by itself', async () => {
    await withApi(staffed.bank, { REDIS_URL: 'redis://127.0.0.1:1' }, async (api) => {
      api.app.get(CaseFeed).options.poll_ms = 20;
      const client = await connect(api);
      await alertedTransfer(staffed.bank, worker);
      await client.until(() => client.events.length >= 2);
      client.close();
    });
  });

  it('beats, and ends when the token was ended or has expired', async () => {
    await withApi(staffed.bank, { JWT_EXPIRATION_HOURS: '0.001' }, async (api) => {
      const brief = await connect(api, { user: await api.staff('analyst') });
      await brief.ended;
      expect(brief.status).toBe(200);
    });
    await withApi(staffed.bank, {}, async (api) => {
      api.app.get(CaseFeed).options.heartbeat_ms = 20;
      const user = await api.staff('analyst');
      const client = await connect(api, { user });
      await client.until(() => client.text().includes(': heartbeat\n\n'));
      await staffed.bank.owner.call('sp_update_user_standing', [user.user_id, 'customer', null, null]);
      await client.ended;
    });
  });

  it('tells nobody any more whose token was ended, long before the next heartbeat', async () => {
    const user = await staffed.api.staff('analyst');
    const client = await connect(staffed.api, { user });
    const witness = await connect();
    await staffed.bank.owner.call('sp_update_user_standing', [user.user_id, 'customer', null, null]);
    await staffed.api.app.get(TokenRevocations, { strict: false }).poll();
    await alertedTransfer(staffed.bank, worker);
    await announceCaseEvents(redis);
    await witness.until(() => witness.events.length >= 2);
    await client.ended;
    expect(client.events).toEqual([]);
  });

  it('does not keep the server from stopping, and has a bound on feeds of one user', async () => {
    const api = await startApi(staffed.bank);
    const feeds = await Promise.all(Array.from({ length: 20 }, () => connect(api)));
    expectProblem(await api.http.get('/alerts/stream').set(analyst.headers), 429, 'RATE_LIMITED');
    feeds[0]?.close();
    await Promise.all([api.close(), ...feeds.map((feed) => feed.ended)]);
    expect(feeds.map((feed) => feed.status)).toEqual(feeds.map(() => 200));
  });
});
