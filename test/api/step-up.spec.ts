import { Secret, TOTP } from 'otpauth';
import { buildOpenApi } from '../../src/http/openapi';
import { type ApiUser, startApi, TEST_PASSWORD, type TestApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

let bank: TestBank;
let api: TestApi;

beforeAll(async () => {
  bank = await createTestBank();
  api = await startApi(bank, { RATE_LIMIT_LOGIN_PER_MINUTE: '100000', RATE_LIMIT_CODES_PER_MINUTE: '1000' });
});
afterAll(async () => {
  await api.close();
  await bank.close();
});

interface Tokens {
  access_token: string;
  refresh_token: string;
}
const bearer = ({ access_token }: { access_token: string }) => ({ authorization: `Bearer ${access_token}` });
const open = async (user: ApiUser) => (await api.login(user.username)).body as Tokens;
const refresh = async ({ refresh_token }: Tokens) =>
  (await api.http.post('/auth/refresh').send({ refresh_token })).body as Tokens;
const stepUp = (tokens: { access_token: string }, body: object) =>
  api.http.post('/auth/step-up').set(bearer(tokens)).send(body);

/** A session whose user logged in an hour ago. */
async function stale(user: ApiUser): Promise<Tokens> {
  const tokens = await open(user);
  await bank.owner.execute(
    'UPDATE auth_sessions SET authenticated_at = authenticated_at - INTERVAL 1 HOUR WHERE user_id = ?',
    [user.user_id],
  );
  return refresh(tokens);
}

/** A dangerous act that changes nothing. */
const act = (tokens: { access_token: string }, userId: string) =>
  api.http.patch(`/admin/users/${userId}/role`).set(bearer(tokens)).send({ role: 'customer' });

describe('a dangerous act', () => {
  it('is open after a login, closed when that is long ago, and open again after a step-up, which refreshes keep', async () => {
    const [admin, user] = [await api.staff('admin'), await api.customer()];
    expect((await act(await open(admin), user.user_id)).status).toBe(200);
    const old = await stale(admin);
    expectProblem(await act(old, user.user_id), 403, 'STEP_UP_REQUIRED');
    expect((await api.http.get('/admin/users').set(bearer(old))).status).toBe(200);
    const answer = await stepUp(old, { password: TEST_PASSWORD });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
    });
    expect((await act(answer.body, user.user_id)).status).toBe(200);
    expectProblem(await act(old, user.user_id), 403, 'STEP_UP_REQUIRED');
    expect((await act(await refresh(old), user.user_id)).status).toBe(200);
  });

  it('asks for the permission first', async () => {
    const user = await api.customer();
    expectProblem(await act(await stale(user), user.user_id), 403, 'FORBIDDEN');
  });

  it('is one of these', () => {
    const { paths } = buildOpenApi(api.app) as unknown as { paths: Record<string, Record<string, object>> };
    const dangerous = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, operation]) => 'x-step-up' in operation)
        .map(([method]) => `${method} ${path}`),
    );
    expect(dangerous).toEqual(
      expect.arrayContaining([
        'patch /admin/users/{user_id}/role',
        'patch /admin/users/{user_id}/active',
        'delete /admin/users/{user_id}/totp',
        'patch /admin/accounts/{account_id}/unfreeze',
        'patch /admin/accounts/{account_id}/close',
        'post /admin/journal-entries',
        'post /admin/periods/close',
        'post /transactions/{transaction_id}/reversal',
        'post /risk/models/{model_version}/activate',
        'put /risk/rules/{rule_id}',
        'put /risk/rules/{rule_id}/status',
      ]),
    );
  });
});

describe('POST /auth/step-up', () => {
  it('counts wrong passwords towards the lock of the login', async () => {
    const admin = await api.staff('admin');
    const tokens = await stale(admin);
    for (let i = 0; i < 5; i += 1)
      expectProblem(await stepUp(tokens, { password: 'wrong' }), 403, 'PASSWORD_INVALID');
    expectProblem(await stepUp(tokens, { password: TEST_PASSWORD }), 423, 'USER_LOCKED');
    expectProblem(await api.login(admin.username), 423, 'USER_LOCKED');
  });

  it('wants the second factor of who has one, and the password of who has none', async () => {
    const [admin, user] = [await api.staff('admin'), await api.customer()];
    const tokens = await stale(admin);
    expectProblem(await stepUp(tokens, {}), 400, 'VALIDATION_FAILED');
    expectProblem(await stepUp(tokens, { totp_code: '123456' }), 400, 'VALIDATION_FAILED');
    const begun = await api.http.post('/auth/totp').set(bearer(tokens)).send({ password: TEST_PASSWORD });
    const totp = new TOTP({ secret: Secret.fromBase32(String(begun.body.secret)) });
    const confirm = { totp_code: totp.generate() };
    expect((await api.http.post('/auth/totp/confirm').set(bearer(tokens)).send(confirm)).status).toBe(200);
    const forget = () => bank.owner.execute('UPDATE user_totp SET last_step = NULL');
    await forget();
    expectProblem(await stepUp(tokens, { password: TEST_PASSWORD }), 403, 'TOTP_REQUIRED');
    const answer = await stepUp(tokens, { totp_code: totp.generate() });
    expect((await act(answer.body, user.user_id)).status).toBe(200);
    const [row] = await bank.owner.query('SELECT has_second_factor FROM auth_sessions WHERE user_id = ?', [
      admin.user_id,
    ]);
    expect(row).toEqual({ has_second_factor: 1 });
  });

  it('is not for sessions that have ended', async () => {
    const admin = await api.staff('admin');
    const tokens = await stale(admin);
    await bank.owner.execute('UPDATE auth_sessions SET revoked_at = UTC_TIMESTAMP(6) WHERE user_id = ?', [
      admin.user_id,
    ]);
    expectProblem(await stepUp(tokens, { password: TEST_PASSWORD }), 401, 'UNAUTHENTICATED');
    expectProblem(await api.http.post('/auth/step-up').send({}), 401, 'UNAUTHENTICATED');
  });
});
