import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { AlertActions } from '../../src/risk';
import { accountState, alertedTransfer, alertOf, postingQueue, recordVerdicts } from '../support/alerts';
import type { ApiUser } from '../support/api';
import { fundsOf, postOne, transfer } from '../support/postings';
import { expectProblem } from '../support/problem';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();
let worker: Pool;
let analyst: ApiUser;
let actions: AlertActions;

beforeAll(async () => {
  worker = createBankPool(staffed.bank.urls.worker, { connectionLimit: 4 });
  analyst = await staffed.api.staff('analyst');
  actions = new AlertActions(staffed.bank.owner, postingQueue(staffed.bank.pool));
});
afterAll(() => worker.end());

const ask = (caseId: string, what: string, body: object, key?: string) =>
  staffed.post(`/cases/${caseId}/${what}`, body, key, analyst);
const read = async (caseId: string) => (await staffed.get(`/cases/${caseId}`, analyst)).body;

describe('cases', () => {
  it('gather the alerts of one customer, until closed; then a new one opens', async () => {
    const first = await alertedTransfer(staffed.bank, worker, { risk_score: 0.55 });
    const second = await alertedTransfer(staffed.bank, worker, {
      from: first.sender,
      amount: 100n,
      risk_score: 0.9,
    });
    expect(second.alert.case_id).toBe(first.alert.case_id);
    const body = await read(first.alert.case_id);
    expect(body).toMatchObject({
      status: 'open',
      version: 2,
      priority: 'urgent',
      alerts_count: 2,
      open_alerts_count: 2,
      highest_risk_score: 0.9,
      alerts: [{ alert_id: String(second.alert.alert_id) }, { alert_id: String(first.alert.alert_id) }],
      transactions: [
        { transaction_id: first.transaction_id, verdict: 'SUSPICIOUS', attached_at: null },
        { transaction_id: second.transaction_id, verdict: 'CRITICAL' },
      ],
      history: [{ event: 'opened' }, { event: 'alert_raised' }, { event: 'alert_raised' }],
    });
    expect(body.due_at < body.alerts[1].due_at).toBe(true);
    await ask(first.alert.case_id, 'close', { version: body.version, label: 'inconclusive' });
    const third = await alertedTransfer(staffed.bank, worker, { from: first.sender, amount: 100n });
    expect(third.alert.case_id).not.toBe(first.alert.case_id);
  });

  it('one case and one alert each, however many workers record at once', async () => {
    const { user_id } = await staffed.bank.createUser();
    const from = await staffed.bank.openAccount(user_id, { balance: 10_000n });
    const to = await staffed.bank.openAccount((await staffed.bank.createUser()).user_id);
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1)
      ids.push((await postOne(staffed.bank.pool, transfer(from, to, 10n))).transaction_id ?? '');
    const verdicts = ids.map((transaction_id) => ({ transaction_id, risk_score: 0.6 }));
    const answers = await Promise.all([
      recordVerdicts(worker, verdicts),
      recordVerdicts(worker, [...verdicts].reverse()),
      recordVerdicts(worker, verdicts.slice(0, 6)),
      recordVerdicts(
        worker,
        verdicts.map((verdict) => ({ ...verdict, model_version: 2 })),
      ),
    ]);
    expect(answers.reduce((sum, answer) => sum + answer.alerts, 0)).toBe(12);
    const [row] = await staffed.bank.owner.query(
      'SELECT COUNT(*) AS alerts, COUNT(DISTINCT case_id) AS cases FROM alerts WHERE user_id = ?',
      [user_id],
    );
    expect({ alerts: Number(row?.alerts), cases: Number(row?.cases) }).toEqual({ alerts: 12, cases: 1 });
  });

  it('are assigned, taken into review, noted upon, and get transactions attached', async () => {
    const { alert, receiver } = await alertedTransfer(staffed.bank, worker);
    const id = String(alert.case_id);
    const elsewhere = await staffed.bank.openAccount((await staffed.bank.createUser()).user_id);
    const other = await postOne(staffed.bank.pool, transfer(receiver, elsewhere, 50n));
    expect((await ask(id, 'assignment', { version: 1, assigned_to: analyst.user_id })).body).toMatchObject({
      version: 2,
      assigned_to_username: analyst.username,
    });
    expect((await ask(id, 'status', { version: 2, status: 'in_review' })).body).toMatchObject({
      status: 'in_review',
      version: 3,
      alerts: [{ status: 'in_review', version: 2 }],
    });
    expect((await ask(id, 'notes', { note: '  Straße №7 ☕ ' })).status).toBe(201);
    const attach = { transaction_id: other.transaction_id };
    await ask(id, 'transactions', attach);
    const { body } = await ask(id, 'transactions', attach);
    expect(body.notes).toEqual([
      {
        event_id: expect.any(String),
        note: 'Straße №7 ☕',
        author_user_id: analyst.user_id,
        author_username: analyst.username,
        written_at: expect.any(String),
      },
    ]);
    expect(body.transactions).toMatchObject([
      { transaction_id: alert.transaction_id, alert_id: String(alert.alert_id), attached_by: null },
      { transaction_id: other.transaction_id, alert_id: null, attached_by: analyst.user_id },
    ]);
    expect(body.history.map((event: { event: string }) => event.event)).toEqual([
      'opened',
      'alert_raised',
      'assigned',
      'status',
      'note',
      'transaction_attached',
    ]);
    expect((await staffed.get('/cases?assignee=me', analyst)).body.items).toMatchObject([{ case_id: id }]);
    expect((await staffed.get('/alerts?status=in_review', analyst)).body.items).toMatchObject([
      { alert_id: String(alert.alert_id) },
    ]);
  });

  it('refuse what is wrong, each with its own code', async () => {
    const { alert } = await alertedTransfer(staffed.bank, worker);
    const id = String(alert.case_id);
    expectProblem(await ask('999999', 'notes', { note: 'x' }), 404, 'CASE_NOT_FOUND');
    expectProblem(await ask(id, 'status', { version: 9, status: 'in_review' }), 409, 'VERSION_CONFLICT');
    expectProblem(
      await ask(id, 'transactions', { transaction_id: '99999999' }),
      404,
      'TRANSACTION_NOT_FOUND',
    );
    for (const user of [staffed.customer, staffed.auditor, { user_id: '99999999' }]) {
      const answer = await ask(id, 'assignment', { version: 1, assigned_to: user.user_id });
      expectProblem(answer, 422, 'NOT_AN_ANALYST');
    }
    expectProblem(await ask(id, 'close', { version: 1 }), 400, 'VALIDATION_FAILED');
    expectProblem(await ask(id, 'status', { version: 1, status: 'closed' }), 400, 'VALIDATION_FAILED');
    expectProblem(await ask(id, 'notes', { note: 'x'.repeat(2001) }), 400, 'VALIDATION_FAILED');
    await ask(id, 'close', { version: 1, label: 'inconclusive' });
    expectProblem(await ask(id, 'notes', { note: 'x' }), 409, 'CASE_CLOSED');
    expectProblem(await ask(id, 'close', { version: 2, label: 'inconclusive' }), 409, 'CASE_CLOSED');
  });

  it('close with a label, which decides their open alerts, once', async () => {
    const first = await alertedTransfer(staffed.bank, worker, { amount: 10_000n });
    const second = await alertedTransfer(staffed.bank, worker, {
      from: first.sender,
      amount: 5_000n,
      risk_score: 0.6,
    });
    await actions.advance(first.alert.alert_id);
    const id = String(first.alert.case_id);
    const body = { version: 2, label: 'confirmed_fraud', note: 'mule' };
    const answers = [await ask(id, 'close', body, 'close-1'), await ask(id, 'close', body, 'close-1')];
    expect(answers.map((answer) => [answer.status, answer.headers['idempotency-replayed']])).toEqual([
      [200, undefined],
      [200, 'true'],
    ]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(answers[0]?.body).toMatchObject({
      status: 'closed',
      label: 'confirmed_fraud',
      determined_by: analyst.user_id,
      open_alerts_count: 0,
      alerts: [
        { label: 'confirmed_fraud', actions_state: 'none' },
        { label: 'confirmed_fraud', actions_state: 'none' },
      ],
    });
    expect(answers[0]?.body.determination_at).not.toBeNull();
    expect(await fundsOf(staffed.bank.owner, first.sender)).toMatchObject({ balance: 50_000n });
    expect(await accountState(staffed.bank.owner, first.sender)).toEqual({
      status: 'frozen',
      debit_block: null,
    });
    expect(await alertOf(staffed.bank.owner, second.transaction_id)).toMatchObject({
      recovered_minor: '5000',
    });
    expectProblem(await ask(id, 'close', { ...body, note: 'x' }, 'close-1'), 422, 'IDEMPOTENCY_KEY_REUSED');
    const found = (await staffed.get('/cases?label=confirmed_fraud', analyst)).body.items;
    expect(found).toMatchObject([{ case_id: id }]);
  });

  it('are not closed over an alert that came after they were read', async () => {
    const first = await alertedTransfer(staffed.bank, worker, { risk_score: 0.55 });
    const id = first.alert.case_id;
    const { version } = await read(id);
    const second = await alertedTransfer(staffed.bank, worker, { from: first.sender, amount: 1_000n });
    await actions.advance(second.alert.alert_id);
    const label = 'false_positive';
    expectProblem(await ask(id, 'close', { version, label }), 409, 'VERSION_CONFLICT');
    expect(await alertOf(staffed.bank.owner, second.transaction_id)).toMatchObject({
      status: 'open',
      held_minor: '1000',
    });
    expect(await accountState(staffed.bank.owner, first.sender)).toMatchObject({ debit_block: 'review' });
    const again = await read(id);
    expect((await ask(id, 'close', { version: again.version, label })).status).toBe(200);
  });

  it('are listed urgent first, then by when they are due, page by page', async () => {
    for (const risk_score of [0.6, 0.9, 0.7, 0.55, 0.95])
      await alertedTransfer(staffed.bank, worker, { risk_score });
    const items = await staffed.allPages<{ case_id: string; priority: string; due_at: string }>(
      '/cases?limit=2',
    );
    const keys = items.map(
      (item) =>
        `${['urgent', 'high', 'normal'].indexOf(item.priority)} ${item.due_at} ${item.case_id.padStart(9)}`,
    );
    expect(keys).toEqual([...keys].sort());
    expect(new Set(items.map((item) => item.case_id)).size).toBe(items.length);
  });

  it('their events are never changed nor deleted', async () => {
    const root = createBankPool(staffed.bank.urls.admin, { connectionLimit: 1 });
    await expect(root.query("UPDATE case_events SET event = 'note'")).rejects.toThrow('append-only');
    await expect(root.query('DELETE FROM case_events')).rejects.toThrow('append-only');
    await root.end();
  });
});
