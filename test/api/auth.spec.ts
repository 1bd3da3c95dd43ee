import { JwtService } from '@nestjs/jwt';
import { registration, startApi, TEST_PASSWORD, type TestApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

const PROFILE_FIELDS = [
  'created_at',
  'date_of_birth',
  'email',
  'full_name',
  'has_pin',
  'is_active',
  'kyc_status',
  'phone_number',
  'role',
  'user_id',
  'username',
];

let bank: TestBank;
let api: TestApi;

beforeAll(async () => {
  bank = await createTestBank();
  api = await startApi(bank, { RATE_LIMIT_LOGIN_PER_MINUTE: '100000', RATE_LIMIT_TAKEN_PER_HOUR: '100' });
});
afterAll(async () => {
  await api.close();
  await bank.close();
});

/** Lets the time of a lock pass without waiting for it. */
async function passTime(userId: string, seconds: number): Promise<void> {
  await bank.owner.execute(
    'UPDATE user_credentials SET password_locked_until = password_locked_until - INTERVAL ? SECOND WHERE user_id = ?',
    [seconds, userId],
  );
}

async function attempts(username: string): Promise<{ succeeded: number; reason: string }[]> {
  return bank.owner.query(
    'SELECT succeeded, reason FROM login_activity WHERE username = ? ORDER BY login_activity_id',
    [username],
  );
}

const me = (token: string) => api.http.get('/auth/me').set('authorization', `Bearer ${token}`);

describe('POST /auth/register', () => {
  it('makes a customer whose identity is not yet checked', async () => {
    const body = registration({ phone_number: '+44 (20) 7946-0000' });
    const answer = await api.http.post('/auth/register').send(body);
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.body).sort()).toEqual(PROFILE_FIELDS);
    expect(answer.body).toMatchObject({
      user_id: expect.stringMatching(/^\d+$/),
      username: body.username,
      email: body.email,
      full_name: 'Grace Hopper',
      date_of_birth: '1986-12-09',
      phone_number: '+442079460000',
      role: 'customer',
      kyc_status: 'pending',
      is_active: true,
      has_pin: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    });
  });

  it('keeps the password as bcrypt with 12 rounds, and writes who came from where into the audit', async () => {
    const { body } = await api.register();
    const [row] = await bank.owner.query<{ password_hash: string }>(
      'SELECT password_hash FROM user_credentials WHERE user_id = ?',
      [body.user_id],
    );
    expect(row?.password_hash).toMatch(/^\$2b\$12\$/);
    const audit = await bank.owner.query(
      "SELECT action, ip_address FROM system_audit_logs WHERE table_name = 'users' AND record_id = ?",
      [body.user_id],
    );
    expect(audit).toEqual([{ action: 'INSERT', ip_address: '127.0.0.1' }]);
  });

  it('refuses a username or an address that is taken, in any case of letters, and leaves no trace', async () => {
    const first = registration();
    await api.http.post('/auth/register').send(first);
    const count = () => bank.owner.query('SELECT COUNT(*) AS n FROM users');
    const before = await count();
    expectProblem(
      await api.register({ username: String(first.username).toUpperCase() }),
      409,
      'USERNAME_TAKEN',
    );
    expectProblem(await api.register({ email: String(first.email).toUpperCase() }), 409, 'EMAIL_TAKEN');
    expect(await count()).toEqual(before);
  });

  it('lets one of many have a username', async () => {
    const username = 'sought.after';
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.register({ username })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
  });

  const today = new Date();
  const yearsAgo = (years: number, days = 0) =>
    new Date(Date.UTC(today.getUTCFullYear() - years, today.getUTCMonth(), today.getUTCDate() + days))
      .toISOString()
      .slice(0, 10);

  it.each([
    ['username', 'ab'],
    ['username', 'a'.repeat(65)],
    ['username', 'ada lovelace'],
    ['username', 'adä'],
    ['username', 'ada\u0000'],
    ['username', 42],
    ['password', 'seven77'],
    ['password', 'fourteen chars'],
    ['password', 'passwordpassword'],
    ['password', 'ab'.repeat(129)],
    ['password', 'lone surrogate \ud800'],
    ['password', 'null\u0000character'],
    ['password', 12345678],
    ['email', 'not-an-address'],
    ['email', `${'a'.repeat(250)}@bank.test`],
    ['full_name', '   '],
    ['full_name', 'a'.repeat(201)],
    ['full_name', 'Ada\u0000'],
    ['full_name', 'Ada \ud800'],
    ['date_of_birth', '1990-02-30'],
    ['date_of_birth', '10.12.1990'],
    ['date_of_birth', '1700-01-01'],
    ['date_of_birth', '2999-01-01'],
    ['date_of_birth', yearsAgo(16, 1)],
    ['phone_number', '12'],
    ['phone_number', 'call me'],
    ['role', 'admin'],
    ['kyc_status', 'verified'],
  ])('refuses %s %j by name', async (field, value) => {
    const answer = await api.register({ [field]: value });
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.errors).toEqual([{ field, message: expect.any(String) }]);
  });

  it('names every missing field', async () => {
    const answer = await api.http.post('/auth/register').send({});
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'date_of_birth',
      'email',
      'full_name',
      'password',
      'username',
    ]);
    expect(answer.body.errors[0].message).toBe('is required');
  });

  it('accepts the limits: a long password, a sixteenth birthday, a name in any script', async () => {
    const answer = await api.register({ date_of_birth: yearsAgo(16), full_name: '  भारत 🏦  ' });
    expect(answer.status).toBe(201);
    expect(answer.body.full_name).toBe('भारत 🏦');
  });

  it('tells passwords apart to their last letter, past the 72 bytes that bcrypt reads', async () => {
    const long = `${'münchner kindl '.repeat(16)}is long!`;
    const { body } = await api.register({ password: long });
    expect((await api.login(body.username, `${long.slice(0, -1)}?`)).status).toBe(401);
    expect((await api.login(body.username, long.slice(0, 71))).status).toBe(401);
    expect((await api.login(body.username, long)).status).toBe(200);
  });

  it('takes a password that another keyboard composes otherwise', async () => {
    const { body } = await api.register({ password: 'die br\u00fccke \u00fcber den flu\u00df' });
    expect((await api.login(body.username, 'die bru\u0308cke u\u0308ber den flu\u00df')).status).toBe(200);
  });
});

