import { randomUUID } from 'node:crypto';
import { PrejudgementClient } from '../../src/transactions/prejudgement-client';
import { startApi, type TestApi } from '../support/api';
import {
  ask,
  CRITICAL,
  LARGE,
  newParties,
  type Parties,
  setLargeRules,
  TO_BE_HELD,
} from '../support/large-money';
import { expectReplay, moneyOf } from '../support/money';
import { fundsOf, integrityProblems } from '../support/postings';
import { expectProblem } from '../support/problem';
import { createWorkerBank, type WorkerBank } from '../worker/worker-bank';

const PATHS = { withdrawal: '/transactions/withdraw', hold: '/transactions/holds' };

/** Cash cannot be brought back, and the capture of a hold is not asked about: neither goes without a judgement. */
describe.each(['withdrawal', 'hold'] as const)('a large %s', (type) => {
  let bank: WorkerBank;
  let api: TestApi;

  beforeAll(async () => {
    bank = await createWorkerBank();
    await setLargeRules(bank);
    api = await startApi(bank);
  });
  afterAll(async () => {
    expect(await integrityProblems(bank.owner)).toEqual([]);
    await api.close();
    await bank.close();
  });

  const take = ({ user, from }: Parties, amount: string, key?: string) =>
    ask(api, user, PATHS[type], { account_id: from, amount }, key);
  const fundsAt = (account: string) => fundsOf(bank.owner, account);

  it('is refused while nobody judges, however often; nothing is remembered or stays reserved', async () => {
    const parties = await newParties(bank, api);
    const key = randomUUID();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answer = await take(parties, LARGE, key);
      expectProblem(answer, 503, 'JUDGEMENT_UNAVAILABLE');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(await fundsAt(parties.from)).toMatchObject({ balance: 100_000_000n, held: 0n });
    expect(await bank.owner.query('SELECT declined_id FROM declined_transactions')).toEqual([]);
    moneyOf(await take(parties, '10.00', key));
  });

  it('is refused as well when it could not be reserved: the money might come in between', async () => {
    const parties = await newParties(bank, api, 100n);
    expectProblem(await take(parties, LARGE), 503, 'JUDGEMENT_UNAVAILABLE');
  });

  describe('with a worker', () => {
    beforeAll(async () => {
      await bank.startWorker();
      api.app.get(PrejudgementClient, { strict: false }).options.budget_ms = 60_000;
    }, 120_000);

    it('goes through when nothing speaks against it, and a hold is captured without another question', async () => {
      const parties = await newParties(bank, api);
      const key = randomUUID();
      const first = await take(parties, LARGE, key);
      const { hold_id } = moneyOf(first);
      expectReplay(first, await take(parties, LARGE, key));
      expect((await fundsAt(parties.from)).available).toBe(100_000_000n - 6_000_000n);
      if (type === 'withdrawal') return;
      const captured = await ask(api, parties.user, `/transactions/holds/${hold_id}/capture`, {});
      expect(moneyOf(captured)).toMatchObject({ type: 'capture', amount: LARGE });
    });

    it.each([
      ['is CRITICAL', CRITICAL],
      ['a rule wants held: it would leave the bank', TO_BE_HELD],
    ])('is declined when it %s', async (_why, amount) => {
      const parties = await newParties(bank, api);
      const key = randomUUID();
      expectProblem(await take(parties, amount, key), 422, 'DECLINED_BY_BANK');
      const again = await take(parties, amount, key);
      expectProblem(again, 422, 'DECLINED_BY_BANK');
      expect(again.headers['idempotency-replayed']).toBe('true');
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 100_000_000n, held: 0n });
      const [decline] = await bank.owner.query<{ code: string; type: string }>(
        'SELECT code, type FROM declined_transactions WHERE account_id = ?',
        [parties.from],
      );
      expect(decline).toEqual({ code: 'RISK_DECLINED', type });
    });

    it('says what is missing when it is not covered', async () => {
      expectProblem(await take(await newParties(bank, api, 100n), LARGE), 422, 'INSUFFICIENT_FUNDS');
    });
  });
});
