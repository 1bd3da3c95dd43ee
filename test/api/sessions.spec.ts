import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { JwtService } from '@nestjs/jwt';
import { TokenRevocations } from '../../src/auth/token-revocations';
import { type ApiUser, startApi, type TestApi, withApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

let bank: TestBank;
let api: TestApi;

beforeAll(async () => {
  bank = await createTestBank();
  api = await startApi(bank, { RATE_LIMIT_LOGIN_PER_MINUTE: '100000' });
});
afterAll(async () => {
  await api.close();
  await bank.close();
});

const refresh = (refresh_token: string) => api.http.post('/auth/refresh').send({ refresh_token });
const me = (token: string) => api.http.get('/auth/me').set('authorization', `Bearer ${token}`);

describe('POST /auth/refresh', () => {
  it('gives a new session of the same shape, with the role as it is now', async () => {
    const { username, user_id } = await api.customer();
    const first = await api.login(username);
    await bank.owner.call('sp_update_user_standing', [user_id, 'auditor', null, null]);
    const second = await refresh(first.body.refresh_token);
    expect(second.status).toBe(200);
    expect(Object.keys(second.body).sort()).toEqual(Object.keys(first.body).sort());
    expect(second.body.role).toBe('auditor');
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
    expect((await me(second.body.access_token)).status).toBe(200);
    expect((await refresh(second.body.refresh_token)).status).toBe(200);
  });

  it('keeps no token, only its SHA-256', async () => {
    const { username } = await api.customer();
    const { refresh_token } = (await api.login(username)).body;
    const digest = createHash('sha256').update(refresh_token).digest();
    const rows = await bank.owner.query('SELECT used_at FROM refresh_tokens WHERE token_hash = ?', [digest]);
    expect(rows).toEqual([{ used_at: null }]);
  });

  it('ends the whole family when a used token comes again', async () => {
    const { username } = await api.customer();
    const first = (await api.login(username)).body.refresh_token;
    const other = (await api.login(username)).body.refresh_token;
    const second = (await refresh(first)).body.refresh_token;
    const third = (await refresh(second)).body.refresh_token;
    expectProblem(await refresh(first), 401, 'INVALID_REFRESH_TOKEN');
    expectProblem(await refresh(third), 401, 'INVALID_REFRESH_TOKEN');
    expect((await refresh(other)).status).toBe(200);
  });

  it('without a grace serves exactly one of many who use a token at once, and ends the family', async () => {
    const settings = { RATE_LIMIT_LOGIN_PER_MINUTE: '100000', REFRESH_GRACE_SECONDS: '0' };
    await withApi(bank, settings, async (strict) => {
      const ask = (token: string) => strict.http.post('/auth/refresh').send({ refresh_token: token });
      const { username } = await api.customer();
      const { refresh_token } = (await api.login(username)).body;
      const answers = await Promise.all(Array.from({ length: 6 }, () => ask(refresh_token)));
      const winners = answers.filter(({ status }) => status === 200);
      expect(winners).toHaveLength(1);
      expectProblem(await ask(winners[0]?.body.refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    });
  });

  it('refuses what has expired, without ending the family', async () => {
    const { username, user_id } = await api.customer();
    const { refresh_token } = (await api.login(username)).body;
    await bank.owner.execute(
      'UPDATE refresh_tokens SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE user_id = ?',
      [user_id],
    );
    expectProblem(await refresh(refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    const [row] = await bank.owner.query('SELECT revoked_at FROM refresh_tokens WHERE user_id = ?', [
      user_id,
    ]);
    expect(row).toEqual({ revoked_at: null });
  });

  it('refuses unknown tokens and those of inactive users', async () => {
    const { username, user_id } = await api.customer();
    const { refresh_token } = (await api.login(username)).body;
    await bank.owner.execute('UPDATE users SET is_active = FALSE WHERE user_id = ?', [user_id]);
    expectProblem(await refresh(refresh_token), 401, 'INVALID_REFRESH_TOKEN');
    expectProblem(await refresh('x'.repeat(43)), 401, 'INVALID_REFRESH_TOKEN');
    expectProblem(await api.http.post('/auth/refresh').send({}), 400, 'VALIDATION_FAILED');
  });
});

describe('a session that is being opened', () => {
  /** Starts `ask` while the user's row is locked, and changes the user before it can go on. */
  async function whileChanging<T>(userId: string, ask: () => Promise<T>, ...sql: string[]): Promise<T> {
    await bank.owner.execute('UPDATE user_credentials SET failed_password_count = 1 WHERE user_id = ?', [
      userId,
    ]);
    let answer: Promise<T> | undefined;
    await bank.owner.transaction(null, async (queries) => {
      await queries.query('SELECT user_id FROM users WHERE user_id = ? FOR UPDATE', [userId]);
      answer = ask();
      // The count is back at zero when the password was found right: what follows meets the change.
      for (let i = 0; i < 100; i += 1) {
        const [row] = await bank.owner.query<{ failed_password_count: number }>(
          'SELECT failed_password_count FROM user_credentials WHERE user_id = ?',
          [userId],
        );
        if (row?.failed_password_count === 0) break;
        await sleep(20);
      }
      for (const statement of sql) await queries.execute(statement, [userId]);
    });
    return answer as Promise<T>;
  }
  const newPassword =
    "UPDATE user_credentials SET password_hash = CONCAT('$2b$04$', REPEAT('x', 53)), token_version = token_version + 1 WHERE user_id = ?";
  const deactivation = 'UPDATE users SET is_active = FALSE WHERE user_id = ?';

  it.each([
    ['with a password that is replaced', newPassword, 'WRONG_PASSWORD'],
    ['by a user who is deactivated', deactivation, 'INACTIVE'],
  ])('%s is refused', async (_name, statement, reason) => {
    const { username, user_id } = await api.customer();
    const answer = await whileChanging(user_id, () => api.login(username), statement);
    expectProblem(answer, 401, 'INVALID_CREDENTIALS');
    expect(await bank.owner.query('SELECT 1 FROM refresh_tokens WHERE user_id = ?', [user_id])).toEqual([]);
    expect(await bank.owner.query('SELECT reason FROM login_activity WHERE user_id = ?', [user_id])).toEqual([
      { reason },
    ]);
  });

  it('with a role that changes has the new one', async () => {
    const { username, user_id } = await api.customer();
    const answer = await whileChanging(
      user_id,
      () => api.login(username),
      "UPDATE users SET role = 'auditor' WHERE user_id = ?",
    );
    expect(answer.body.role).toBe('auditor');
  });

  it('with a refresh token of a user who is deactivated is refused', async () => {
    const { username, user_id } = await api.customer();
    const { refresh_token } = (await api.login(username)).body;
    const answer = await whileChanging(user_id, () => refresh(refresh_token).then(), deactivation);
    expectProblem(answer, 401, 'INVALID_REFRESH_TOKEN');
  });
});

describe('POST /auth/logout', () => {
  it('ends the session, and only that one', async () => {
    const { username } = await api.customer();
    const first = (await api.login(username)).body.refresh_token;
    const other = (await api.login(username)).body.refresh_token;
    const answer = await api.http.post('/auth/logout').send({ refresh_token: first });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    expectProblem(await refresh(first), 401, 'INVALID_REFRESH_TOKEN');
    expect((await refresh(other)).status).toBe(200);
  });

  it('answers the same for a token nobody knows, and again', async () => {
    for (const refresh_token of ['unknown', 'unknown'])
      expect((await api.http.post('/auth/logout').send({ refresh_token })).status).toBe(204);
    expectProblem(await api.http.post('/auth/logout').send({}), 400, 'VALIDATION_FAILED');
  });
});

describe('access tokens', () => {
  const secretOf = () => String(bank.environment.JWT_SECRET);
  const signed = (user: ApiUser, options: object, claims: object = {}) =>
    new JwtService({ secret: secretOf() }).sign(
      { username: user.username, role: 'customer', ver: 0, ...claims },
      {
        subject: user.user_id,
        issuer: 'florin',
        audience: 'florin-api',
        keyid: 'k1',
        expiresIn: 60,
        ...options,
      },
    );

  it.each(['customer', 'auditor', 'admin'] as const)('open /auth/me to a(n) %s', async (role) => {
    const user = role === 'customer' ? await api.customer() : await api.staff(role);
    const answer = await me(user.token);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ user_id: user.user_id, role });
  });

  it('are needed, and must be whole', async () => {
    const { token } = await api.customer();
    const [header, payload, signature] = token.split('.');
    const forged = Buffer.from(
      JSON.stringify({
        ...JSON.parse(Buffer.from(String(payload), 'base64url').toString()),
        role: 'admin',
      }),
    ).toString('base64url');
    for (const authorization of [
      '',
      'Bearer',
      `Basic ${token}`,
      'Bearer x.y.z',
      `Bearer ${token} more`,
      `Bearer ${header}.${forged}.${signature}`,
      `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
    ]) {
      expectProblem(
        await api.http.get('/auth/me').set('authorization', authorization),
        401,
        'UNAUTHENTICATED',
      );
    }
  });

  it('must have this issuer, audience, key id and algorithm', async () => {
    const user = await api.customer();
    expect((await me(signed(user, {}))).status).toBe(200);
    for (const options of [
      { issuer: 'other' },
      { audience: 'other' },
      { keyid: 'other' },
      { algorithm: 'HS512' },
    ])
      expectProblem(await me(signed(user, options)), 401, 'UNAUTHENTICATED');
    expectProblem(await me(signed(user, { expiresIn: -1 })), 401, 'TOKEN_EXPIRED');
  });

  it('of a role that nobody knows open nothing', async () => {
    const user = await api.customer();
    expectProblem(await me(signed(user, {}, { role: 'emperor' })), 403, 'FORBIDDEN');
  });

  it.each([
    ['deactivated', [null, null, false]],
    ['demoted', ['customer', null, null]],
  ] as const)('of a %s user end in every process within about a second', async (_name, standing) => {
    await api.staff('admin');
    const user = await api.staff('admin');
    const other = await startApi(bank);
    const otherMe = () => other.http.get('/auth/me').set(user.headers);
    expect((await me(user.token)).status).toBe(200);
    expect((await otherMe()).status).toBe(200);
    await bank.owner.call('sp_update_user_standing', [user.user_id, ...standing]);
    for (const ask of [() => me(user.token), otherMe]) {
      let answer = await ask();
      // Polls run once a second; the loop's end is for a machine that is very busy.
      for (let i = 0; answer.status === 200 && i < 100; i += 1) {
        await sleep(100);
        answer = await ask();
      }
      expectProblem(answer, 401, 'UNAUTHENTICATED');
    }
    await other.close();
  });

  it('end at once where the process is told', async () => {
    const user = await api.customer();
    await bank.owner.call('sp_update_user_standing', [user.user_id, null, null, false]);
    await api.app.get(TokenRevocations).poll();
    expectProblem(await me(user.token), 401, 'UNAUTHENTICATED');
  });
});
