import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { idempotencyKey, requestHash } from '../../src/posting';
import { AlertActions } from '../../src/risk';
import {
  accountState,
  alertedTransfer,
  alertOf,
  eventsOf,
  postingQueue,
  recordVerdicts,
} from '../support/alerts';
import type { ApiUser } from '../support/api';
import { fundsOf, postOne, transfer, withdrawal } from '../support/postings';
import { expectProblem } from '../support/problem';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();
let worker: Pool;
let analyst: ApiUser;
let actions: AlertActions;

beforeAll(async () => {
  worker = createBankPool(staffed.bank.urls.worker, { connectionLimit: 2 });
  analyst = await staffed.api.staff('analyst');
  actions = new AlertActions(staffed.bank.owner, postingQueue(staffed.bank.pool));
});
afterAll(() => worker.end());

const acted = async (options: Parameters<typeof alertedTransfer>[2] = {}) => {
  const made = await alertedTransfer(staffed.bank, worker, options);
  await actions.advance(made.alert.alert_id);
  return made;
};
const release = (alertId: string, body: object = {}, key?: string) =>
  staffed.post(`/alerts/${alertId}/release`, { version: 1, ...body }, key, analyst);
const confirm = (alertId: string, body: object = {}, key?: string) =>
  staffed.post(`/alerts/${alertId}/confirm`, { version: 1, ...body }, key, analyst);
const labelOf = async (transactionId: string) =>
  (
    await staffed.bank.owner.query(
      'SELECT is_fraud, source, labelled_by FROM fraud_labels WHERE transaction_id = ?',
      [transactionId],
    )
  )[0];

describe('who may', () => {
  it('read: analysts, administrators, auditors; decide: not auditors', async () => {
    const { alert } = await alertedTransfer(staffed.bank, worker);
    for (const path of ['/alerts', `/alerts/${alert.alert_id}`, '/cases', `/cases/${alert.case_id}`]) {
      for (const user of [analyst, staffed.admin, staffed.auditor])
        expect([path, (await staffed.get(path, user)).status]).toEqual([path, 200]);
      expectProblem(await staffed.get(path, staffed.customer), 403, 'FORBIDDEN');
    }
    for (const path of [
      `/alerts/${alert.alert_id}/release`,
      `/alerts/${alert.alert_id}/confirm`,
      `/cases/${alert.case_id}/notes`,
      `/cases/${alert.case_id}/assignment`,
      `/cases/${alert.case_id}/transactions`,
      `/cases/${alert.case_id}/status`,
      `/cases/${alert.case_id}/close`,
    ]) {
      for (const user of [staffed.auditor, staffed.customer])
        expectProblem(await staffed.post(path, {}, undefined, user), 403, 'FORBIDDEN');
      expectProblem(await staffed.post(path, {}, undefined, analyst), 400, 'VALIDATION_FAILED');
    }
  });
});

describe('GET /alerts', () => {
  it('urgent first, then the riskiest, then the oldest, page by page, while others come', async () => {
    const risks = [0.66, 0.95, 0.55, 0.85, 0.66, 0.7, 0.85, 0.5];
    for (const risk_score of risks) await alertedTransfer(staffed.bank, worker, { risk_score });
    const items = await staffed.allPages<{ alert_id: string; priority: string; risk_score: number }>(
      '/alerts?limit=3',
      () => alertedTransfer(staffed.bank, worker, { risk_score: 0.99 }),
    );
    const rank = ['urgent', 'high', 'normal'];
    const keys = items.map((item) => [rank.indexOf(item.priority), -item.risk_score, Number(item.alert_id)]);
    const sorted = [...keys].sort(
      (a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0),
    );
    expect(keys).toEqual(sorted);
    expect(new Set(items.map((item) => item.alert_id)).size).toBe(items.length);
    expect(items.length).toBeGreaterThanOrEqual(risks.length);
    expect(items.filter((item) => item.risk_score === 0.66)).toHaveLength(2);
  });

  it('filters', async () => {
    const { alert } = await alertedTransfer(staffed.bank, worker, { risk_score: 0.6 });
    await staffed.post(
      `/cases/${alert.case_id}/assignment`,
      { version: 1, assigned_to: analyst.user_id },
      undefined,
      analyst,
    );
    const list = async (query: string, user = analyst) => {
      const { body } = await staffed.get(`/alerts?limit=200&${query}`, user);
      return (
        (body.items as { alert_id: string; verdict: string; priority: string; status: string }[]) ?? body
      );
    };
    expect(await list('assignee=me')).toMatchObject([
      { alert_id: String(alert.alert_id), assigned_to_username: analyst.username },
    ]);
    expect(await list(`assignee=${analyst.user_id}&verdict=CRITICAL`)).toEqual([]);
    expect(await list('assignee=me', staffed.admin)).toEqual([]);
    expect((await list('assignee=none')).map((item) => item.alert_id)).not.toContain(String(alert.alert_id));
    expect((await list('verdict=SUSPICIOUS')).every((item) => item.verdict === 'SUSPICIOUS')).toBe(true);
    expect((await list('priority=urgent')).every((item) => item.verdict === 'CRITICAL')).toBe(true);
    expect(await list('status=in_review')).toEqual([]);
    expectProblem(await staffed.get('/alerts?assignee=x', analyst), 400, 'VALIDATION_FAILED');
    const { body } = await staffed.get('/alerts?limit=1', analyst);
    expectProblem(
      await staffed.get(`/alerts?verdict=CRITICAL&cursor=${body.next_cursor}`, analyst),
      400,
      'INVALID_CURSOR',
    );
  });

  it('clocks follow the settings', async () => {
    const dueMinutes = async (setting: string) => {
      await staffed.bank.owner.execute(
        "UPDATE bank_settings SET setting_value = ? WHERE setting_key = 'alert_due_minutes_high'",
        [setting],
      );
      const { alert } = await alertedTransfer(staffed.bank, worker, { risk_score: 0.7 });
      const { body } = await staffed.get(`/alerts/${alert.alert_id}`, analyst);
      expect(body).toMatchObject({ is_overdue: false, determination_at: null, priority: 'high' });
      return (new Date(body.due_at).getTime() - new Date(body.alert_raised_at).getTime()) / 60_000;
    };
    expect(await dueMinutes('5')).toBe(5);
    expect(await dueMinutes('nonsense')).toBe(480);
  });
});

