import { setTimeout as sleep } from 'node:timers/promises';
import { PinService } from '../../src/auth/pin.service';
import { type ApiUser, startApi, TEST_PASSWORD, TEST_PIN, type TestApi, withApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

const NEW_PASSWORD = 'another fine password';

let bank: TestBank;
let api: TestApi;

beforeAll(async () => {
  bank = await createTestBank();
  api = await startApi(bank, { RATE_LIMIT_LOGIN_PER_MINUTE: '100000', PIN_REQUIRED_FROM: '1000.50' });
});
afterAll(async () => {
  await api.close();
  await bank.close();
});

const profile = ({ headers }: ApiUser) => api.http.get('/users/profile').set(headers);
const update = ({ headers }: ApiUser, changes: object) =>
  api.http.put('/users/profile').set(headers).send(changes);
const changePassword = ({ headers }: ApiUser, current_password: string, new_password: string) =>
  api.http.put('/users/password').set(headers).send({ current_password, new_password });
const setPin = ({ headers }: ApiUser, new_pin: unknown, password: string) =>
  api.http.put('/users/pin').set(headers).send({ new_pin, password });

describe('GET /users/profile', () => {
  it.each(['customer', 'auditor', 'admin'] as const)('shows a(n) %s what /auth/me shows', async (role) => {
    const user = role === 'customer' ? await api.customer({ with_pin: true }) : await api.staff(role);
    const answer = await profile(user);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      user_id: user.user_id,
      username: user.username,
      role,
      kyc_status: 'verified',
      has_pin: role === 'customer',
    });
    expect(answer.body).not.toHaveProperty('password_hash');
    expect((await api.http.get('/auth/me').set(user.headers)).body).toEqual(answer.body);
  });

  it.each(['get', 'put'] as const)('needs a login (%s)', async (method) => {
    expectProblem(await api.http[method]('/users/profile').send(), 401, 'UNAUTHENTICATED');
  });
});

describe('PUT /users/profile', () => {
  it('changes what is given and nothing else, and writes who did into the audit', async () => {
    const user = await api.customer();
    const before = { ...(await profile(user)).body, kyc_status: 'pending' };
    const answer = await update(user, { full_name: ' Ada King 🏦 ', phone_number: '+1-555-010-0199' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...before, full_name: 'Ada King 🏦', phone_number: '+15550100199' });
    const email = `new.${user.username}@bank.test`;
    expect((await update(user, { email })).body.email).toBe(email);
    expect((await update(user, { phone_number: null })).body.phone_number).toBeNull();
    expect((await profile(user)).body).toEqual({
      ...before,
      full_name: 'Ada King 🏦',
      email,
      phone_number: null,
    });
    const audit = await bank.owner.query(
      `SELECT actor_user_id, ip_address, request_id IS NOT NULL AS has_request FROM system_audit_logs
       WHERE table_name = 'users' AND record_id = ? AND action = 'UPDATE'`,
      [user.user_id],
    );
    expect(audit).toEqual(
      Array(3).fill({ actor_user_id: user.user_id, ip_address: '127.0.0.1', has_request: expect.anything() }),
    );
  });

  it('another name is to be verified again, another address is not', async () => {
    const user = await api.customer();
    const verify = () =>
      bank.owner.execute("UPDATE users SET kyc_status = 'verified' WHERE user_id = ?", [user.user_id]);
    await verify();
    expect((await update(user, { email: `other.${user.username}@bank.test` })).body.kyc_status).toBe(
      'verified',
    );
    expect((await update(user, { full_name: 'Ivan Other' })).body).toMatchObject({
      full_name: 'Ivan Other',
      kyc_status: 'pending',
    });
    await verify();
    expect((await profile(user)).body.kyc_status).toBe('verified');
    expect((await update(user, { full_name: 'Ivan Other' })).body.kyc_status).toBe('verified');
  });

  it('refuses an address that is in use', async () => {
    const [user, other] = [await api.customer(), await api.customer()];
    const { email } = (await profile(other)).body;
    expectProblem(await update(user, { full_name: 'Not Kept', email }), 409, 'EMAIL_TAKEN');
    expect((await profile(user)).body.full_name).toBe('Ada Lovelace');
    expect((await update(other, { email })).status).toBe(200);
  });

  it.each([
    [{}, 'body'],
    [{ full_name: '' }, 'full_name'],
    [{ full_name: null }, 'full_name'],
    [{ full_name: 'a\u0000b' }, 'full_name'],
    [{ email: 'nowhere' }, 'email'],
    [{ email: null }, 'email'],
    [{ phone_number: '12' }, 'phone_number'],
    [{ role: 'admin' }, 'role'],
    [{ full_name: 'Ada', kyc_status: 'verified' }, 'kyc_status'],
    [{ username: 'other' }, 'username'],
    [{ date_of_birth: '1980-01-01' }, 'date_of_birth'],
  ])('refuses %j', async (changes, field) => {
    const answer = await update(await api.customer(), changes);
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
  });
});

