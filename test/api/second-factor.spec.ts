import { Secret, TOTP } from 'otpauth';
import type { Authentication } from '../../src/auth/authentication';
import { TokenService } from '../../src/auth/token.service';
import { Keyring, parseDataKeys } from '../../src/crypto/keyring';
import { reencrypt } from '../../src/crypto/reencrypt';
import { type ApiUser, startApi, TEST_PASSWORD, type TestApi, withApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

const LIMITS = { RATE_LIMIT_LOGIN_PER_MINUTE: '100000', RATE_LIMIT_CODES_PER_MINUTE: '1000' };
const OTHER_KEY = `k2:${Buffer.alloc(32, 7).toString('hex')}`;

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

/** A code of the secret, `steps` half minutes from now. */
const codeOf = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

const call = (user: ApiUser, path: string, body: object = {}, at: TestApi = api) =>
  at.http.post(path).set(user.headers).send(body);
const login = (user: ApiUser, more: object = {}, at: TestApi = api) =>
  at.http.post('/auth/login').send({ username: user.username, password: TEST_PASSWORD, ...more });

/** Lets codes be used again that were used: time does not pass in a test. */
const forgetStep = (user: ApiUser) =>
  bank.owner.execute('UPDATE user_totp SET last_step = NULL WHERE user_id = ?', [user.user_id]);

interface Enrolled {
  secret: string;
  recovery_codes: string[];
  access_token: string;
}

async function enrol(user: ApiUser, at: TestApi = api): Promise<Enrolled> {
  const begun = await call(user, '/auth/totp', { password: TEST_PASSWORD }, at);
  expect(begun.status).toBe(200);
  const { secret } = begun.body as { secret: string };
  const confirmed = await call(user, '/auth/totp/confirm', { totp_code: codeOf(secret) }, at);
  expect(confirmed.status).toBe(200);
  await forgetStep(user);
  return { secret, ...(confirmed.body as Omit<Enrolled, 'secret'>) };
}

const auditOf = (table: string, user: ApiUser) =>
  bank.owner.query<{ action: string; actor_user_id: string | null; new_values: string }>(
    'SELECT action, actor_user_id, new_values FROM system_audit_logs WHERE table_name = ? AND record_id = ? ORDER BY audit_id',
    [table, user.user_id],
  );

describe('enrolment', () => {
  it('gives a secret and a key URI, counts from the first code on, and answers recovery codes', async () => {
    const user = await api.customer();
    const begun = await call(user, '/auth/totp', { password: TEST_PASSWORD });
    expect(begun.status).toBe(200);
    const { secret, otpauth_uri } = begun.body;
    expect(begun.body).toMatchObject({ algorithm: 'SHA1', digits: 6, period_s: 30 });
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(otpauth_uri);
    expect(uri.protocol).toBe('otpauth:');
    expect(decodeURIComponent(uri.pathname)).toContain(`Florin:${user.username}`);
    expect(uri.searchParams.get('secret')).toBe(secret);
    expect((await login(user)).status).toBe(200);
    const confirmed = await call(user, '/auth/totp/confirm', { totp_code: codeOf(secret) });
    expect(confirmed.status).toBe(200);
    expect(confirmed.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
      recovery_codes: expect.any(Array),
    });
    expect(new Set(confirmed.body.recovery_codes).size).toBe(10);
    expectProblem(await login(user), 403, 'TOTP_REQUIRED');
    const status = await api.http.get('/auth/totp').set(user.headers);
    expect(status.body).toEqual({
      is_enrolled: true,
      enrolled_at: expect.stringMatching(/Z$/),
      is_required: false,
      recovery_codes_left: 10,
    });
    expect((await auditOf('user_totp', user)).map(({ action }) => action)).toEqual(['ENROL']);
  });

  it('keeps the secret encrypted for its row, and of recovery codes only hashes', async () => {
    const user = await api.customer();
    const { secret, recovery_codes } = await enrol(user);
    const [row] = await bank.owner.query<{ secret: string }>(
      'SELECT secret FROM user_totp WHERE user_id = ?',
      [user.user_id],
    );
    expect(row?.secret).toMatch(/^k1:[\w-]+$/);
    expect(row?.secret).not.toContain(secret);
    const keyring = new Keyring(parseDataKeys(String(bank.environment.DATA_KEYS)));
    expect(keyring.decrypt(String(row?.secret), `user_totp.secret:${user.user_id}`).toString()).toBe(secret);
    const dump = JSON.stringify(await bank.owner.query('SELECT * FROM recovery_codes'));
    for (const code of recovery_codes) expect(dump).not.toContain(code);
    const audit = JSON.stringify(await bank.owner.query('SELECT * FROM system_audit_logs'));
    expect(audit).not.toContain(secret);
  });

  it('wants the password, and the first code of the latest secret in time', async () => {
    const user = await api.customer();
    expectProblem(await call(user, '/auth/totp', { password: 'wrong' }), 403, 'PASSWORD_INVALID');
    expectProblem(await call(user, '/auth/totp/confirm', { totp_code: '123456' }), 409, 'TOTP_NOT_PENDING');
    const first = (await call(user, '/auth/totp', { password: TEST_PASSWORD })).body.secret as string;
    const second = (await call(user, '/auth/totp', { password: TEST_PASSWORD })).body.secret as string;
    expectProblem(await call(user, '/auth/totp/confirm', { totp_code: codeOf(first) }), 403, 'TOTP_INVALID');
    await bank.owner.execute(
      'UPDATE user_totp SET pending_since = pending_since - INTERVAL 15 MINUTE WHERE user_id = ?',
      [user.user_id],
    );
    const late = await call(user, '/auth/totp/confirm', { totp_code: codeOf(second) });
    expectProblem(late, 409, 'TOTP_NOT_PENDING');
    expectProblem(await call(user, '/auth/totp/confirm', { totp_code: '12345' }), 400, 'VALIDATION_FAILED');
  });

  it('of a new phone needs the old one, which counts until the new one is confirmed', async () => {
    const user = await api.customer();
    const old = await enrol(user);
    expectProblem(await call(user, '/auth/totp', { password: TEST_PASSWORD }), 403, 'TOTP_REQUIRED');
    const body = { password: TEST_PASSWORD, totp_code: codeOf(old.secret) };
    const { secret } = (await call(user, '/auth/totp', body)).body as { secret: string };
    await forgetStep(user);
    expect((await login(user, { totp_code: codeOf(old.secret) })).status).toBe(200);
    expect((await call(user, '/auth/totp/confirm', { totp_code: codeOf(secret) })).status).toBe(200);
    await forgetStep(user);
    expectProblem(await login(user, { totp_code: codeOf(old.secret) }), 403, 'TOTP_INVALID');
    expectProblem(await login(user, { recovery_code: old.recovery_codes[0] }), 403, 'TOTP_INVALID');
    expect((await login(user, { totp_code: codeOf(secret) })).status).toBe(200);
    expect((await auditOf('user_totp', user)).map(({ action }) => action)).toEqual(['ENROL', 'REPLACE']);
  });

  it('is not to be had without keys', async () => {
    await withApi(bank, { ...LIMITS, DATA_KEYS: '' }, async (keyless) => {
      const user = await api.customer();
      const answer = await call(user, '/auth/totp', { password: TEST_PASSWORD }, keyless);
      expectProblem(answer, 503, 'SECOND_FACTOR_UNAVAILABLE');
      expect((await login(user, {}, keyless)).status).toBe(200);
    });
  });
});