describe('GET /alerts/{alert_id}', () => {
  it('tells why, what, and who', async () => {
    const sender = await staffed.api.customer({ full_name: 'Ida Sender' });
    const from = await staffed.bank.openAccount(sender.user_id, { balance: 100_000n });
    const to = await staffed.bank.openAccount((await staffed.bank.createUser()).user_id);
    const { transaction_id } = await postOne(
      staffed.bank.pool,
      transfer(from, to, 12_345n, { description: 'Rent' }),
    );
    await recordVerdicts(worker, [
      {
        transaction_id: transaction_id ?? '',
        risk_score: 0.9123,
        raw_score: 0.61,
        p_value: 0.0004,
        features: { amount: 123.45, is_new_counterparty: 1 },
        rules: [{ rule: 'velocity', version: 3 }],
        reasons: [
          { kind: 'rule', name: 'velocity', text: '6 transfers in 10 minutes, limit 5' },
          { kind: 'feature', name: 'amount_over_30d_mean', text: '3.4 times the 30-day mean', share: 0.41 },
        ],
      },
    ]);
    const { alert_id } = await alertOf(staffed.bank.owner, transaction_id ?? '');
    await actions.advance(alert_id);
    const { body } = await staffed.get(`/alerts/${alert_id}`, analyst);
    expect(body).toMatchObject({
      verdict: 'CRITICAL',
      risk_score: 0.9123,
      raw_score: 0.61,
      p_value: 0.0004,
      amount: '123.45',
      actions_state: 'done',
      features: { amount: 123.45, is_new_counterparty: 1 },
      rules: [{ rule: 'velocity', version: 3 }],
      reasons: [
        { kind: 'rule', name: 'velocity', text: '6 transfers in 10 minutes, limit 5', share: null },
        { kind: 'feature', name: 'amount_over_30d_mean', text: '3.4 times the 30-day mean', share: 0.41 },
      ],
      transaction: {
        transaction_id,
        description: 'Rent',
        entries: [{ direction: 'debit' }, { direction: 'credit' }],
      },
      customer: {
        user_id: sender.user_id,
        full_name: 'Ida Sender',
        alerts_count: 1,
        confirmed_count: 0,
        accounts: [{ account_id: from, status: 'active', debit_block: 'review' }],
      },
      hold: { status: 'active', amount: '123.45' },
      outcome: null,
    });
    expectProblem(await staffed.get('/alerts/999999', analyst), 404, 'ALERT_NOT_FOUND');
    expectProblem(await staffed.get('/alerts/x', analyst), 400, 'VALIDATION_FAILED');
  });
});