describe('POST /auth/login', () => {
  it('gives a session', async () => {
    const user = await api.customer();
    const answer = await api.login(user.username);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      user_id: user.user_id,
      username: user.username,
      role: 'customer',
    });
    expect((await me(answer.body.access_token)).body.user_id).toBe(user.user_id);
  });

  it('puts issuer, audience, expiry and key id into the token, and nothing private', async () => {
    const { username } = await api.customer();
    const { body } = await api.login(username);
    const { header, payload } = new JwtService().decode(body.access_token, { complete: true });
    expect(header).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'k1' });
    expect(Object.keys(payload).sort()).toEqual([
      'amr',
      'aud',
      'auth_time',
      'exp',
      'iat',
      'iss',
      'role',
      'sid',
      'sub',
      'username',
      'ver',
    ]);
    expect(payload).toMatchObject({ iss: 'florin', aud: 'florin-api' });
    expect(payload.exp - payload.iat).toBe(3600);
  });

  it('does not care about the case of the username', async () => {
    const user = await api.customer();
    const answer = await api.login(user.username.toUpperCase());
    expect(answer.body.username).toBe(user.username);
  });

  it('answers the same for a wrong password, an unknown user and an inactive one', async () => {
    const user = await api.customer();
    const inactive = await api.customer({ is_active: false });
    const withoutPassword = await bank.createUser();
    const answers = await Promise.all([
      api.login(user.username, 'not it at all'),
      api.login('nobody.here'),
      api.login('nobödy'),
      api.login(inactive.username),
      api.login(withoutPassword.username),
    ]);
    for (const answer of answers) {
      expectProblem(answer, 401, 'INVALID_CREDENTIALS');
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
    expect(new Set(answers.map(({ body }) => `${body.title} ${body.detail}`)).size).toBe(1);
  });

  it('keeps a row of every attempt with address, user agent and reason', async () => {
    const { username, user_id } = await api.customer();
    await api.http
      .post('/auth/login')
      .set('user-agent', `browser/${'9'.repeat(300)}`)
      .send({ username, password: 'wrong password' });
    await api.login(username);
    await api.login('somebody.else', 'wrong password');
    const rows = await bank.owner.query(
      'SELECT user_id, succeeded, reason, ip_address, user_agent FROM login_activity WHERE username IN (?, ?) ORDER BY login_activity_id',
      [username, 'somebody.else'],
    );
    expect(rows).toEqual([
      {
        user_id,
        succeeded: 0,
        reason: 'WRONG_PASSWORD',
        ip_address: '127.0.0.1',
        user_agent: `browser/${'9'.repeat(247)}`,
      },
      { user_id, succeeded: 1, reason: 'OK', ip_address: '127.0.0.1', user_agent: null },
      { user_id: null, succeeded: 0, reason: 'UNKNOWN_USER', ip_address: '127.0.0.1', user_agent: null },
    ]);
  });

  it('writes down inactive users as such', async () => {
    const { username } = await api.customer({ is_active: false });
    await api.login(username);
    expect(await attempts(username)).toEqual([{ succeeded: 0, reason: 'INACTIVE' }]);
  });

  it.each([{}, { username: 'ada' }, { username: '', password: 'x' }, { username: 'ada', password: '' }, []])(
    'refuses %j',
    async (body) => {
      expectProblem(await api.http.post('/auth/login').send(body), 400, 'VALIDATION_FAILED');
    },
  );
});

