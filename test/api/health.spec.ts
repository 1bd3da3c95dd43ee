import { request as httpRequest } from 'node:http';
import { startApi, type TestApi, withApi } from '../support/api';
import { Database } from '../../src/database';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

const PAGE = 'https://bank.example';

let bank: TestBank;
let api: TestApi;

beforeAll(async () => {
  bank = await createTestBank();
  api = await startApi(bank, { CORS_ORIGINS: `${PAGE}, https://other.example`, API_BODY_LIMIT_KB: '16' });
});
afterAll(async () => {
  await api.close();
  await bank.close();
});

describe('GET /health', () => {
  it('says that the process is alive, with or without a slash', async () => {
    for (const path of ['/health', '/health/']) {
      const answer = await api.http.get(path);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: { status: 'ok' } });
    }
  });
});

describe('GET /health/ready', () => {
  const READY = {
    status: 'ready',
    checks: {
      database: { status: 'ok' },
      redis: { status: 'ok' },
      procedures: { status: 'ok' },
      outbox: { status: 'ok', lag_seconds: 0, batches: 0 },
    },
  };

  it('looks at database, Redis, procedures and outbox', async () => {
    const answer = await api.http.get('/health/ready');
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: READY });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('tells of an outbox that nobody empties, and stays ready', async () => {
    await bank.owner.execute(
      'INSERT INTO outbox (transaction_count, created_at) VALUES (1, UTC_TIMESTAMP(6) - INTERVAL 400 SECOND), (1, UTC_TIMESTAMP(6))',
    );
    const answer = await api.http.get('/health/ready');
    expect(answer.status).toBe(200);
    expect(answer.body.checks.outbox).toEqual({
      status: 'degraded',
      lag_seconds: expect.any(Number),
      batches: 2,
    });
    expect(answer.body.checks.outbox.lag_seconds).toBeGreaterThanOrEqual(400);
    const metrics = await api.http.get('/metrics');
    await bank.owner.execute('DELETE FROM outbox');
    expect(metrics.text).toMatch(/^florin_outbox_batches 2$/m);
  });

  it('stays ready without Redis: money moves without it', async () => {
    await withApi(bank, { REDIS_URL: 'redis://127.0.0.1:1' }, async ({ http }) => {
      const answer = await http.get('/health/ready');
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        status: 'ready',
        checks: { ...READY.checks, redis: { status: 'degraded' } },
      });
    });
  });

  it('is unavailable without the database, and without a word about it', async () => {
    await withApi(bank, {}, async ({ app, http }) => {
      await app.get(Database).close();
      const answer = await http.get('/health/ready');
      expect(answer.status).toBe(503);
      expect(answer.body).toEqual({
        status: 'unavailable',
        checks: {
          database: { status: 'failed' },
          redis: { status: 'ok' },
          procedures: { status: 'failed' },
          outbox: { status: 'degraded' },
        },
      });
      expect((await http.get('/health')).status).toBe(200);
      expect((await http.get('/metrics')).text).not.toMatch(/^florin_outbox_lag_seconds/m);
    });
  });

  it('is unavailable with a procedure that is not the one that was loaded', async () => {
    const other = await createTestBank();
    try {
      await other.owner.execute('DROP PROCEDURE sp_get_balance');
      await withApi(other, {}, async ({ http }) => {
        const answer = await http.get('/health/ready');
        expect(answer.status).toBe(503);
        expect(answer.body.checks.procedures).toEqual({ status: 'failed' });
        expect(answer.text).not.toContain('sp_get_balance');
      });
    } finally {
      await other.close();
    }
  });
});

