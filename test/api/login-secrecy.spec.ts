import { PasswordHasher } from '../../src/auth/password-hasher';
import { registration, startApi, type TestApi, withApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

const LIMITS = { RATE_LIMIT_LOGIN_PER_MINUTE: '100000' };
const WRONG = 'not it at all';

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

describe('a username that nobody has', () => {
  /** Status, code, title and detail of six tries, and how long the last would have to wait. */
  async function sixTries(username: string): Promise<[unknown[], number]> {
    const seen: unknown[] = [];
    let wait = 0;
    for (let i = 0; i < 6; i += 1) {
      const { status, body, headers } = await api.login(username, WRONG);
      const { code, title, detail, retryable } = body as Record<string, unknown>;
      seen.push({ status, code, title, detail, retryable });
      wait = Number(headers['retry-after'] ?? 0);
    }
    return [seen, wait];
  }

  it('answers and locks like one that somebody has', async () => {
    const { username } = await api.customer();
    const [real, realWait] = await sixTries(username);
    const [made, madeWait] = await sixTries('nobody.at.all');
    expect(made).toEqual(real);
    expect(realWait).toBeGreaterThan(0);
    expect(madeWait).toBeGreaterThan(0);
    expect(madeWait).toBeLessThanOrEqual(60);
  });

  it('locks for longer each time, in any case of letters', async () => {
    for (let i = 0; i < 5; i += 1) await api.login('Nobody.Either', WRONG);
    expectProblem(await api.login('nobody.either', WRONG), 423, 'USER_LOCKED');
    await bank.owner.execute('UPDATE login_decoys SET locked_until = locked_until - INTERVAL 60 SECOND');
    expectProblem(await api.login('NOBODY.EITHER', WRONG), 401, 'INVALID_CREDENTIALS');
    const answer = await api.login('nobody.either', WRONG);
    expectProblem(answer, 423, 'USER_LOCKED');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(60);
  });

  it('gets five tries, not thirty, when thirty come at once, over two processes', async () => {
    await withApi(bank, LIMITS, async (other) => {
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? api : other).login('nobody.in.a.crowd', WRONG)),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 401)).toHaveLength(5);
      expect(statuses.filter((status) => status === 423)).toHaveLength(25);
    });
  });

  it('costs a comparison of bcrypt, as one that somebody has', async () => {
    const compared = jest.spyOn(PasswordHasher.prototype, 'matches');
    try {
      const { username } = await api.customer();
      for (const name of [username, 'nobody.compared', 'nobödy']) {
        compared.mockClear();
        await api.login(name, WRONG);
        expect(compared).toHaveBeenCalledTimes(1);
      }
    } finally {
      compared.mockRestore();
    }
  });

  it("fills no table: names take each other's places", async () => {
    await api.login('the.holder', WRONG);
    const [before] = await bank.owner.query<{ slot: number }>('SELECT MAX(slot) AS slot FROM login_decoys');
    await bank.owner.execute("UPDATE login_decoys SET username_hash = REPEAT('x', 32), failed_count = 9");
    for (let i = 0; i < 4; i += 1) expect((await api.login('the.holder', WRONG)).status).toBe(401);
    const rows = await bank.owner.query<{ failed_count: number }>(
      "SELECT failed_count FROM login_decoys WHERE username_hash <> REPEAT('x', 32)",
    );
    expect(rows).toEqual([{ failed_count: 4 }]);
    const columns = await bank.owner.query<{ Type: string }>("SHOW COLUMNS FROM login_decoys LIKE 'slot'");
    expect(columns[0]?.Type).toMatch(/^smallint(\(5\))? unsigned$/);
    expect(before?.slot).toBeLessThan(65_536);
  });
});

describe('who is told that a name or an address is taken', () => {
  it('is told only so often in an hour, over all processes, and must wait then whatever it asks', async () => {
    const settings = { ...LIMITS, RATE_LIMIT_TAKEN_PER_HOUR: '3', TRUSTED_PROXY_HOPS: '1' };
    await withApi(bank, settings, (one) =>
      withApi(bank, settings, async (two) => {
        const ask = async (at: TestApi, more: object, address = '203.0.113.9') =>
          at.http
            .post('/auth/register')
            .set('x-forwarded-for', address)
            .send(registration({ ...more }));
        const first = registration();
        expect((await one.http.post('/auth/register').send(first)).status).toBe(201);
        const taken = { email: first.email };
        for (const at of [one, two, one]) expectProblem(await ask(at, taken), 409, 'EMAIL_TAKEN');
        const refused = await ask(two, taken);
        expectProblem(refused, 429, 'RATE_LIMITED');
        expect(Number(refused.headers['retry-after'])).toBeGreaterThan(60);
        expectProblem(await ask(one, {}), 429, 'RATE_LIMITED');
        expect((await ask(one, {}, '203.0.113.10')).status).toBe(201);
      }),
    );
  });

  it('who only registers or changes a profile never waits', async () => {
    await withApi(bank, { ...LIMITS, RATE_LIMIT_TAKEN_PER_HOUR: '1' }, async (strict) => {
      for (let i = 0; i < 3; i += 1) expect((await strict.register()).status).toBe(201);
      const [user, other] = [await strict.customer(), await strict.customer()];
      const update = (changes: object) => strict.http.put('/users/profile').set(user.headers).send(changes);
      const email = `${other.username}@bank.test`;
      expectProblem(await update({ email }), 409, 'EMAIL_TAKEN');
      expectProblem(await update({ email }), 429, 'RATE_LIMITED');
      expect((await update({ full_name: 'Ada King' })).status).toBe(200);
    });
  });
});