describe('wrong passwords', () => {
  const WRONG = 'not it at all';

  async function lockedFor(username: string, password = WRONG): Promise<number> {
    const answer = await api.login(username, password);
    expectProblem(answer, 423, 'USER_LOCKED');
    return Number(answer.headers['retry-after']);
  }

  it('lock after the fifth, for a time that doubles, up to a day', async () => {
    const { username, user_id } = await api.customer();
    for (let i = 0; i < 5; i += 1) expect((await api.login(username, WRONG)).status).toBe(401);
    for (let lock_s = 60; ; lock_s = Math.min(lock_s * 2, 86_400)) {
      const left = await lockedFor(username);
      expect(left).toBeLessThanOrEqual(lock_s);
      expect(left).toBeGreaterThan(lock_s - 30);
      if (lock_s === 86_400) break;
      await passTime(user_id, lock_s);
      expect((await api.login(username, WRONG)).status).toBe(401);
    }
    await passTime(user_id, 86_400);
    expect((await api.login(username, WRONG)).status).toBe(401);
    expect(await lockedFor(username)).toBeGreaterThan(86_000);
  });

  it('meet a lock that does not say whether the password was right', async () => {
    const { username, user_id } = await api.customer();
    for (let i = 0; i < 5; i += 1) await api.login(username, WRONG);
    expect(await lockedFor(username, TEST_PASSWORD)).toBeGreaterThan(0);
    expect((await attempts(username)).map(({ reason }) => reason)).toEqual([
      ...Array<string>(5).fill('WRONG_PASSWORD'),
      'LOCKED',
    ]);
    await passTime(user_id, 60);
    expect((await api.login(username)).status).toBe(200);
  });

  it('are forgotten after a good login', async () => {
    const { username } = await api.customer();
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 4; i += 1) expect((await api.login(username, WRONG)).status).toBe(401);
      expect((await api.login(username)).status).toBe(200);
    }
  });

  it('get five tries, not fifty, when fifty come at once, over two processes', async () => {
    const { username } = await api.customer();
    const other = await startApi(bank, { RATE_LIMIT_LOGIN_PER_MINUTE: '100000' });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        (i % 2 === 0 ? api : other).login(username, i === 49 ? TEST_PASSWORD : `guess number ${i}`),
      ),
    );
    await other.close();
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 423)).toHaveLength(45);
    const reasons = (await attempts(username)).map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === 'WRONG_PASSWORD')).toHaveLength(5);
    expect(reasons.filter((reason) => reason === 'LOCKED')).toHaveLength(45);
  });

  it('do not keep those out who all know the password at once', async () => {
    const { username } = await api.customer();
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.login(username)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('lock inactive users as they lock others', async () => {
    const { username } = await api.customer({ is_active: false });
    for (let i = 0; i < 5; i += 1) expect((await api.login(username)).status).toBe(401);
    expect(await lockedFor(username)).toBeGreaterThan(0);
  });
});