describe('PUT /users/password', () => {
  it('changes it, and ends every session in every process', async () => {
    const user = await api.customer();
    const { refresh_token } = (await api.login(user.username)).body;
    await withApi(bank, {}, async (other) => {
      const answer = await changePassword(user, TEST_PASSWORD, NEW_PASSWORD);
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
      expectProblem(await profile(user), 401, 'UNAUTHENTICATED');
      const elsewhere = () => other.http.get('/users/profile').set(user.headers);
      for (let i = 0; (await elsewhere()).status === 200 && i < 100; i += 1) await sleep(100);
      expectProblem(await elsewhere(), 401, 'UNAUTHENTICATED');
    });
    expectProblem(await api.http.post('/auth/refresh').send({ refresh_token }), 401, 'INVALID_REFRESH_TOKEN');
    expectProblem(await api.login(user.username), 401, 'INVALID_CREDENTIALS');
    const session = await api.login(user.username, NEW_PASSWORD);
    expect(session.status).toBe(200);
    const me = await api.http.get('/auth/me').set('authorization', `Bearer ${session.body.access_token}`);
    expect(me.status).toBe(200);
  });

  it('lets one of two changes at once happen', async () => {
    const user = await api.customer();
    const answers = await Promise.all(
      ['the first password', 'the second password'].map((password) =>
        changePassword(user, TEST_PASSWORD, password),
      ),
    );
    const winners = answers.filter(({ status }) => status === 204);
    expect(winners).toHaveLength(1);
    const logins = await Promise.all(
      ['the first password', 'the second password'].map((password) => api.login(user.username, password)),
    );
    expect(logins.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('counts wrong passwords towards the lock of the login', async () => {
    const user = await api.customer();
    for (let i = 0; i < 3; i += 1)
      expectProblem(await changePassword(user, 'wrong', NEW_PASSWORD), 403, 'PASSWORD_INVALID');
    expectProblem(await setPin(user, '1234', 'wrong'), 403, 'PASSWORD_INVALID');
    expectProblem(await api.login(user.username, 'wrong'), 401, 'INVALID_CREDENTIALS');
    const locked = [
      await changePassword(user, TEST_PASSWORD, NEW_PASSWORD),
      await setPin(user, '1234', TEST_PASSWORD),
      await api.login(user.username),
    ];
    for (const answer of locked) {
      expectProblem(answer, 423, 'USER_LOCKED');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await profile(user)).status).toBe(200);
  });

  it.each([
    [{ current_password: TEST_PASSWORD, new_password: 'short' }, 'new_password'],
    [{ current_password: TEST_PASSWORD, new_password: 'passwordpassword' }, 'new_password'],
    [{ current_password: TEST_PASSWORD, new_password: 'null\u0000byte' }, 'new_password'],
    [{ new_password: NEW_PASSWORD }, 'current_password'],
    [{}, 'new_password'],
  ])('refuses %j', async (body, field) => {
    const { headers } = await api.customer();
    const answer = await api.http.put('/users/password').set(headers).send(body);
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
  });

  it('needs a login', async () => {
    expectProblem(await api.http.put('/users/password').send({}), 401, 'UNAUTHENTICATED');
  });
});

describe('PUT /users/pin', () => {
  it('sets a PIN, kept as bcrypt with 12 rounds, and says so in the profile', async () => {
    const user = await api.customer();
    expect((await profile(user)).body.has_pin).toBe(false);
    expect((await setPin(user, '013579', TEST_PASSWORD)).status).toBe(204);
    expect((await profile(user)).body.has_pin).toBe(true);
    const [row] = await bank.owner.query<{ pin_hash: string }>(
      'SELECT pin_hash FROM user_credentials WHERE user_id = ?',
      [user.user_id],
    );
    expect(row?.pin_hash).toMatch(/^\$2b\$12\$/);
  });

  it.each(['123', '1234567', '12a4', '１２３４', 1234, '', null, '12\n34'])('refuses %j', async (pin) => {
    const answer = await setPin(await api.customer(), pin, TEST_PASSWORD);
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.errors).toEqual([{ field: 'new_pin', message: expect.any(String) }]);
  });

  it('needs a login', async () => {
    expectProblem(await api.http.put('/users/pin').send({}), 401, 'UNAUTHENTICATED');
  });
});

describe('the PIN for large amounts', () => {
  const check = (user: ApiUser, amount_minor: bigint, pin?: string, exponent = 2) =>
    api.app
      .get(PinService)
      .requirePin(
        { user_id: user.user_id, username: user.username, role: 'customer' },
        [{ currency: 'XXX', amount_minor, exponent }],
        pin,
      );
  const lockedUntil = (userId: string, seconds: number) =>
    bank.owner.execute(
      'UPDATE user_credentials SET pin_locked_until = pin_locked_until - INTERVAL ? SECOND WHERE user_id = ?',
      [seconds, userId],
    );

  it('is asked for from the limit on, in the major units of any currency', async () => {
    const user = await api.customer({ with_pin: true });
    await expect(check(user, 100_049n)).resolves.toBeUndefined();
    await expect(check(user, 100_050n)).rejects.toMatchObject({ code: 'PIN_REQUIRED' });
    await expect(check(user, 1_000n, undefined, 0)).resolves.toBeUndefined();
    await expect(check(user, 1_001n, undefined, 0)).rejects.toMatchObject({ code: 'PIN_REQUIRED' });
    await expect(check(user, 1_000_499n, undefined, 3)).resolves.toBeUndefined();
    await expect(check(user, 1_000_500n, undefined, 3)).rejects.toMatchObject({ code: 'PIN_REQUIRED' });
    await expect(check(user, 100_050n, TEST_PIN)).resolves.toBeUndefined();
  });

  it('is not asked of who has set none', async () => {
    await expect(check(await api.customer(), 10_000_000n)).resolves.toBeUndefined();
  });

  it('is not looked at below the limit, even when wrong', async () => {
    const user = await api.customer({ with_pin: true });
    for (let i = 0; i < 7; i += 1) await expect(check(user, 1n, '0000')).resolves.toBeUndefined();
  });

  it('locks after five wrong ones for a time that grows, apart from the password', async () => {
    const user = await api.customer({ with_pin: true });
    const wrong = () => check(user, 200_000n, '0000');
    for (let i = 0; i < 5; i += 1) await expect(wrong()).rejects.toMatchObject({ code: 'PIN_INVALID' });
    await expect(check(user, 200_000n, TEST_PIN)).rejects.toMatchObject({ code: 'USER_LOCKED' });
    expect((await api.login(user.username)).status).toBe(200);
    await lockedUntil(user.user_id, 60);
    await expect(wrong()).rejects.toMatchObject({ code: 'PIN_INVALID' });
    const lock: { retryAfterSeconds: number } = await wrong().then(
      () => Promise.reject(new Error('not locked')),
      (error: { retryAfterSeconds: number }) => error,
    );
    expect(lock.retryAfterSeconds).toBeGreaterThan(60);
    expect(lock.retryAfterSeconds).toBeLessThanOrEqual(120);
    await lockedUntil(user.user_id, 120);
    await expect(check(user, 200_000n, TEST_PIN)).resolves.toBeUndefined();
    await expect(wrong()).rejects.toMatchObject({ code: 'PIN_INVALID' });
    await expect(check(user, 200_000n, TEST_PIN)).resolves.toBeUndefined();
  });

  it('has each user wait for themselves, and nobody who logs in', async () => {
    const [user, other] = [await api.customer({ with_pin: true }), await api.customer({ with_pin: true })];
    const guesses = Array.from({ length: 50 }, () => check(user, 200_000n, '0000'));
    const answers = Promise.allSettled(guesses);
    await expect(check(other, 200_000n, TEST_PIN)).resolves.toBeUndefined();
    expect((await api.login(user.username)).status).toBe(200);
    const codes = (await answers).map((answer) =>
      answer.status === 'rejected' ? (answer.reason as { code: string }).code : 'OK',
    );
    expect(codes.filter((code) => code === 'TOO_MANY_LOGINS').length).toBeGreaterThanOrEqual(45);
    expect(codes.filter((code) => code === 'PIN_INVALID').length).toBeGreaterThanOrEqual(3);
    expect(codes).not.toContain('OK');
  });
});