describe('GET /metrics', () => {
  it('tells this machine about processes, requests, postings and pools', async () => {
    const user = await api.customer();
    const account_id = await bank.openAccount(user.user_id);
    await api.http.get('/no/such/place');
    await api.http.get(`/accounts/${account_id}`).set(user.headers);
    const answer = await api.http.get('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const line of [
      /^process_cpu_seconds_total /m,
      /^http_requests_total\{method="GET",route="unmatched",status="404"\} 1$/m,
      /^http_requests_total\{method="GET",route="\/accounts\/:account_id",status="200"\} 1$/m,
      /^http_request_duration_seconds_bucket\{le="0.005",method="GET",route="\/health\/ready"\} /m,
      /^florin_posting_queue_depth 0$/m,
      /^florin_posting_retries_total 0$/m,
      /^florin_database_connections\{state="idle"\} [1-9]/m,
      /^florin_outbox_lag_seconds 0$/m,
    ]) {
      expect(answer.text).toMatch(line);
    }
  });

  it('counts batches and declines by code', async () => {
    const user = await api.customer();
    const account_id = await bank.openAccount(user.user_id, { balance: 100n });
    const metrics = async () => (await api.http.get('/metrics')).text;
    const count = (text: string, name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1] ?? 0,
      );
    const before = await metrics();
    const withdraw = () =>
      api.http
        .post('/transactions/withdraw')
        .set({ ...user.headers, 'idempotency-key': 'once' })
        .send({ account_id, amount: '5.00' });
    expectProblem(await withdraw(), 422, 'INSUFFICIENT_FUNDS');
    expectProblem(await withdraw(), 422, 'INSUFFICIENT_FUNDS');
    const after = await metrics();
    const declines = 'florin_declines_total{code="INSUFFICIENT_FUNDS"}';
    expect(count(after, declines) - count(before, declines)).toBe(1);
    const batches = 'florin_posting_batch_items_count';
    expect(count(after, batches) - count(before, batches)).toBe(2);
  });

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])(
    'wants the token when a proxy speaks for someone (%s)',
    async (header) => {
      const through = (authorization: string) =>
        api.http.get('/metrics').set(header, '127.0.0.1').set('authorization', authorization);
      expectProblem(await through(''), 401, 'UNAUTHENTICATED');
      expectProblem(await through('Bearer wrong'), 401, 'UNAUTHENTICATED');
      expectProblem(await through((await api.staff('admin')).headers.authorization), 401, 'UNAUTHENTICATED');
      const answer = await through(`Bearer ${String(bank.environment.METRICS_TOKEN)}`);
      expect(answer.status).toBe(200);
    },
  );

  it('is closed to others when no token is set', async () => {
    await withApi(bank, { METRICS_TOKEN: '' }, async ({ http }) => {
      const answer = await http
        .get('/metrics')
        .set('x-forwarded-for', '203.0.113.7')
        .set('authorization', 'Bearer undefined');
      expectProblem(answer, 401, 'UNAUTHENTICATED');
    });
  });
});

describe('GET /', () => {
  it('shows the way, and each way leads somewhere', async () => {
    const answer = await api.http.get('/');
    expect(answer.body).toEqual({
      name: 'florin',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      links: { docs: '/docs', redoc: '/redoc', openapi: '/openapi.json', health: '/health' },
    });
    for (const path of Object.values<string>(answer.body.links))
      expect((await api.http.get(path)).status).toBe(200);
  });
});

