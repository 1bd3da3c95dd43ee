import { createHash } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { type TestApi, withApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import { expectProblem } from '../support/problem';

const NEXT_SECRET = createHash('sha256').update('the next key of tokens').digest('base64url');

let bank: TestBank;

beforeAll(async () => {
  bank = await createTestBank();
});
afterAll(() => bank.close());

const me = (api: TestApi, token: string) => api.http.get('/auth/me').set('authorization', `Bearer ${token}`);
const keyOf = (token: string) =>
  new JwtService().decode<{ header: { kid: string } }>(token, { complete: true }).header.kid;

describe('the keys of access tokens', () => {
  /** The settings of the four steps, in order: docs/security.md. */
  const steps = () => {
    const old = { JWT_SECRET: String(bank.environment.JWT_SECRET), JWT_KEY_ID: 'k1' };
    const next = { JWT_SECRET: NEXT_SECRET, JWT_KEY_ID: 'k2' };
    return {
      before: old,
      announced: { ...old, JWT_SECOND_SECRET: NEXT_SECRET, JWT_SECOND_KEY_ID: 'k2' },
      changed: { ...next, JWT_SECOND_SECRET: old.JWT_SECRET, JWT_SECOND_KEY_ID: 'k1' },
      after: next,
    };
  };

  it('are replaced one process after the other, and no token is refused before it expires', async () => {
    const { before, announced, changed, after } = steps();
    await withApi(bank, before, (first) =>
      withApi(bank, announced, (second) =>
        withApi(bank, changed, (third) =>
          withApi(bank, after, async (fourth) => {
            const tokens = {
              first: (await first.customer()).token,
              second: (await second.customer()).token,
              third: (await third.customer()).token,
              fourth: (await fourth.customer()).token,
            };
            expect(Object.values(tokens).map(keyOf)).toEqual(['k1', 'k1', 'k2', 'k2']);
            const statuses = async (api: TestApi) => {
              const answers = await Promise.all(Object.values(tokens).map((token) => me(api, token)));
              return answers.map(({ status }) => status);
            };
            expect(await statuses(first)).toEqual([200, 200, 401, 401]);
            expect(await statuses(second)).toEqual([200, 200, 200, 200]);
            expect(await statuses(third)).toEqual([200, 200, 200, 200]);
            expect(await statuses(fourth)).toEqual([401, 401, 200, 200]);
          }),
        ),
      ),
    );
  });

  it('do not check tokens that name another key than the one that signed them', async () => {
    const { announced } = steps();
    await withApi(bank, announced, async (api) => {
      const user = await api.customer();
      const forged = (secret: string, keyid: string) =>
        new JwtService({ secret }).sign(
          { username: user.username, role: 'admin', ver: 0 },
          { subject: user.user_id, issuer: 'florin', audience: 'florin-api', keyid, expiresIn: 60 },
        );
      expect((await me(api, forged(NEXT_SECRET, 'k2'))).status).toBe(200);
      expectProblem(await me(api, forged(NEXT_SECRET, 'k1')), 401, 'UNAUTHENTICATED');
      expectProblem(await me(api, forged(announced.JWT_SECRET, 'k2')), 401, 'UNAUTHENTICATED');
      expectProblem(await me(api, forged(NEXT_SECRET, 'k3')), 401, 'UNAUTHENTICATED');
      expectProblem(
        await me(api, `${Buffer.from('[]').toString('base64url')}.e30.x`),
        401,
        'UNAUTHENTICATED',
      );
    });
  });
});
