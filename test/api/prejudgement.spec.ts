import { randomUUID } from 'node:crypto';
import { idempotencyKey, type PostingItem, requestHash } from '../../src/posting';
import type { Prejudgement } from '../../src/queue';
import { PrejudgementClient } from '../../src/transactions/prejudgement-client';
import { PrejudgementService, type Reserve } from '../../src/transactions/prejudgement.service';
import type { FraudWorker } from '../../worker/fraud-worker';
import { accountState, alertOf, type AlertRow } from '../support/alerts';
import { type ApiUser, startApi, type TestApi, withApi } from '../support/api';
import { expectReplay, moneyOf } from '../support/money';
import { expire, fundsOf, integrityProblems, postOne } from '../support/postings';
import { expectProblem } from '../support/problem';
import { createWorkerBank, eventually, untilScored, type WorkerBank } from '../worker/worker-bank';

const CENTS = 100n;
/** SUSPICIOUS by the rule of high values, which calls for no hold. */
const LARGE = '60000.00';
/** The rules that the tests make: one holds, one makes CRITICAL. */
const TO_BE_HELD = '310000.00';
const CRITICAL = '620000.00';
const WORKER = {
  early_holds: { interval_ms: 50, page_size: 2 },
  alert_watch: { interval_ms: 50, settle_after_s: 0, page_size: 100 },
};