describe('POST /alerts/{alert_id}/release', () => {
  it('gives the hold back, lifts the block, labels; a repeat answers the same', async () => {
    const { sender, receiver, transaction_id, alert } = await acted();
    const answers = [
      await release(alert.alert_id, { note: 'called' }, 'release-1'),
      await release(alert.alert_id, { note: 'called' }, 'release-1'),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(answers.map((answer) => answer.headers['idempotency-replayed'])).toEqual([undefined, 'true']);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(answers[0]?.body).toMatchObject({
      status: 'closed',
      label: 'false_positive',
      actions_state: 'none',
      version: 2,
      hold: { status: 'voided' },
      outcome: { determined_by: analyst.user_id, recovered: null },
      customer: { accounts: [{ debit_block: null, status: 'active' }] },
    });
    expect(await fundsOf(staffed.bank.owner, receiver)).toMatchObject({ held: 0n });
    expect((await accountState(staffed.bank.owner, sender)).debit_block).toBeNull();
    expect(await labelOf(transaction_id)).toEqual({
      is_fraud: 0,
      source: 'analyst',
      labelled_by: analyst.user_id,
    });
    expect(await eventsOf(staffed.bank.owner, alert.case_id)).toEqual([
      'opened',
      'alert_raised',
      'held',
      'blocked',
      'released',
      'settled',
    ]);
    expectProblem(
      await release(alert.alert_id, { note: 'other' }, 'release-1'),
      422,
      'IDEMPOTENCY_KEY_REUSED',
    );
    expectProblem(await release(alert.alert_id, { version: 2 }, 'release-2'), 409, 'ALERT_CLOSED');
    expectProblem(await confirm(alert.alert_id, { version: 2 }), 409, 'ALERT_CLOSED');
  });

  it('inconclusive teaches nothing', async () => {
    const { transaction_id, alert } = await acted({ risk_score: 0.6 });
    expect((await release(alert.alert_id, { label: 'inconclusive' })).body.label).toBe('inconclusive');
    expect(await labelOf(transaction_id)).toBeUndefined();
  });

  it('a version that was overtaken, an alert that is none, and a key of something else', async () => {
    const { alert } = await acted();
    expectProblem(await release(alert.alert_id, { version: 7 }), 409, 'VERSION_CONFLICT');
    expectProblem(await release('999999'), 404, 'ALERT_NOT_FOUND');
    const other = await acted();
    expect((await release(alert.alert_id, {}, 'same-key')).status).toBe(200);
    expectProblem(await release(other.alert.alert_id, {}, 'same-key'), 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  it('two analysts at once: one decides', async () => {
    const { alert } = await acted();
    const answers = await Promise.all([release(alert.alert_id), confirm(alert.alert_id)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
  });

  it('before the worker acted, nothing is held afterwards', async () => {
    const { receiver, alert } = await alertedTransfer(staffed.bank, worker);
    expect((await release(alert.alert_id)).body).toMatchObject({ actions_state: 'none', hold: null });
    await actions.advance(alert.alert_id);
    expect(await fundsOf(staffed.bank.owner, receiver)).toMatchObject({ held: 0n });
  });
});

describe('POST /alerts/{alert_id}/confirm', () => {
  it('brings the money back, freezes, labels', async () => {
    const { sender, receiver, transaction_id, alert } = await acted();
    const { status, body } = await confirm(alert.alert_id, { freeze_receiver: true });
    expect([status, body.outcome]).toEqual([
      200,
      {
        determined_by: analyst.user_id,
        recovered: '100.00',
        recovery_transaction_id: expect.any(String),
        recovery_code: 'OK',
      },
    ]);
    expect(body.transaction.reversed_by).toBe(body.outcome.recovery_transaction_id);
    expect(await fundsOf(staffed.bank.owner, sender)).toMatchObject({ balance: 50_000n });
    expect(await fundsOf(staffed.bank.owner, receiver)).toEqual({ balance: 0n, held: 0n, available: 0n });
    expect((await accountState(staffed.bank.owner, sender)).status).toBe('frozen');
    expect((await accountState(staffed.bank.owner, receiver)).status).toBe('frozen');
    expect(await labelOf(transaction_id)).toEqual({
      is_fraud: 1,
      source: 'analyst',
      labelled_by: analyst.user_id,
    });
  });

  it('says how much came back when funds are gone', async () => {
    const { receiver, alert } = await alertedTransfer(staffed.bank, worker);
    await postOne(staffed.bank.pool, withdrawal(receiver, 6_000n));
    await actions.advance(alert.alert_id);
    const { body } = await confirm(alert.alert_id);
    expect(body.outcome).toMatchObject({ recovered: '40.00', recovery_code: 'INSUFFICIENT_FUNDS' });
    expect(body.transaction.reversed_by).toBeNull();
  });

  it('completes what an answer that was lost had begun', async () => {
    const { sender, alert } = await acted();
    const key = 'confirm-after-a-crash';
    const decision = {
      alert_id: String(alert.alert_id),
      version: 1,
      label: 'confirmed_fraud',
      reverse: null,
      freeze_receiver: false,
      note: null,
    };
    // What the API does first; then it died.
    await staffed.bank.owner.onConnection(
      { user_id: analyst.user_id, ip_address: null, request_id: null },
      (queries) =>
        queries.call('sp_decide_alert', [
          ...Object.values(decision),
          idempotencyKey(analyst.user_id, key),
          requestHash(decision),
        ]),
    );
    expect(await fundsOf(staffed.bank.owner, sender)).toMatchObject({ balance: 40_000n });
    const { status, headers, body } = await confirm(alert.alert_id, {}, key);
    expect([status, headers['idempotency-replayed'], body.outcome.recovered]).toEqual([
      200,
      'true',
      '100.00',
    ]);
    expect(await fundsOf(staffed.bank.owner, sender)).toMatchObject({ balance: 50_000n });
  });
});
