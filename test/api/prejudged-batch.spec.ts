import { randomUUID } from 'node:crypto';
import type { BatchResult } from '../../src/transactions/dto/money-answer.dto';
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
import { fundsOf, integrityProblems } from '../support/postings';
import { expectProblem } from '../support/problem';
import { createWorkerBank, eventually, type WorkerBank } from '../worker/worker-bank';

const SMALL = '10.00';

describe('large items of a batch are judged before they post', () => {
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

  const send = ({ from, to }: Parties, amount: string) => ({
    type: 'transfer',
    sender_account_id: from,
    receiver_account_id: to,
    amount,
  });
  const take = ({ from }: Parties, amount: string) => ({ type: 'withdrawal', account_id: from, amount });
  const post = ({ user }: Parties, items: object[], linked = false, key?: string) =>
    ask(api, user, '/transactions/batch', { items, linked }, key);
  const codes = (answer: { body: { items: BatchResult[] } }) => answer.body.items.map(({ code }) => code);
  const fundsAt = (account: string) => fundsOf(bank.owner, account);
  const minor = (amount: string) => BigInt(amount.replace('.', ''));

  describe.each([
    ['independent', false],
    ['all or none', true],
  ])('%s, without a worker', (_kind, linked) => {
    it('transfers are posted as held, others as they are, once and in order', async () => {
      const parties = await newParties(bank, api);
      const key = randomUUID();
      const items = [send(parties, SMALL), send(parties, LARGE), send(parties, LARGE), take(parties, SMALL)];
      const first = await post(parties, items, linked, key);
      expect(codes(first)).toEqual(['OK', 'OK', 'OK', 'OK']);
      const again = await post(parties, items, linked, key);
      expect(again.body).toEqual(first.body);
      expect(again.headers['idempotency-replayed']).toBe('true');
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 100_000_000n - 12_002_000n, held: 0n });
      expect(await fundsAt(parties.to)).toEqual({
        balance: 12_001_000n,
        held: 12_000_000n,
        available: 1_000n,
      });
    });

    it.each(['withdrawal', 'hold'])(
      'a large %s refuses all of it, and nothing is remembered',
      async (type) => {
        const parties = await newParties(bank, api);
        const key = randomUUID();
        const items = [send(parties, SMALL), { ...take(parties, LARGE), type }];
        const answer = await post(parties, items, linked, key);
        expectProblem(answer, 503, 'JUDGEMENT_UNAVAILABLE');
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
        expect(await fundsAt(parties.from)).toMatchObject({ balance: 100_000_000n, held: 0n });
        expect(codes(await post(parties, [send(parties, SMALL)], linked, key))).toEqual(['OK']);
      },
    );

    it('what cannot be paid is declined and holds nothing', async () => {
      const parties = await newParties(bank, api, 7_000_000n);
      const answer = await post(
        parties,
        [send(parties, LARGE), send(parties, LARGE), take(parties, SMALL)],
        linked,
      );
      expect(codes(answer)).toEqual(
        linked
          ? ['LINKED_FAILED', 'INSUFFICIENT_FUNDS', 'LINKED_FAILED']
          : ['OK', 'INSUFFICIENT_FUNDS', 'OK'],
      );
      expect(await fundsAt(parties.to)).toMatchObject(
        linked ? { balance: 0n, held: 0n } : { balance: minor(LARGE), held: minor(LARGE) },
      );
    });

    it('a key that stands for another request moves nothing', async () => {
      const parties = await newParties(bank, api);
      const key = randomUUID();
      await post(parties, [send(parties, SMALL)], linked, key);
      const other = [send(parties, LARGE), send(parties, SMALL), send(parties, LARGE)];
      expectProblem(await post(parties, other, linked, key), 422, 'IDEMPOTENCY_KEY_REUSED');
      expect(await fundsAt(parties.to)).toMatchObject({ balance: minor(SMALL), held: 0n });
    });

    it('ten requests with one key have one effect', async () => {
      const parties = await newParties(bank, api);
      const key = randomUUID();
      const items = [send(parties, SMALL), send(parties, LARGE)];
      const answers = await Promise.all(Array.from({ length: 10 }, () => post(parties, items, linked, key)));
      for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body);
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 100_000_000n - 6_001_000n, held: 0n });
      expect(await fundsAt(parties.to)).toMatchObject({ balance: 6_001_000n, held: minor(LARGE) });
    });
  });

  describe('with a worker', () => {
    beforeAll(async () => {
      await bank.startWorker({
        early_holds: { interval_ms: 50, page_size: 10 },
        alert_watch: { interval_ms: 3_600_000, settle_after_s: 0, page_size: 100 },
      });
      api.app.get(PrejudgementClient, { strict: false }).options.budget_ms = 60_000;
    }, 120_000);

    it('each is posted, held or declined by its own judgement', async () => {
      const parties = await newParties(bank, api, 200_000_000n);
      const key = randomUUID();
      const items = [
        send(parties, LARGE),
        send(parties, CRITICAL),
        send(parties, TO_BE_HELD),
        take(parties, CRITICAL),
        take(parties, SMALL),
      ];
      const answer = await post(parties, items, false, key);
      expect(codes(answer)).toEqual(['OK', 'DECLINED_BY_BANK', 'OK', 'DECLINED_BY_BANK', 'OK']);
      expect(JSON.stringify(answer.body)).not.toMatch(/test_critical|fraud|0\.9/i);
      expect((await post(parties, items, false, key)).body).toEqual(answer.body);
      const funds = await eventually(async () => {
        const found = await fundsAt(parties.to);
        return found.held === minor(TO_BE_HELD) && found;
      });
      expect(funds).toMatchObject({ balance: minor(LARGE) + minor(TO_BE_HELD) });
      const rows = await bank.owner.query<{ code: string }>(
        'SELECT code FROM declined_transactions WHERE account_id = ? AND rules_triggered IS NOT NULL',
        [parties.from],
      );
      expect(rows.map(({ code }) => code)).toEqual(['RISK_DECLINED', 'RISK_DECLINED']);
    });

    it('of all or none, one that is declined declines them all', async () => {
      const parties = await newParties(bank, api);
      const answer = await post(
        parties,
        [send(parties, TO_BE_HELD), send(parties, CRITICAL), take(parties, SMALL)],
        true,
      );
      expect(codes(answer)).toEqual(['LINKED_FAILED', 'DECLINED_BY_BANK', 'LINKED_FAILED']);
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 100_000_000n, held: 0n });
      expect(await fundsAt(parties.to)).toMatchObject({ balance: 0n, held: 0n });
    });

    it('more than can be asked about at once are refused as a whole', async () => {
      const parties = await newParties(bank, api, 600_000_000n);
      const many = Array.from({ length: 51 }, () => send(parties, LARGE));
      const answer = await post(parties, [take(parties, SMALL), ...many]);
      expectProblem(answer, 400, 'VALIDATION_FAILED');
      expect(answer.body).toMatchObject({ errors: [{ field: 'items' }] });
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 600_000_000n, held: 0n });
      expect(new Set(codes(await post(parties, [take(parties, SMALL), ...many.slice(1)])))).toEqual(
        new Set(['OK']),
      );
    });
  });
});