describe('amounts over the setting are judged before they post', () => {
  let bank: WorkerBank;
  let api: TestApi;

  beforeAll(async () => {
    bank = await createWorkerBank();
    await bank.owner.execute(
      "UPDATE risk_rules SET status = 'disabled' WHERE name = 'unusual_high_value_at_night'",
    );
    await rule('test_hold', 300_000, 0.7, 'hold');
    await rule('test_critical', 600_000, 0.9, 'score');
    api = await startApi(bank);
  });
  afterAll(async () => {
    expect(await integrityProblems(bank.owner)).toEqual([]);
    await api.close();
    await bank.close();
  });

  /** About what leaves an account: the tests fund theirs by deposits. */
  async function rule(name: string, from_usd: number, floor: number, action: string): Promise<void> {
    const tree = {
      all: [
        { fact: 'amount_usd', op: 'gte', value: from_usd },
        { fact: 'type', op: 'ne', value: 'deposit' },
      ],
    };
    const { insertId } = await bank.owner.execute(
      "INSERT INTO risk_rules (name, status) VALUES (?, 'active')",
      [name],
    );
    await bank.owner.execute(
      `INSERT INTO risk_rule_versions (rule_id, version, condition_tree, risk_floor, action, reason_template, owner, reason)
       VALUES (?, 1, ?, ?, ?, NULL, 'Tests', 'For the tests')`,
      [insertId, JSON.stringify(tree), floor, action],
    );
    await bank.owner.execute("UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'rules'");
  }

  interface Pair {
    user: ApiUser;
    from: string;
    to: string;
  }

  async function pair(balance = 1_000_000n * CENTS): Promise<Pair> {
    const user = await api.customer();
    const other = await bank.createUser();
    return {
      user,
      from: await bank.openAccount(user.user_id, { balance }),
      to: await bank.openAccount(other.user_id),
    };
  }

  const send = ({ user, from, to }: Pair, amount: string, key: string = randomUUID(), on = api) =>
    on.http
      .post('/transactions/transfer')
      .set({ ...user.headers, 'idempotency-key': key })
      .send({ sender_account_id: from, receiver_account_id: to, amount });
  const take = ({ user, from }: Pair, amount: string, key: string = randomUUID(), on = api) =>
    on.http
      .post('/transactions/withdraw')
      .set({ ...user.headers, 'idempotency-key': key })
      .send({ account_id: from, amount });
  const pay = ({ user, from }: Pair, amount: string, key: string = randomUUID(), on = api) =>
    on.http
      .post('/transactions/payment')
      .set({ ...user.headers, 'idempotency-key': key })
      .send({ account_id: from, amount, channel: 'online', merchant: { name: 'Yachts', mcc: '5551' } });

  const minor = (amount: string) => BigInt(amount.replace('.', ''));
  const fundsAt = (account: string) => fundsOf(bank.owner, account);
  const holdsOn = (account: string) =>
    bank.owner.query<{ hold_id: string; status: string; amount_minor: string }>(
      'SELECT hold_id, status, amount_minor FROM holds WHERE account_id = ? ORDER BY hold_id',
      [account],
    );
  const declinesOf = (account: string) =>
    bank.owner.query<{ code: string; type: string; rules_triggered: unknown; reason: string | null }>(
      'SELECT code, type, rules_triggered, reason FROM declined_transactions WHERE account_id = ?',
      [account],
    );
  const parsed = (json: unknown): unknown => (typeof json === 'string' ? JSON.parse(json) : json);
  const released = (account: string) =>
    eventually(async () => (await fundsAt(account)).held === 0n && (await fundsAt(account)));

  describe('without a worker', () => {
    it('a transfer is posted as held, and a repeat has the same answer and no other effect', async () => {
      const parties = await pair();
      const key = randomUUID();
      const first = await send(parties, LARGE, key);
      expect(moneyOf(first)).toMatchObject({ type: 'transfer', status: 'posted', amount: LARGE });
      expectReplay(first, await send(parties, LARGE, key));
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 940_000n * CENTS, held: 0n });
      expect(await fundsAt(parties.to)).toEqual({ balance: minor(LARGE), held: minor(LARGE), available: 0n });
      expect(await holdsOn(parties.to)).toHaveLength(1);
      expect(await holdsOn(parties.from)).toMatchObject([{ status: 'voided' }]);
    });

    it('the receiver has no power over what the bank holds', async () => {
      const receiver = await api.customer();
      const parties = { ...(await pair()), to: await bank.openAccount(receiver.user_id) };
      moneyOf(await send(parties, LARGE));
      const [held] = await holdsOn(parties.to);
      const answer = await api.http
        .post(`/transactions/holds/${held?.hold_id}/void`)
        .set(receiver.headers)
        .send({});
      expectProblem(answer, 404, 'HOLD_NOT_FOUND');
    });

    it('payments are posted, as nobody’s money could be held', async () => {
      const parties = await pair();
      const key = randomUUID();
      const paid = await pay(parties, LARGE, key);
      expect(moneyOf(paid).type).toBe('payment');
      expectReplay(paid, await pay(parties, LARGE, key));
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 940_000n * CENTS, held: 0n });
    });

    it('what is too little is declined like any other, once, and nothing stays reserved', async () => {
      const parties = await pair(100n);
      const key = randomUUID();
      const first = await send(parties, LARGE, key);
      expectProblem(first, 422, 'INSUFFICIENT_FUNDS');
      await bank.openAccount(parties.user.user_id);
      const again = await send(parties, LARGE, key);
      expectProblem(again, 422, 'INSUFFICIENT_FUNDS');
      expect(again.headers['idempotency-replayed']).toBe('true');
      expect(await declinesOf(parties.from)).toMatchObject([
        { code: 'INSUFFICIENT_FUNDS', type: 'transfer' },
      ]);
      expect([await holdsOn(parties.from), await holdsOn(parties.to)]).toEqual([[], []]);
    });

    it('what the receiver’s account refuses is declined, and the reserve is given back', async () => {
      const parties = await pair();
      await bank.owner.call('sp_set_account_status', [parties.to, 'frozen']);
      expectProblem(await send(parties, LARGE), 422, 'ACCOUNT_FROZEN');
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 1_000_000n * CENTS, held: 0n });
      expect(await declinesOf(parties.from)).toMatchObject([{ code: 'ACCOUNT_FROZEN', type: 'transfer' }]);
    });

    it('smaller amounts and deposits go straight to posting', async () => {
      const parties = await pair();
      moneyOf(await send(parties, '50000.00'));
      moneyOf(
        await api.http
          .post('/transactions/deposit')
          .set(parties.user.headers)
          .send({ account_id: parties.from, amount: CRITICAL }),
      );
      expect([await holdsOn(parties.from), await holdsOn(parties.to)]).toEqual([[], []]);
    });

    it('ten requests with one key have one effect', async () => {
      const parties = await pair();
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 10 }, () => send(parties, LARGE, key)));
      const money = answers.map((answer) => moneyOf(answer));
      expect(new Set(money.map(({ transaction_id }) => transaction_id)).size).toBe(1);
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 940_000n * CENTS, held: 0n });
      expect(await fundsAt(parties.to)).toMatchObject({ balance: minor(LARGE), held: minor(LARGE) });
    });

    it('a key that is used for another request at the same time does not go around the judgement', async () => {
      const parties = await pair();
      const key = randomUUID();
      const answers = await Promise.all([send(parties, LARGE, key), pay(parties, LARGE, key)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 940_000n * CENTS, held: 0n });
    });
  });

  describe('step by step', () => {
    const service = () => api.app.get(PrejudgementService, { strict: false });
    const item = ({ user, from, to }: Pair, amount = LARGE): PostingItem => {
      const request = {
        type: 'transfer' as const,
        debit: from,
        credit: to,
        amount: minor(amount),
        currency: 'USD',
        owner: user.user_id,
        actor: user.user_id,
      };
      return { ...request, key: idempotencyKey(user.user_id, randomUUID()), hash: requestHash(request) };
    };
    const reserved = (reserve: Reserve): string => {
      if ('outcome' in reserve || reserve.hold_id === null) throw new Error('nothing was reserved');
      return reserve.hold_id;
    };
    const says = (decision: Prejudgement['decision']): Prejudgement => ({
      decision,
      risk_score: 0.9,
      rules: ['test'],
      reasons: [],
    });

    it('a repeat after a crash goes on with the reserve that was made', async () => {
      const parties = await pair();
      const asked = item(parties);
      const hold = reserved(await service().reserve(asked));
      expect(await fundsAt(parties.from)).toMatchObject({ held: minor(LARGE) });
      expect(reserved(await service().reserve(asked))).toBe(hold);
      expect(await service().post(asked)).toMatchObject({ code: 'OK', is_replayed: false });
      expect(await holdsOn(parties.from)).toMatchObject([{ hold_id: hold, status: 'voided' }]);
    });

    it('a repeat that comes when the reserve has expired makes another one', async () => {
      const parties = await pair();
      const asked = item(parties);
      const hold = reserved(await service().reserve(asked));
      await bank.owner.execute('UPDATE holds SET expires_at = UTC_TIMESTAMP(6) WHERE hold_id = ?', [hold]);
      const other = reserved(await service().reserve(asked));
      expect(other).not.toBe(hold);
      await postOne(bank.pool, expire(hold));
      expect(await service().settle(asked, hold, says('post'))).toMatchObject({ code: 'OK' });
      expect(await service().settle(asked, other, says('post'))).toMatchObject({
        code: 'OK',
        is_replayed: true,
      });
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 940_000n * CENTS, held: 0n });
    });

    it('a reserve that nobody comes back for expires like any hold, after minutes', async () => {
      const parties = await pair();
      const hold = reserved(await service().reserve(item(parties)));
      const [row] = await bank.owner.query<{ seconds: string }>(
        'SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) AS seconds FROM holds WHERE hold_id = ?',
        [hold],
      );
      expect(Number(row?.seconds)).toBeLessThanOrEqual(300);
      await bank.owner.execute('UPDATE holds SET expires_at = UTC_TIMESTAMP(6) WHERE hold_id = ?', [hold]);
      expect(await postOne(bank.pool, expire(hold))).toMatchObject({ code: 'OK' });
    });

    it.each([
      ['post', 'hold', 'OK'],
      ['hold', 'post', 'OK'],
      ['decline', 'hold', 'RISK_DECLINED'],
      ['hold', 'decline', 'OK'],
      ['decline', 'post', 'RISK_DECLINED'],
      ['post', 'decline', 'OK'],
    ] as const)(
      'of two that go on at once, with %s and %s, the first one counts',
      async (first, second, code) => {
        const parties = await pair();
        const asked = item(parties);
        const hold = reserved(await service().reserve(asked));
        expect(await service().settle(asked, hold, says(first))).toMatchObject({ code, is_replayed: false });
        expect(await service().settle(asked, hold, says(second))).toMatchObject({ code, is_replayed: true });
        expect(await service().post(asked)).toMatchObject({ code, is_replayed: true });
        const isPosted = code === 'OK';
        expect(await fundsAt(parties.from)).toMatchObject({
          balance: (isPosted ? 940_000n : 1_000_000n) * CENTS,
          held: 0n,
        });
        expect(await fundsAt(parties.to)).toMatchObject({
          balance: isPosted ? minor(LARGE) : 0n,
          held: first === 'hold' ? minor(LARGE) : 0n,
        });
      },
    );
  });

  describe('when Redis is away', () => {
    it('nobody waits for it, and what is large is posted as held', async () => {
      await withApi(bank, { REDIS_URL: 'redis://127.0.0.1:1' }, async (other) => {
        const client = other.app.get(PrejudgementClient, { strict: false });
        client.options.budget_ms = 3_600_000;
        const parties = await pair();
        const key = randomUUID();
        const first = await send(parties, LARGE, key, other);
        moneyOf(first);
        expectReplay(first, await send(parties, LARGE, key, other));
        expect(await fundsAt(parties.to)).toMatchObject({ balance: minor(LARGE), held: minor(LARGE) });
      });
    });
  });

  describe('by the setting', () => {
    const set = (value: string) =>
      bank.owner.execute(
        "UPDATE bank_settings SET setting_value = ? WHERE setting_key = 'prejudge_over_usd'",
        [value],
      );

    it.each([
      ['0', CRITICAL, 'USD', false],
      ['100', '100.01', 'USD', true],
      ['100', '100.00', 'USD', false],
      ['100', '5001.00', 'INR', true],
      ['100', '4999.00', 'INR', false],
      ['nonsense', LARGE, 'USD', true],
    ])('of %s, %s %s is judged first: %s', async (setting, amount, currency, isJudged) => {
      await set(setting);
      try {
        await withApi(bank, {}, async (other) => {
          const applies = other.app.get(PrejudgementService, { strict: false });
          expect(applies.appliesTo({ type: 'transfer', amount: minor(amount), currency })).toBe(isJudged);
          expect(applies.appliesTo({ type: 'deposit', amount: minor(amount), currency })).toBe(false);
        });
      } finally {
        await set('50000');
      }
    });
  });

  describe('with a worker', () => {
    let worker: FraudWorker;
    let before: { parties: Pair; transaction_id: string }[];

    beforeAll(async () => {
      // Posted as held, for the worker to find.
      before = [];
      for (const amount of [LARGE, TO_BE_HELD, CRITICAL]) {
        const parties = await pair();
        before.push({ parties, transaction_id: moneyOf(await send(parties, amount)).transaction_id ?? '' });
      }
      worker = await bank.startWorker(WORKER);
      api.app.get(PrejudgementClient, { strict: false }).options.budget_ms = 60_000;
    }, 120_000);
    afterAll(() => worker.stop());

    const actedUpon = (transactionId: string): Promise<AlertRow> =>
      eventually(async () => {
        const rows = await bank.owner.query<AlertRow>(
          "SELECT * FROM alerts WHERE transaction_id = ? AND actions_state = 'done'",
          [transactionId],
        );
        return rows[0];
      });

    it('what was posted as held is released once it is judged, unless an alert asks for the hold, which takes it over', async () => {
      const [large, held, critical] = before as [(typeof before)[0], (typeof before)[0], (typeof before)[0]];
      expect(await released(large.parties.to)).toMatchObject({ balance: minor(LARGE), held: 0n });
      for (const [{ parties, transaction_id }, amount] of [
        [held, TO_BE_HELD],
        [critical, CRITICAL],
      ] as const) {
        const alert = await actedUpon(transaction_id);
        const holds = await holdsOn(parties.to);
        expect(holds).toEqual(
          [{ hold_id: String(alert.hold_id), status: 'active', amount_minor: String(minor(amount)) }].map(
            (hold) => expect.objectContaining({ ...hold, hold_id: holds[0]?.hold_id }),
          ),
        );
        expect(String(holds[0]?.hold_id)).toBe(String(alert.hold_id));
        expect(await fundsAt(parties.to)).toMatchObject({ balance: minor(amount), available: 0n });
        expect(await accountState(bank.owner, parties.from)).toMatchObject({ debit_block: 'review' });
      }
    });

    it('what is not CRITICAL is posted, and nothing is held', async () => {
      const parties = await pair();
      const key = randomUUID();
      const first = await send(parties, LARGE, key);
      const { transaction_id } = moneyOf(first);
      expect(await fundsAt(parties.to)).toEqual({ balance: minor(LARGE), held: 0n, available: minor(LARGE) });
      expect(await holdsOn(parties.to)).toEqual([]);
      expectReplay(first, await send(parties, LARGE, key));
      const [score] = await untilScored(bank, [transaction_id ?? '']);
      expect(score).toMatchObject({ verdict: 'SUSPICIOUS', rules: ['high_value'] });
      expect(await alertOf(bank.owner, transaction_id ?? '')).toMatchObject({ actions_state: 'none' });
    });

    it.each([
      ['transfer', send],
      ['withdrawal', take],
      ['payment', pay],
    ])('a CRITICAL %s is declined, told nothing, and remembered with its rules', async (type, ask) => {
      const parties = await pair();
      const key = randomUUID();
      const first = await ask(parties, CRITICAL, key);
      expectProblem(first, 422, 'DECLINED_BY_BANK');
      expect(JSON.stringify(first.body)).not.toMatch(/test_critical|0\.9|fraud|blacklist/i);
      const again = await ask(parties, CRITICAL, key);
      expectProblem(again, 422, 'DECLINED_BY_BANK');
      expect(again.headers['idempotency-replayed']).toBe('true');
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 1_000_000n * CENTS, held: 0n });
      const declines = await declinesOf(parties.from);
      expect(declines).toMatchObject([
        { code: 'RISK_DECLINED', type, reason: expect.stringMatching(/^risk 0\.9000/) },
      ]);
      expect(parsed(declines[0]?.rules_triggered)).toEqual(['high_value', 'test_hold', 'test_critical']);
    });

    it('what a rule wants held is posted together with its hold, which the alert takes over', async () => {
      const parties = await pair();
      const { transaction_id } = moneyOf(await send(parties, TO_BE_HELD));
      expect(await fundsAt(parties.to)).toMatchObject({ balance: minor(TO_BE_HELD), available: 0n });
      const alert = await actedUpon(transaction_id ?? '');
      const holds = await holdsOn(parties.to);
      expect(holds.map(({ hold_id }) => String(hold_id))).toEqual([String(alert.hold_id)]);
    });

    it('a profile that the worker keeps learns nothing of what was declined', async () => {
      const parties = await pair();
      const small = moneyOf(await send(parties, '10.00')).transaction_id ?? '';
      await untilScored(bank, [small]);
      expectProblem(await send(parties, CRITICAL), 422, 'DECLINED_BY_BANK');
      await eventually(async () => (await accountState(bank.owner, parties.from)).debit_block === 'review');
      await bank.owner.execute('UPDATE accounts SET debit_block = NULL WHERE account_id = ?', [parties.from]);
      const next = moneyOf(await send(parties, '20.00')).transaction_id ?? '';
      const [score] = await untilScored(bank, [next]);
      expect(score?.features_used).toMatchObject({ sender_transactions_1h: 1, amount_over_30d_mean: 2 });
    });

    it('ten requests with one key have one effect', async () => {
      const parties = await pair();
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 10 }, () => send(parties, LARGE, key)));
      expect(new Set(answers.map((answer) => moneyOf(answer).transaction_id)).size).toBe(1);
      expect(await fundsAt(parties.from)).toMatchObject({ balance: 940_000n * CENTS, held: 0n });
      expect(await released(parties.to)).toMatchObject({ balance: minor(LARGE) });
    });

    it('the block-list refuses whoever is asked first', async () => {
      const block = (account: string) =>
        bank.owner.call('sp_add_risk_list_entry', ['block', 'account', account, null, 'Known mule', null]);
      const sender = await pair();
      await block(sender.from);
      expectProblem(await send(sender, LARGE), 422, 'DECLINED_BY_BANK');
      expect(await holdsOn(sender.from)).toEqual([]);
      const receiver = await pair();
      await block(receiver.to);
      const answer = await send(receiver, LARGE);
      expect(answer.status).toBe(422);
      expect(answer.body.code).toBe('DECLINED_BY_BANK');
      expect(await fundsAt(receiver.from)).toMatchObject({ balance: 1_000_000n * CENTS, held: 0n });
      const [decline] = await declinesOf(receiver.from);
      expect(parsed(decline?.rules_triggered)).toContain('blacklist');
    });
  });
});