describe('a login with a second factor', () => {
  it('takes a code of now, the step before and the step after, and none other', async () => {
    const user = await api.customer();
    const { secret } = await enrol(user);
    for (const steps of [-1, 0, 1]) {
      // A step may begin between the making of a code and its check: then the next one is the one of the window.
      const answer = await login(user, { totp_code: codeOf(secret, steps) });
      if (answer.status !== 200)
        expect((await login(user, { totp_code: codeOf(secret, steps) })).status).toBe(200);
      await forgetStep(user);
    }
    for (const steps of [-4, -3, 3, 4])
      expectProblem(await login(user, { totp_code: codeOf(secret, steps) }), 403, 'TOTP_INVALID');
  });

  it('refuses a code that was used, and every one before it', async () => {
    const user = await api.customer();
    const { secret } = await enrol(user);
    const code = codeOf(secret);
    expect((await login(user, { totp_code: code })).status).toBe(200);
    expectProblem(await login(user, { totp_code: code }), 403, 'TOTP_INVALID');
    expectProblem(await call(user, '/auth/step-up', { totp_code: code }), 403, 'TOTP_INVALID');
    expectProblem(await login(user, { totp_code: codeOf(secret, -1) }), 403, 'TOTP_INVALID');
  });

  it('lets one of many who use a code at once in, over two processes', async () => {
    const user = await api.customer();
    const { secret } = await enrol(user);
    await withApi(bank, LIMITS, async (other) => {
      const totp_code = codeOf(secret);
      const answers = await Promise.all([api, other, api, other].map((at) => login(user, { totp_code }, at)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403]);
    });
  });

  it('says nothing of the second factor to who does not know the password', async () => {
    const user = await api.customer();
    const { secret } = await enrol(user);
    const answer = await login(user, { password: 'wrong', totp_code: codeOf(secret) });
    expectProblem(answer, 401, 'INVALID_CREDENTIALS');
  });

  it('locks after five wrong codes, for a time that doubles, right ones and recovery codes too', async () => {
    const user = await api.customer();
    const { secret, recovery_codes } = await enrol(user);
    const wrong = () => login(user, { totp_code: codeOf(secret, 40) });
    for (let i = 0; i < 5; i += 1) expectProblem(await wrong(), 403, 'TOTP_INVALID');
    for (const given of [{ totp_code: codeOf(secret) }, { recovery_code: recovery_codes[0] }]) {
      const answer = await login(user, given);
      expectProblem(answer, 423, 'USER_LOCKED');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    const passTime = (seconds: number) =>
      bank.owner.execute(
        'UPDATE user_totp SET locked_until = locked_until - INTERVAL ? SECOND WHERE user_id = ?',
        [seconds, user.user_id],
      );
    await passTime(60);
    expectProblem(await wrong(), 403, 'TOTP_INVALID');
    expect(Number((await wrong()).headers['retry-after'])).toBeGreaterThan(60);
    await passTime(120);
    expect((await login(user, { totp_code: codeOf(secret) })).status).toBe(200);
    const reasons = await bank.owner.query<{ reason: string }>(
      'SELECT reason FROM login_activity WHERE user_id = ? ORDER BY login_activity_id',
      [user.user_id],
    );
    expect(reasons.map(({ reason }) => reason)).toEqual([
      ...Array<string>(5).fill('WRONG_CODE'),
      'LOCKED',
      'LOCKED',
      'WRONG_CODE',
      'LOCKED',
      'OK',
    ]);
  });

  it('answers five of fifty guesses at once', async () => {
    const user = await api.customer();
    const { secret } = await enrol(user);
    const guesses = Array.from({ length: 50 }, (_, i) =>
      call(user, '/auth/step-up', { totp_code: codeOf(secret, 40 + i) }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 403)).toHaveLength(5);
    expect(statuses.filter((status) => status === 423)).toHaveLength(45);
  });

  it('is limited for each user, over all processes', async () => {
    const settings = { ...LIMITS, RATE_LIMIT_CODES_PER_MINUTE: '4' };
    const [user, other] = [await api.customer(), await api.customer()];
    await withApi(bank, settings, (one) =>
      withApi(bank, settings, async (two) => {
        // The first code of the secret is one of the four.
        const { secret } = await enrol(user, one);
        await enrol(other, two);
        const statuses: number[] = [];
        for (const at of [one, two, one, two, one])
          statuses.push((await login(user, { totp_code: codeOf(secret, 40) }, at)).status);
        expect(statuses).toEqual([403, 403, 403, 429, 429]);
        expectProblem(await login(other, { totp_code: '000000' }, one), 403, 'TOTP_INVALID');
      }),
    );
  });
});

describe('recovery codes', () => {
  it('let in once each, however they are typed, and their use is audited', async () => {
    const user = await api.customer();
    const { recovery_codes } = await enrol(user);
    const [first = '', second = ''] = recovery_codes;
    expect(first).toMatch(/^([0-9a-hjkmnp-tv-z]{5}-){4}[0-9a-hjkmnp-tv-z]{5}$/);
    expect((await login(user, { recovery_code: first })).status).toBe(200);
    expectProblem(await login(user, { recovery_code: first }), 403, 'TOTP_INVALID');
    const typed = ` ${second.toUpperCase().replace(/-/g, ' ').replace(/0/g, 'O').replace(/1/g, 'l')}`;
    expect((await login(user, { recovery_code: typed })).status).toBe(200);
    expect((await api.http.get('/auth/totp').set(user.headers)).body.recovery_codes_left).toBe(8);
    const audit = await auditOf('recovery_codes', user);
    expect(audit.map(({ action, actor_user_id }) => [action, actor_user_id])).toEqual([
      ['USE', user.user_id],
      ['USE', user.user_id],
    ]);
  });

  it('let one of many in who use one at once', async () => {
    const user = await api.customer();
    const { recovery_codes } = await enrol(user);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => call(user, '/auth/step-up', { recovery_code: recovery_codes[3] })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("are not another user's, and are replaced for a one-time code", async () => {
    const [user, other] = [await api.customer(), await api.customer()];
    const { secret, recovery_codes } = await enrol(user);
    await enrol(other);
    expectProblem(await login(other, { recovery_code: recovery_codes[0] }), 403, 'TOTP_INVALID');
    const answer = await call(user, '/auth/totp/recovery-codes', { totp_code: codeOf(secret) });
    expect(answer.body.recovery_codes).toHaveLength(10);
    expectProblem(await login(user, { recovery_code: recovery_codes[0] }), 403, 'TOTP_INVALID');
    expect((await login(user, { recovery_code: answer.body.recovery_codes[0] })).status).toBe(200);
    const nobody = await api.customer();
    expectProblem(
      await call(nobody, '/auth/totp/recovery-codes', { totp_code: '123456' }),
      409,
      'TOTP_NOT_ENROLLED',
    );
  });
});

describe('a role that needs a second factor', () => {
  /** A session of someone who logged in with the password alone. */
  async function passwordSession(role: 'admin' | 'auditor', at: TestApi): Promise<ApiUser> {
    const user = await at.staff(role);
    const { access_token } = (await login(user, {}, at)).body as { access_token: string };
    return { ...user, token: access_token, headers: { authorization: `Bearer ${access_token}` } };
  }
  const get = (user: ApiUser, path: string, at: TestApi) => at.http.get(path).set(user.headers);

  it('can only enrol until it has one, in production an administrator always', async () => {
    await withApi(bank, { ...LIMITS, NODE_ENV: 'production' }, async (production) => {
      const admin = await passwordSession('admin', production);
      for (const path of ['/admin/users', '/accounts', '/users/profile', '/auth/sessions'])
        expectProblem(await get(admin, path, production), 403, 'SECOND_FACTOR_REQUIRED');
      expect((await get(admin, '/auth/me', production)).status).toBe(200);
      expect((await get(admin, '/auth/totp', production)).body).toMatchObject({
        is_enrolled: false,
        is_required: true,
      });
      const { access_token, secret } = await enrol(admin, production);
      const enrolled = { ...admin, headers: { authorization: `Bearer ${access_token}` } };
      expect((await get(enrolled, '/admin/users', production)).status).toBe(200);
      expectProblem(await get(admin, '/admin/users', production), 403, 'SECOND_FACTOR_REQUIRED');
      const session = await login(admin, { totp_code: codeOf(secret) }, production);
      const again = { ...admin, headers: { authorization: `Bearer ${session.body.access_token}` } };
      expect((await get(again, '/admin/users', production)).status).toBe(200);
      const auditor = await passwordSession('auditor', production);
      expect((await get(auditor, '/admin/users', production)).status).toBe(200);
    });
  });

  it('is what the settings say for others, and a session keeps its factor when it is refreshed', async () => {
    await withApi(bank, { ...LIMITS, TOTP_REQUIRED_ROLES: 'auditor, analyst' }, async (strict) => {
      const admin = await passwordSession('admin', strict);
      expect((await get(admin, '/admin/users', strict)).status).toBe(200);
      const auditor = await passwordSession('auditor', strict);
      expectProblem(await get(auditor, '/admin/users', strict), 403, 'SECOND_FACTOR_REQUIRED');
      const { secret } = await enrol(auditor, strict);
      const session = (await login(auditor, { totp_code: codeOf(secret) }, strict)).body;
      const next = await strict.http.post('/auth/refresh').send({ refresh_token: session.refresh_token });
      const refreshed = { ...auditor, headers: { authorization: `Bearer ${next.body.access_token}` } };
      expect((await get(refreshed, '/admin/users', strict)).status).toBe(200);
    });
  });
});

describe('DELETE /admin/users/:user_id/totp', () => {
  it('takes the second factor away, ends the sessions, and is audited', async () => {
    const [admin, user] = [await api.staff('admin'), await api.customer()];
    const { secret } = await enrol(user);
    const session = (await login(user, { totp_code: codeOf(secret) })).body;
    const answer = await api.http.delete(`/admin/users/${user.user_id}/totp`).set(admin.headers);
    expect(answer.status).toBe(204);
    const me = await api.http.get('/auth/me').set('authorization', `Bearer ${session.access_token}`);
    expectProblem(me, 401, 'UNAUTHENTICATED');
    expectProblem(
      await api.http.post('/auth/refresh').send({ refresh_token: session.refresh_token }),
      401,
      'INVALID_REFRESH_TOKEN',
    );
    expect((await login(user)).status).toBe(200);
    const audit = await auditOf('user_totp', user);
    expect(audit.map(({ action, actor_user_id }) => [action, actor_user_id])).toEqual([
      ['ENROL', user.user_id],
      ['DISABLE', admin.user_id],
    ]);
    const again = await api.http.delete(`/admin/users/${user.user_id}/totp`).set(admin.headers);
    expectProblem(again, 409, 'TOTP_NOT_ENROLLED');
    const nobody = await api.http.delete('/admin/users/999999999/totp').set(admin.headers);
    expectProblem(nobody, 404, 'USER_NOT_FOUND');
  });

  it('is for administrators who proved lately who they are', async () => {
    const [admin, user] = [await api.staff('admin'), await api.customer()];
    const stale: Authentication = { session_id: null, authenticated_at_s: 0, has_second_factor: true };
    const token = api.app
      .get(TokenService, { strict: false })
      .sign({ user_id: admin.user_id, username: admin.username, role: 'admin' }, 0, stale);
    const path = `/admin/users/${user.user_id}/totp`;
    expectProblem(
      await api.http.delete(path).set('authorization', `Bearer ${token}`),
      403,
      'STEP_UP_REQUIRED',
    );
    expectProblem(await api.http.delete(path).set((await api.staff('auditor')).headers), 403, 'FORBIDDEN');
  });
});

describe('keys for secrets', () => {
  it('are replaced while the bank runs', async () => {
    const user = await api.customer();
    const { secret } = await enrol(user);
    const both = `${OTHER_KEY},${String(bank.environment.DATA_KEYS)}`;
    await withApi(bank, { ...LIMITS, DATA_KEYS: both }, async (rotating) => {
      expect((await login(user, { totp_code: codeOf(secret) }, rotating)).status).toBe(200);
      const later = await api.customer();
      await enrol(later, rotating);
      const before = await reencrypt(bank.owner, new Keyring(parseDataKeys(both)));
      const [column] = before;
      expect(column).toMatchObject({ column: 'user_totp.secret', unreadable: 0 });
      expect(column?.renewed).toBeGreaterThanOrEqual(1);
      const after = await reencrypt(bank.owner, new Keyring(parseDataKeys(OTHER_KEY)));
      expect(after.map(({ renewed, unreadable }) => [renewed, unreadable])).toEqual([
        [0, 0],
        [0, 0],
      ]);
    });
    await withApi(bank, { ...LIMITS, DATA_KEYS: OTHER_KEY }, async (rotated) => {
      await forgetStep(user);
      expect((await login(user, { totp_code: codeOf(secret) }, rotated)).status).toBe(200);
    });
    const unreadable = await reencrypt(
      bank.owner,
      new Keyring(parseDataKeys(String(bank.environment.DATA_KEYS))),
    );
    expect(unreadable[0]?.unreadable).toBeGreaterThanOrEqual(2);
    expect(unreadable[0]?.renewed).toBe(0);
  });
});
