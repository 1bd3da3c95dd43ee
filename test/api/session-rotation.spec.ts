import type { QueryRunner } from 'typeorm';
import { FillAuthSessions1764000068000 } from '../../migrations/0068-fill-auth-sessions';
import { TokenRevocations } from '../../src/auth/token-revocations';
import { type ApiUser, startApi, TEST_PASSWORD, type TestApi, withApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

const LIMITS = { RATE_LIMIT_LOGIN_PER_MINUTE: '100000' };

let bank: TestBank;
let api: TestApi;

beforeAll(async () => {
  bank = await createTestBank();
  api = await startApi(bank, LIMITS);
});
afterAll(async () => {
  await api.close();
  await bank.close();
});

interface Tokens {
  access_token: string;
  refresh_token: string;
}

async function open(user: ApiUser, userAgent = 'browser/1'): Promise<Tokens> {
  const answer = await api.http
    .post('/auth/login')
    .set('user-agent', userAgent)
    .send({ username: user.username, password: TEST_PASSWORD });
  expect(answer.status).toBe(200);
  return answer.body as Tokens;
}
const refresh = (refresh_token: string, at: TestApi = api) =>
  at.http.post('/auth/refresh').send({ refresh_token });
async function next(refresh_token: string): Promise<Tokens> {
  const answer = await refresh(refresh_token);
  expect(answer.status).toBe(200);
  return answer.body as Tokens;
}
const bearer = ({ access_token }: Tokens) => ({ authorization: `Bearer ${access_token}` });
const me = (tokens: Tokens, at: TestApi = api) => at.http.get('/auth/me').set(bearer(tokens));
const sessionsOf = async (tokens: Tokens) =>
  (await api.http.get('/auth/sessions').set(bearer(tokens))).body.items as Record<string, unknown>[];

const auditOf = (user: ApiUser) =>
  bank.owner.query<{ actor_user_id: string | null; ip_address: string | null; reason: string }>(
    `SELECT actor_user_id, ip_address, JSON_UNQUOTE(JSON_EXTRACT(new_values, '$.revoked_reason')) AS reason
     FROM system_audit_logs WHERE table_name = 'auth_sessions' AND action = 'REVOKE' AND record_id = ? ORDER BY audit_id`,
    [user.user_id],
  );
/** Lets the grace of every refresh token that was used pass. */
const passGrace = (user: ApiUser) =>
  bank.owner.execute('UPDATE refresh_tokens SET used_at = used_at - INTERVAL 30 SECOND WHERE user_id = ?', [
    user.user_id,
  ]);

describe('a client that lost the answer to a refresh', () => {
  it('gets the same refresh token when it asks again, however often', async () => {
    const user = await api.customer();
    const { refresh_token } = await open(user);
    const first = await next(refresh_token);
    for (let i = 0; i < 3; i += 1) {
      const again = await next(refresh_token);
      expect(again.refresh_token).toBe(first.refresh_token);
      expect((await me(again)).status).toBe(200);
    }
    expect((await refresh(first.refresh_token)).status).toBe(200);
    expect(await auditOf(user)).toEqual([]);
  });

  it('gets it too when its requests meet, in two processes', async () => {
    const user = await api.customer();
    const { refresh_token } = await open(user);
    await withApi(bank, LIMITS, async (other) => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => refresh(refresh_token, i % 2 === 0 ? api : other)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
    });
    const [row] = await bank.owner.query<{ n: string }>(
      'SELECT COUNT(*) AS n FROM refresh_tokens WHERE user_id = ? AND used_at IS NULL',
      [user.user_id],
    );
    expect(Number(row?.n)).toBe(1);
  });

  it('is out when it comes too late', async () => {
    const user = await api.customer();
    const { refresh_token } = await open(user);
    const first = await next(refresh_token);
    await passGrace(user);
    expectProblem(await refresh(refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    expectProblem(await refresh(first.refresh_token), 401, 'INVALID_REFRESH_TOKEN');
  });

  it('is out when somebody has used what it should have got', async () => {
    const user = await api.customer();
    const { refresh_token } = await open(user);
    const second = await next(refresh_token);
    const third = await next(second.refresh_token);
    expectProblem(await refresh(refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    expectProblem(await refresh(third.refresh_token), 401, 'INVALID_REFRESH_TOKEN');
  });

  it('leaves nothing in the database from which a used token leads to the present one', async () => {
    const user = await api.customer();
    const { refresh_token } = await open(user);
    const second = await next(refresh_token);
    await next(second.refresh_token);
    const rows = await bank.owner.query<{ has_seed: number | string }>(
      'SELECT successor_seed IS NOT NULL AS has_seed FROM refresh_tokens WHERE user_id = ? ORDER BY refresh_token_id',
      [user.user_id],
    );
    expect(rows.map(({ has_seed }) => Number(has_seed))).toEqual([0, 1, 0]);
  });
});

describe('a refresh token that comes again', () => {
  it('ends its family, access tokens too, and nothing else, and is audited', async () => {
    const user = await api.customer();
    const other = await open(user, 'phone/2');
    const first = await open(user, 'browser/1');
    const second = await next(first.refresh_token);
    await passGrace(user);
    expectProblem(await refresh(first.refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    for (const tokens of [first, second]) expectProblem(await me(tokens), 401, 'UNAUTHENTICATED');
    expectProblem(await refresh(second.refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    expect((await me(other)).status).toBe(200);
    expect((await refresh(other.refresh_token)).status).toBe(200);
    expect(await auditOf(user)).toEqual([
      { actor_user_id: null, ip_address: '127.0.0.1', reason: 'token_reused' },
    ]);
  });
});

describe('GET /auth/sessions', () => {
  it('lists where one is logged in, from where and with what, and which one asks', async () => {
    const user = await api.customer();
    const first = await open(user, 'browser/1');
    const second = await open(user, `phone/${'9'.repeat(300)}`);
    const [one, two] = await sessionsOf(second);
    expect(one).toEqual({
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ip_address: '127.0.0.1',
      user_agent: `phone/${'9'.repeat(249)}`,
      created_at: expect.stringMatching(/Z$/),
      last_used_at: expect.stringMatching(/Z$/),
      authenticated_at: expect.stringMatching(/Z$/),
      has_second_factor: false,
      is_current: true,
    });
    expect(two).toMatchObject({ user_agent: 'browser/1', is_current: false });
    await api.http
      .post('/auth/refresh')
      .set('user-agent', 'browser/2')
      .send({ refresh_token: first.refresh_token });
    expect((await sessionsOf(second)).map(({ user_agent }) => user_agent)[0]).toBe('browser/2');
  });

  it("leaves out what has ended or expired, and what is not one's own", async () => {
    const [user, other] = [await api.customer(), await api.customer()];
    const [kept, left, expired] = [await open(user), await open(user), await open(user)];
    await open(other);
    await api.http.post('/auth/logout').send({ refresh_token: left.refresh_token });
    await bank.owner.execute(
      'UPDATE refresh_tokens SET expires_at = UTC_TIMESTAMP(6) WHERE token_hash = UNHEX(SHA2(?, 256))',
      [expired.refresh_token],
    );
    expect(await sessionsOf(kept)).toMatchObject([{ is_current: true }]);
  });
});

describe('DELETE /auth/sessions', () => {
  it('ends one of them everywhere within about a second, with its access token', async () => {
    const user = await api.customer();
    const [kept, lost] = [await open(user), await open(user, 'lost/1')];
    const id = (await sessionsOf(kept)).find(({ user_agent }) => user_agent === 'lost/1')?.session_id;
    await withApi(bank, LIMITS, async (other) => {
      expect((await me(lost, other)).status).toBe(200);
      const answer = await api.http.delete(`/auth/sessions/${String(id)}`).set(bearer(kept));
      expect(answer.status).toBe(204);
      expectProblem(await me(lost), 401, 'UNAUTHENTICATED');
      await other.app.get(TokenRevocations).poll();
      expectProblem(await me(lost, other), 401, 'UNAUTHENTICATED');
    });
    expectProblem(await refresh(lost.refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    expect((await me(kept)).status).toBe(200);
    expect(await auditOf(user)).toEqual([
      { actor_user_id: user.user_id, ip_address: '127.0.0.1', reason: 'ended_by_user' },
    ]);
  });

  it("does not end another user's", async () => {
    const [user, other] = [await api.customer(), await api.customer()];
    const [mine, theirs] = [await open(user), await open(other)];
    const [session] = await sessionsOf(theirs);
    const path = `/auth/sessions/${String(session?.session_id)}`;
    expectProblem(await api.http.delete(path).set(bearer(mine)), 404, 'SESSION_NOT_FOUND');
    expectProblem(await api.http.delete('/auth/sessions/42').set(bearer(mine)), 400, 'VALIDATION_FAILED');
    expect((await me(theirs)).status).toBe(200);
  });

  it('without an id ends all but the one that asks', async () => {
    const user = await api.customer();
    const [one, two, mine] = [await open(user), await open(user), await open(user)];
    expect((await api.http.delete('/auth/sessions').set(bearer(mine))).status).toBe(204);
    for (const tokens of [one, two]) {
      expectProblem(await me(tokens), 401, 'UNAUTHENTICATED');
      expectProblem(await refresh(tokens.refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    }
    expect((await refresh(mine.refresh_token)).status).toBe(200);
  });
});

describe('sessions of others', () => {
  const path = (user: ApiUser, id = '') => `/admin/users/${user.user_id}/sessions${id && `/${id}`}`;

  it('are seen by who may read users, and ended by administrators', async () => {
    const [admin, auditor, user] = [
      await api.staff('admin'),
      await api.staff('auditor'),
      await api.customer(),
    ];
    const [one, two] = [await open(user), await open(user)];
    for (const reader of [admin, auditor]) {
      const list = await api.http.get(path(user)).set(reader.headers);
      expect(list.body.items).toHaveLength(2);
      expect(list.body.items[0]).not.toHaveProperty('is_current');
    }
    const [session] = await sessionsOf(one);
    const id = String(session?.session_id);
    expectProblem(await api.http.get(path(user)).set(bearer(one)), 403, 'FORBIDDEN');
    expectProblem(await api.http.delete(path(user, id)).set(auditor.headers), 403, 'FORBIDDEN');
    expectProblem(await api.http.delete(path(auditor, id)).set(admin.headers), 404, 'SESSION_NOT_FOUND');
    expect((await api.http.delete(path(user, id)).set(admin.headers)).status).toBe(204);
    expect((await api.http.delete(path(user)).set(admin.headers)).status).toBe(204);
    for (const tokens of [one, two]) {
      expectProblem(await me(tokens), 401, 'UNAUTHENTICATED');
      expectProblem(await refresh(tokens.refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    }
    expect(await auditOf(user)).toEqual(
      Array(2).fill({ actor_user_id: admin.user_id, ip_address: '127.0.0.1', reason: 'ended_by_staff' }),
    );
    const nobody = await api.http.delete('/admin/users/999999999/sessions').set(admin.headers);
    expectProblem(nobody, 404, 'USER_NOT_FOUND');
  });
});

describe('logging out', () => {
  it('ends the access tokens of the session too', async () => {
    const user = await api.customer();
    const [mine, other] = [await open(user), await open(user)];
    const second = await next(mine.refresh_token);
    await api.http.post('/auth/logout').send({ refresh_token: second.refresh_token });
    for (const tokens of [mine, second]) expectProblem(await me(tokens), 401, 'UNAUTHENTICATED');
    expect((await me(other)).status).toBe(200);
    expect(await auditOf(user)).toEqual([]);
  });
});

describe('a session that was opened before sessions had rows', () => {
  it('gets one from its refresh tokens, open as long as one of them is', async () => {
    const user = await api.customer();
    const [kept, left] = [await open(user), await open(user)];
    const second = await next(kept.refresh_token);
    await api.http.post('/auth/logout').send({ refresh_token: left.refresh_token });
    const rows = () =>
      bank.owner.query<{ session_id: string; is_open: string }>(
        `SELECT session_id, revoked_at IS NULL AS is_open, authenticated_at = created_at AS is_as_login
         FROM auth_sessions WHERE user_id = ? ORDER BY session_id`,
        [user.user_id],
      );
    const before = await rows();
    await bank.owner.execute('DELETE FROM auth_sessions');
    const runner = { query: (sql: string) => bank.owner.execute(sql) } as unknown as QueryRunner;
    await new FillAuthSessions1764000068000().up(runner);
    expect(await rows()).toEqual(before);
    expect(before.map(({ is_open }) => Number(is_open)).sort()).toEqual([0, 1]);
    expect(await sessionsOf(second)).toMatchObject([{ is_current: true }]);
  });

  it('and lost it is refreshed all the same, and proves nothing lately', async () => {
    const user = await api.customer();
    const { refresh_token } = await open(user);
    await bank.owner.execute('DELETE FROM auth_sessions WHERE user_id = ?', [user.user_id]);
    expect((await me(await next(refresh_token))).status).toBe(200);
  });
});