describe('documentation', () => {
  it('comes from this server alone', async () => {
    for (const path of ['/docs', '/redoc', '/docs/', '/redoc/']) {
      const { status, text, headers, request } = await api.http.get(path).redirects(2);
      expect(status).toBe(200);
      expect(headers['content-type']).toContain('text/html');
      const sources = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
      expect(sources.length).toBeGreaterThan(0);
      for (const source of sources) {
        expect(source).not.toMatch(/^(https?:)?\/\//);
        const asset = await api.http.get(new URL(source, request.url).pathname);
        expect({ source, status: asset.status }).toEqual({ source, status: 200 });
      }
    }
  });

  it('describes every operation with a summary, its errors, and what it needs', async () => {
    const { body } = await api.http.get('/openapi.json');
    const operations = Object.entries<Record<string, Record<string, unknown>>>(body.paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    const open = ['/', '/health', '/health/ready', '/auth/register', '/auth/login', '/auth/refresh'];
    expect(operations.map(({ path }) => path)).toEqual(expect.arrayContaining(open));
    for (const { path, operation } of operations) {
      expect({ path, summary: operation.summary }).toEqual({ path, summary: expect.stringMatching(/\w/) });
    }
    for (const path of ['/auth/me', '/users/profile', '/users/password', '/users/pin']) {
      for (const { operation } of operations.filter((one) => one.path === path)) {
        expect(operation.security).toEqual([{ bearer: [] }]);
        expect(Object.keys(operation.responses as object)).toEqual(expect.arrayContaining(['401', '403']));
      }
    }
    const { post } = body.paths['/auth/login'];
    const statuses = ['200', '400', '401', '403', '413', '415', '423', '429', '500', '503'];
    expect(Object.keys(post.responses).sort()).toEqual(statuses);
    expect(body.components.schemas.Login.properties.username.example).toBe('ada.lovelace');
    expect(body.components.schemas.Login.additionalProperties).toBe(false);
  });
});

describe('the web layer', () => {
  const login = () => api.http.post('/auth/login');

  it('gives every request an id that cannot be forged', async () => {
    const answer = await api.http.get('/health').set('x-request-id', 'mine');
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expectProblem(await api.http.get('/nowhere'), 404, 'NOT_FOUND');
  });

  it.each([
    ['what is no JSON', '{"username":', 400, 'MALFORMED_JSON'],
    ['two values', '{} {}', 400, 'MALFORMED_JSON'],
    ['NaN', '{"username": NaN}', 400, 'MALFORMED_JSON'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400, 'MALFORMED_JSON'],
    ['nothing', '', 400, 'VALIDATION_FAILED'],
    ['null', 'null', 400, 'VALIDATION_FAILED'],
    ['an array', '[]', 400, 'VALIDATION_FAILED'],
    ['a prototype', '{"__proto__": {"username": "a"}}', 400, 'VALIDATION_FAILED'],
    ['null bytes', '{"username":"a\\u0000b","password":"x"}', 400, 'VALIDATION_FAILED'],
    ['more than the limit', JSON.stringify({ username: 'a'.repeat(17_000) }), 413, 'PAYLOAD_TOO_LARGE'],
  ] as const)('refuses a body of %s', async (_name, body, status, code) => {
    const sent = await new Promise<{ status: number; headers: object; body: Record<string, unknown> }>(
      (resolve, reject) => {
        const request = httpRequest(
          `${api.url}/auth/login`,
          {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
          },
          (answer) => {
            let text = '';
            answer.setEncoding('utf8');
            answer.on('data', (chunk: string) => (text += chunk));
            answer.on('end', () =>
              resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: JSON.parse(text) }),
            );
          },
        );
        request.on('error', reject);
        request.end(body);
      },
    );
    expectProblem(sent as never, status, code);
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('refuses %s', async (type) => {
    expectProblem(
      await login().set('content-type', type).send('username=ada'),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    );
  });

  it('lets in the pages it knows, and no others', async () => {
    const preflight = (origin: string) =>
      api.http.options('/auth/login').set({
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      });
    const known = await preflight(PAGE);
    expect(known.status).toBe(204);
    expect(known.headers['access-control-allow-origin']).toBe(PAGE);
    const unknown = await preflight('https://evil.example');
    expect(unknown.headers['access-control-allow-origin']).not.toBe('https://evil.example');
    expect(unknown.headers['access-control-allow-origin']).not.toBe('*');
    const answer = await api.http.get('/health').set('origin', PAGE);
    expect(answer.headers['access-control-expose-headers']).toContain('Idempotency-Replayed');
  });

  it('tells browsers to be careful', async () => {
    const { headers } = await api.http.get('/health');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'strict-transport-security': expect.any(String),
    });
    expect(headers['x-powered-by']).toBeUndefined();
  });
});
