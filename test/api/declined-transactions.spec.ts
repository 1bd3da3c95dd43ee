import { PrejudgementClient } from '../../src/transactions/prejudgement-client';
import type { FraudWorker } from '../../worker/fraud-worker';
import { accountState, eventsOf } from '../support/alerts';
import { type ApiUser, startApi, type TestApi } from '../support/api';
import { ask, CRITICAL, LARGE, newParties, type Parties, setLargeRules } from '../support/large-money';
import { moneyOf } from '../support/money';
import { fundsOf, integrityProblems, transfer } from '../support/postings';
import { postBatch } from '../../src/posting';
import { expectProblem } from '../support/problem';
import { createWorkerBank, eventually, type WorkerBank } from '../worker/worker-bank';

const MERCHANT = { name: 'Yachts', mcc: '5551' };

interface Decline {
  declined_id: string;
  code: string;
  alert_id: string | null;
  case_id: string | null;
  rules_triggered: string[] | null;
}

describe('what the fraud engine declined', () => {
  let bank: WorkerBank;
  let api: TestApi;
  let analyst: ApiUser;
  let auditor: ApiUser;
  let admin: ApiUser;

  beforeAll(async () => {
    bank = await createWorkerBank();
    await setLargeRules(bank);
    api = await startApi(bank);
    analyst = await api.staff('analyst');
    auditor = await api.staff('auditor');
    admin = await api.staff('admin');
  });
  afterAll(async () => {
    expect(await integrityProblems(bank.owner)).toEqual([]);
    await api.close();
    await bank.close();
  });

  const get = (path: string, user = analyst) => api.http.get(path).set(user.headers);
  const send = (parties: Parties, amount: string) =>
    ask(api, parties.user, '/transactions/transfer', {
      sender_account_id: parties.from,
      receiver_account_id: parties.to,
      amount,
    });
  const pay = ({ user, from }: Parties, amount: string) =>
    ask(api, user, '/transactions/payment', {
      account_id: from,
      amount,
      channel: 'online',
      merchant: MERCHANT,
    });
  const block = (type: string, id: string) =>
    bank.owner.call('sp_add_risk_list_entry', ['block', type, id, null, 'Known mule', null]);
  /** What the live feed says from its beginning up to the event that has this text. */
  const feedUntil = async (wanted: string): Promise<string> => {
    const abort = new AbortController();
    const answer = await fetch(`${api.url}/alerts/stream?last_event_id=0`, {
      headers: analyst.headers,
      signal: abort.signal,
    });
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      const end = text.indexOf('\n\n', text.indexOf(wanted));
      if (text.includes(wanted) && end >= 0) {
        text = text.slice(0, end + 2);
        break;
      }
    }
    abort.abort();
    return text;
  };
  const declines = async (query: string): Promise<Decline[]> =>
    (await get(`/declined-transactions?${query}`)).body.items;
  const told = async () => {
    const [answer] = await bank.owner.call<{ alerts: number; attempts: number }>('sp_alert_declines');
    return { alerts: Number(answer?.[0]?.alerts), attempts: Number(answer?.[0]?.attempts) };
  };
  const decide = (alertId: string, decision: 'release' | 'confirm', body: object = {}) =>
    ask(api, analyst, `/alerts/${alertId}/${decision}`, { version: 1, ...body });
  /** One BLOCKED attempt, with its alert. */
  const blocked = async (amount = '10.00') => {
    const parties = await newParties(bank, api);
    await block('account', parties.to);
    expectProblem(await send(parties, amount), 422, 'DECLINED_BY_BANK');
    await told();
    const [decline] = await declines(`account_id=${parties.from}`);
    return { parties, decline: decline as Decline, alertId: decline?.alert_id ?? '' };
  };

  it('is a list for staff, newest first, with rules, accounts and people', async () => {
    const parties = await newParties(bank, api, 1_000n);
    await block('account', parties.to);
    expectProblem(await send(parties, '1.00'), 422, 'DECLINED_BY_BANK');
    const other = await newParties(bank, api, 1_000n);
    expectProblem(await send(other, '99.00'), 422, 'INSUFFICIENT_FUNDS');
    for (const user of [analyst, auditor, admin]) {
      const { body } = await get(`/declined-transactions?user_id=${parties.user.user_id}`, user);
      expect(body.items).toMatchObject([
        {
          type: 'transfer',
          code: 'BLOCKED',
          amount: '1.00',
          currency: 'USD',
          account: {
            account_id: parties.from,
            user_id: parties.user.user_id,
            username: parties.user.username,
          },
          counterparty: { account_id: parties.to },
          initiated_by: parties.user.user_id,
          rules_triggered: ['blacklist'],
          risk_score: null,
          reasons: [],
        },
      ]);
    }
    expectProblem(await get('/declined-transactions', parties.user), 403, 'FORBIDDEN');
    expect(await declines(`account_id=${other.from}`)).toMatchObject([
      { code: 'INSUFFICIENT_FUNDS', rules_triggered: null, alert_id: null },
    ]);
    const codes = async (query: string) => new Set((await declines(query)).map(({ code }) => code));
    expect(await codes('rule=blacklist')).toEqual(new Set(['BLOCKED']));
    expect(await codes('by_fraud_engine=true')).toEqual(new Set(['BLOCKED']));
    expect(await codes('by_fraud_engine=false')).toEqual(new Set(['INSUFFICIENT_FUNDS']));
    expect(await codes('code=INSUFFICIENT_FUNDS')).toEqual(new Set(['INSUFFICIENT_FUNDS']));
    expect(await declines('rule=velocity')).toEqual([]);
    expect(await declines('to=2020-01-01')).toEqual([]);
    expect((await declines('from=2020-01-01')).length).toBeGreaterThan(1);
    for (const wrong of ['code=x', 'rule=X', 'by_fraud_engine=1', 'cursor=x', 'limit=0', 'more=1'])
      expect((await get(`/declined-transactions?${wrong}`)).status).toBe(400);

    for (let count = 0; count < 3; count += 1) await send(other, '99.00');
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await get(
        `/declined-transactions?user_id=${other.user.user_id}&limit=2${cursor && `&cursor=${cursor}`}`,
      );
      ids.push(...(page.body.items as Decline[]).map(({ declined_id }) => declined_id));
      cursor = page.body.next_cursor;
    }
    expect(ids).toHaveLength(4);
    expect(ids).toEqual([...ids].sort((a, b) => Number(b) - Number(a)));
  });

  it('opens an alert in the case of the customer who asked, once, and tells the feed', async () => {
    const { parties, decline, alertId } = await blocked();
    expect(decline).toMatchObject({ alert_id: expect.any(String), case_id: expect.any(String) });
    const { body } = await get(`/alerts/${alertId}`);
    expect(body).toMatchObject({
      transaction_id: null,
      declined_id: decline.declined_id,
      reference_id: null,
      type: 'transfer',
      amount: '10.00',
      currency: 'USD',
      user_id: parties.user.user_id,
      verdict: 'CRITICAL',
      risk_score: 0.95,
      priority: 'urgent',
      actions_state: 'none',
      transaction: null,
      hold: null,
      features: {},
      rules: [{ rule: 'blacklist', version: null }],
    });
    expect(await accountState(bank.owner, parties.from)).toMatchObject({ debit_block: null });
    const { body: queue } = await get('/alerts?verdict=CRITICAL&limit=200');
    expect(queue.items.map(({ alert_id }: { alert_id: string }) => alert_id)).toContain(alertId);
    const { body: file } = await get(`/cases/${decline.case_id}`);
    expect(file).toMatchObject({ alerts_count: 1, highest_risk_score: 0.95, transactions: [] });
    expect(file.history.at(-1)).toMatchObject({
      event: 'alert_raised',
      alert_id: alertId,
      detail: { declined_id: decline.declined_id, code: 'BLOCKED', amount: '10.00', currency: 'USD' },
    });
    const [frame] = (await feedUntil(`"declined_id":"${decline.declined_id}"`)).split('\n\n').slice(-2);
    expect(frame).toContain('event: alert_raised\n');
    expect(JSON.parse(/^data: (.*)$/m.exec(frame ?? '')?.[1] ?? '')).toMatchObject({
      alert: { alert_id: alertId, verdict: 'CRITICAL', status: 'open' },
      transaction: null,
      detail: { code: 'BLOCKED', amount: '10.00' },
    });
    expect(await told()).toEqual({ alerts: 0, attempts: 0 });
  });

  it('more attempts are events of the open alert; after its decision the next one is an alert again', async () => {
    const { parties, decline, alertId } = await blocked();
    for (const amount of ['11.00', '12.00'])
      expectProblem(await send(parties, amount), 422, 'DECLINED_BY_BANK');
    const raced = await Promise.all([told(), told(), told()]);
    expect(raced.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(2);
    expect(await eventsOf(bank.owner, decline.case_id ?? '')).toEqual([
      'opened',
      'alert_raised',
      'attempt_declined',
      'attempt_declined',
    ]);
    expect((await decide(alertId, 'release')).body).toMatchObject({
      status: 'closed',
      label: 'false_positive',
    });
    expectProblem(await send(parties, '13.00'), 422, 'DECLINED_BY_BANK');
    expect(await told()).toEqual({ alerts: 1, attempts: 0 });
  });

  it('confirmed as fraud freezes the accounts, with nothing to bring back and nothing to label', async () => {
    const { parties, alertId } = await blocked();
    const confirmed = await decide(alertId, 'confirm', { freeze_receiver: true, reverse: true });
    expect(confirmed.body).toMatchObject({
      status: 'closed',
      label: 'confirmed_fraud',
      actions_state: 'none',
      outcome: { recovered: null, recovery_code: null },
    });
    for (const account of [parties.from, parties.to])
      expect(await accountState(bank.owner, account)).toMatchObject({ status: 'frozen' });
    expect(await bank.owner.query('SELECT * FROM fraud_labels WHERE source = ?', ['analyst'])).toEqual([]);
  });

  it('what an idempotent repeat asks again is no other attempt', async () => {
    const parties = await newParties(bank, api);
    await block('account', parties.to);
    const item = transfer(parties.from, parties.to, 100n);
    expect((await postBatch(bank.pool, [item]))[0]?.code).toBe('BLOCKED');
    expect((await postBatch(bank.pool, [item]))[0]).toMatchObject({ code: 'BLOCKED', is_replayed: true });
    expect(await told()).toEqual({ alerts: 1, attempts: 0 });
  });

  it.each(['merchant', 'account'])(
    'a large payment to a blocked %s is declined without a worker too',
    async (type) => {
      const parties = await newParties(bank, api);
      if (type === 'account') {
        await block('account', parties.to);
        expectProblem(await send(parties, LARGE), 422, 'DECLINED_BY_BANK');
      } else {
        moneyOf(await pay(await newParties(bank, api), '1.00'));
        const [merchant] = await bank.owner.query<{ merchant_id: string }>(
          'SELECT merchant_id FROM merchants WHERE name = ?',
          [MERCHANT.name],
        );
        await block('merchant', String(merchant?.merchant_id));
        expectProblem(await pay(parties, LARGE), 422, 'DECLINED_BY_BANK');
      }
      expect(await fundsOf(bank.owner, parties.from)).toMatchObject({ balance: 100_000_000n, held: 0n });
      expect(await declines(`account_id=${parties.from}`)).toMatchObject([
        { code: 'BLOCKED', rules_triggered: ['blacklist'] },
      ]);
      await told();
    },
  );

  describe('with a worker', () => {
    let worker: FraudWorker;
    beforeAll(async () => {
      worker = await bank.startWorker({
        alert_watch: { interval_ms: 50, settle_after_s: 0, page_size: 100 },
      });
      api.app.get(PrejudgementClient, { strict: false }).options.budget_ms = 60_000;
    }, 120_000);
    afterAll(() => worker.stop());

    it('CRITICAL before posting opens an alert with its reasons, and its sender may not send until released', async () => {
      const parties = await newParties(bank, api);
      expectProblem(await send(parties, CRITICAL), 422, 'DECLINED_BY_BANK');
      const [decline] = await eventually(async () => {
        const found = await declines(`account_id=${parties.from}&code=RISK_DECLINED`);
        const state = await accountState(bank.owner, parties.from);
        return found[0]?.alert_id !== null && state.debit_block === 'review' && found;
      });
      expect(decline).toMatchObject({
        risk_score: 0.9,
        rules_triggered: expect.arrayContaining(['test_hold', 'test_critical']),
        reasons: expect.arrayContaining([
          expect.objectContaining({
            kind: 'rule',
            name: 'test_critical',
            text: '620,000 US dollars, limit 600,000',
          }),
        ]),
      });
      const { body } = await get(`/alerts/${decline?.alert_id}`);
      expect(body).toMatchObject({
        risk_score: 0.9,
        verdict: 'CRITICAL',
        actions_state: 'done',
        reasons: expect.arrayContaining([expect.objectContaining({ name: 'test_critical' })]),
      });
      expectProblem(await send(parties, '1.00'), 422, 'DECLINED_BY_BANK');
      // The case may hold the alert of the deposit, too, which is judged at its own time.
      const events = await bank.owner.query<{ event: string }>(
        'SELECT event FROM case_events WHERE alert_id = ? ORDER BY event_id',
        [decline?.alert_id ?? ''],
      );
      expect(events.map(({ event }) => event)).toEqual(['alert_raised', 'blocked']);
      await decide(decline?.alert_id ?? '', 'release');
      expect(await accountState(bank.owner, parties.from)).toMatchObject({ debit_block: null });
      moneyOf(await send(parties, '1.00'));
    });

    it.each(['transfer', 'payment'])(
      'a large %s to whom the block-list names by then is declined',
      async (type) => {
        const parties = await newParties(bank, api);
        await block('account', parties.to);
        const answer = await (type === 'transfer' ? send(parties, LARGE) : pay(parties, LARGE));
        expect(answer.status).toBe(422);
        expect(answer.body.code).toBe('DECLINED_BY_BANK');
        const [decline] = await declines(`account_id=${parties.from}`);
        expect(decline?.rules_triggered).toContain('blacklist');
        expect(await fundsOf(bank.owner, parties.from)).toMatchObject({ balance: 100_000_000n, held: 0n });
      },
    );
  });

  it('RISK_ACTIONS=off posts what would be declined, raises its alert, and holds nothing', async () => {
    const worker = await bank.startWorker({}, { RISK_ACTIONS: 'off' });
    try {
      const parties = await newParties(bank, api);
      const { transaction_id } = moneyOf(await send(parties, CRITICAL));
      const alert = await eventually(async () => {
        const rows = await bank.owner.query<{ actions_state: string; verdict: string; is_acting: number }>(
          "SELECT actions_state, verdict, is_acting FROM alerts WHERE transaction_id = ? AND actions_state = 'none'",
          [transaction_id ?? ''],
        );
        return rows[0];
      });
      expect(alert).toMatchObject({ verdict: 'CRITICAL', is_acting: 0 });
      expect(await fundsOf(bank.owner, parties.to)).toMatchObject({ held: 0n, available: 62_000_000n });
      expect(await accountState(bank.owner, parties.from)).toMatchObject({ debit_block: null });
    } finally {
      await worker.stop();
    }
  });
});
