import { SEEDED_RULES, verdictsAsJson } from '../../src/risk';
import type { ApiUser } from '../support/api';
import { postBatch } from '../../src/posting';
import { BACKTEST_LIMITS, BacktestService } from '../../src/rules/backtest.service';
import { deposit } from '../support/postings';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();
let analyst: ApiUser;
beforeAll(async () => {
  analyst = await staffed.api.staff('analyst');
});

const LARGE = { all: [{ fact: 'amount_usd', op: 'gte', value: 20_000 }] };
const BODY = { condition: LARGE, floor: 0.6, owner: 'Fraud team', reason: 'Asked for by audit' };
let names = 0;
const freshName = () => `large_${(names += 1)}`;

const put = (path: string, body: object, headers: Record<string, string> = {}, user = analyst) =>
  staffed.api.http
    .put(path)
    .set({ ...user.headers, ...headers })
    .send(body);
const post = (path: string, body: object, user = analyst) => staffed.post(path, body, undefined, user);
const create = async (overrides: object = {}) =>
  (await post('/risk/rules', { name: freshName(), ...BODY, ...overrides })).body;

describe('GET /risk/rules', () => {
  it('has the seeded rules in force', async () => {
    const { body } = await staffed.get('/risk/rules?status=active&limit=200', staffed.auditor);
    expect(body.next_cursor).toBeNull();
    expect(body.items).toHaveLength(SEEDED_RULES.length);
    for (const [index, rule] of SEEDED_RULES.entries()) {
      expect(body.items[index]).toMatchObject({
        name: rule.name,
        status: 'active',
        version: 1,
        floor: rule.floor,
        action: rule.action,
        condition: rule.condition,
        reason_template: rule.reason_template,
        owner: 'Fraud team',
        created_by: null,
        is_protected: rule.name === 'blacklist',
      });
    }
    const paged = await staffed.allPages<{ name: string }>('/risk/rules?limit=5');
    expect(paged.map((rule) => rule.name)).toEqual(SEEDED_RULES.map((rule) => rule.name));
  });

  it('tells what conditions may ask', async () => {
    const { body } = await staffed.get('/risk/facts', analyst);
    expect(body.items).toContainEqual({
      fact: 'is_new_device',
      kind: 'boolean',
      unit: 'true or false',
      definition: 'a device the customer never logged in from',
      operators: ['eq', 'ne'],
    });
  });

  it('is the staff’s: analysts and administrators write, auditors read, customers do neither', async () => {
    const denied = { status: 403, code: 'FORBIDDEN' };
    const body = { name: freshName(), ...BODY };
    expect((await staffed.get('/risk/rules', staffed.customer)).body).toMatchObject(denied);
    expect((await post('/risk/rules', body, staffed.auditor)).body).toMatchObject(denied);
    expect((await post('/risk/rules/backtest', { condition: LARGE }, staffed.auditor)).body).toMatchObject(
      denied,
    );
    expect((await post('/risk/rules', body, staffed.admin)).status).toBe(201);
  });
});

describe('a rule', () => {
  it('begins as a draft, and every change is a version of its own, audited', async () => {
    const name = freshName();
    const created = await post('/risk/rules', {
      name,
      ...BODY,
      action: 'hold',
      reason_template: '{amount_usd} US dollars, limit {limit:amount_usd}',
    });
    expect(created.status).toBe(201);
    expect(created.headers.etag).toBe('"1"');
    const { rule_id } = created.body;
    expect(created.body).toMatchObject({ name, status: 'draft', version: 1, revision: 1, action: 'hold' });

    const smaller = { fact: 'amount_usd', op: 'gte', value: 15_000 };
    const changed = await put(`/risk/rules/${rule_id}`, { ...BODY, condition: smaller, revision: 1 });
    expect(changed.body).toMatchObject({
      version: 2,
      revision: 2,
      condition: smaller,
      action: 'score',
      created_by: analyst.user_id,
      created_by_username: analyst.username,
      versions: [
        { version: 2, condition: smaller, reason_template: null },
        { version: 1, condition: LARGE, action: 'hold', owner: 'Fraud team', reason: 'Asked for by audit' },
      ],
    });
    await put(`/risk/rules/${rule_id}/status`, { status: 'shadow', reason: 'A week of looking' });

    const logs = await staffed.get(`/audit/logs?table_name=risk_rules&record_id=${rule_id}`);
    expect(logs.body.items).toMatchObject([
      {
        action: 'UPDATE',
        old_values: { status: 'draft' },
        new_values: { status: 'shadow', reason: 'A week of looking' },
      },
      {
        action: 'UPDATE',
        old_values: { version: 1, condition: LARGE },
        new_values: { version: 2, condition: smaller },
      },
      {
        action: 'INSERT',
        old_values: null,
        new_values: { name, version: 1 },
        actor_user_id: analyst.user_id,
      },
    ]);
  });

  it('is not overwritten unawares', async () => {
    const { rule_id } = await create();
    const path = `/risk/rules/${rule_id}`;
    expect((await put(path, BODY)).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ field: 'revision' }],
    });
    expect((await put(path, BODY, { 'if-match': 'yesterday' })).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ field: 'If-Match' }],
    });
    const both = await Promise.all([1, 2].map(() => put(path, BODY, { 'if-match': '"1"' })));
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(both.find((answer) => answer.status === 409)?.body.code).toBe('RULE_CHANGED');
    const status = { status: 'active', reason: 'As agreed', revision: 1 };
    expect((await put(`${path}/status`, status)).body.code).toBe('RULE_CHANGED');
    expect((await staffed.get(path)).body).toMatchObject({ version: 2, revision: 2, status: 'draft' });
  });

  it('runs in shadow, in force, or not at all, but is no draft again', async () => {
    const { rule_id } = await create();
    const set = async (status: string) =>
      (await put(`/risk/rules/${rule_id}/status`, { status, reason: 'As agreed' })).body;
    for (const status of ['shadow', 'active', 'active', 'disabled', 'shadow'])
      expect(await set(status)).toMatchObject({ status });
    expect((await set('draft')).code).toBe('RULE_STATUS_NOT_ALLOWED');
    expect((await set('on')).code).toBe('VALIDATION_FAILED');
    expect((await staffed.get(`/risk/rules/${rule_id}`)).body.revision).toBe(5);
  });

  it('runs a changed version in shadow beside the one in force, and publishes or drops it', async () => {
    const { rule_id } = await create();
    const path = `/risk/rules/${rule_id}`;
    const lower = { ...BODY, condition: { fact: 'amount_usd', op: 'gte', value: 15_000 } };
    const why = { reason: 'As agreed' };
    expect((await put(`${path}/shadow`, { ...lower, revision: 1 })).body.code).toBe('RULE_NOT_ACTIVE');
    await put(`${path}/status`, { status: 'active', ...why });
    expect((await put(`${path}/shadow`, lower)).body.code).toBe('VALIDATION_FAILED');
    expect((await put(`${path}/shadow`, { ...lower, revision: 1 })).body.code).toBe('RULE_CHANGED');
    const denied = { status: 403, code: 'FORBIDDEN' };
    expect((await put(`${path}/shadow`, lower, {}, staffed.auditor)).body).toMatchObject(denied);
    expect((await post(`${path}/shadow/publish`, why, staffed.auditor)).body).toMatchObject(denied);
    const shadowed = await put(`${path}/shadow`, lower, { 'if-match': '"2"' });
    expect(shadowed.body).toMatchObject({
      version: 1,
      shadow_version: 2,
      revision: 3,
      condition: LARGE,
      versions: [{ version: 2, condition: lower.condition }, { version: 1 }],
    });
    // What is asked of the past without a version is the one in force.
    expect((await post(`${path}/backtest`, {})).body.condition).toEqual(LARGE);
    expect((await post(`${path}/backtest`, { version: 2 })).body.condition).toEqual(lower.condition);
    const dropped = await post(`${path}/shadow/drop`, { ...why, revision: 3 });
    expect(dropped.body).toMatchObject({ version: 1, shadow_version: null, revision: 4 });
    expect((await post(`${path}/shadow/publish`, why)).body.code).toBe('RULE_HAS_NO_SHADOW');
    await put(`${path}/shadow`, { ...lower, revision: 4 });
    const published = await post(`${path}/shadow/publish`, why);
    expect(published.body).toMatchObject({ version: 3, shadow_version: null, condition: lower.condition });
    const { body: logs } = await staffed.get(`/audit/logs?table_name=risk_rules&record_id=${rule_id}`);
    expect(logs.items[0]).toMatchObject({
      old_values: { version: 1, shadow_version: 3 },
      new_values: { version: 3, shadow_version: null, reason: 'As agreed' },
      actor_user_id: analyst.user_id,
    });
    expect(logs.items[1]).toMatchObject({
      old_values: { version: 1, shadow_version: null },
      new_values: { version: 1, shadow_version: 3 },
    });
    expect((await post('/risk/rules/999999/shadow/drop', why)).body.code).toBe('RULE_NOT_FOUND');
  });

  it('of the block-list is protected', async () => {
    const { items } = (await staffed.get('/risk/rules?limit=1')).body;
    const path = `/risk/rules/${items[0].rule_id}`;
    const change = { ...BODY, revision: 1 };
    for (const to of [path, `${path}/shadow`])
      expect((await put(to, change)).body).toMatchObject({ status: 409, code: 'RULE_PROTECTED' });
    const off = { status: 'disabled', reason: 'In the way' };
    expect((await put(`${path}/status`, off, {}, staffed.admin)).body.code).toBe('RULE_PROTECTED');
  });

  it('needs a name of its own, and must exist', async () => {
    const { name } = await create();
    expect((await post('/risk/rules', { name, ...BODY })).body).toMatchObject({
      status: 409,
      code: 'RULE_NAME_TAKEN',
    });
    expect((await staffed.get('/risk/rules/999999')).body.code).toBe('RULE_NOT_FOUND');
    expect((await put('/risk/rules/999999', { ...BODY, revision: 1 })).body.code).toBe('RULE_NOT_FOUND');
    expect((await post('/risk/rules/999999/backtest', {})).body.code).toBe('RULE_NOT_FOUND');
  });

  it.each<[object, string, string]>([
    [
      { condition: { all: [LARGE, { fact: 'amount_usd', op: 'gt', value: 'much' }] } },
      'condition.all.1.value',
      'expected a number, because amount_usd is in USD',
    ],
    [
      { condition: { fact: 'amount' } },
      'condition.op',
      'expected one of eq, ne, gt, gte, lt, lte, in, not_in, because amount is a number',
    ],
    [{ condition: 'amount > 5' }, 'condition', 'expected an object with all, any, not or fact'],
    [{ condition: undefined }, 'condition', 'expected an object with all, any, not or fact'],
    [
      { reason_template: '{amuont} too much' },
      'reason_template',
      "{amuont} at character 1: there is no fact 'amuont'",
    ],
  ])('%j is refused with its position', async (wrong, field, message) => {
    const { body } = await post('/risk/rules', { name: freshName(), ...BODY, ...wrong });
    expect(body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', errors: [{ field, message }] });
  });

  it.each([
    ['name', { name: "x'; DROP TABLE risk_rules; --" }],
    ['floor', { floor: 1.01 }],
    ['action', { action: 'freeze' }],
    ['owner', { owner: ' ' }],
    ['reason', { reason: undefined }],
    ['status', { status: 'active' }],
  ])('with another %s is refused', async (field, wrong) => {
    const { body } = await post('/risk/rules', { name: freshName(), ...BODY, ...wrong });
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field }] });
  });

  it('has versions that nobody changes', async () => {
    await expect(staffed.bank.owner.execute('UPDATE risk_rule_versions SET risk_floor = 0')).rejects.toThrow(
      'append-only',
    );
    await expect(staffed.bank.owner.execute('DELETE FROM risk_rule_versions')).rejects.toThrow('append-only');
    await expect(staffed.bank.pool.query("UPDATE risk_rules SET status = 'disabled'")).rejects.toThrow(
      /denied/,
    );
    await expect(staffed.bank.pool.query('UPDATE risk_revisions SET revision = 0')).rejects.toThrow(/denied/);
  });
});

describe('a backtest', () => {
  const ids: string[] = [];

  /** Five movements, one a day from the first of March on, with verdicts; the first two are known. */
  beforeAll(async () => {
    const account = await staffed.bank.openAccount(staffed.customer.user_id);
    for (const [index, amount] of [25_000n, 30_000n, 21_000n, 40n, 50n].entries()) {
      const effective_us = Date.UTC(2026, 2, 1 + index, 12) * 1000;
      const [outcome] = await postBatch(staffed.bank.pool, [
        deposit(account, amount * 100n, { effective_us }),
      ]);
      ids.push(String(outcome?.transaction_id));
    }
    const verdicts = ids.map((transaction_id, index) => ({
      transaction_id,
      model_version: 1,
      risk_score: [0.9, 0.55, 0.1, 0.1, 0.1][index] ?? 0,
      features: index === 4 ? {} : { amount_usd: [25_000, 30_000, 21_000, 40][index] },
    }));
    await staffed.bank.owner.call('sp_record_risk_scores', [verdictsAsJson(verdicts)]);
    await staffed.bank.owner.execute(
      "INSERT INTO fraud_labels (transaction_id, is_fraud, source) VALUES (?, 1, 'test'), (?, 0, 'test')",
      [ids[0], ids[1]],
    );
  });

  const march = { from: '2026-03-01', to: '2026-03-31' };

  it('says what a condition would have flagged, and how much of it was fraud', async () => {
    const { body } = await post('/risk/rules/backtest', { condition: LARGE, ...march });
    expect(body).toMatchObject({
      from: '2026-03-01T00:00:00.000000Z',
      to: '2026-04-01T00:00:00.000000Z',
      covered: {
        verdicts: 5,
        is_complete: true,
        stopped_by: null,
        from: '2026-03-01T12:00:00.000000Z',
        labels: { fraud: 1, honest: 1, unlabelled: 3 },
      },
      missing_facts: { amount_usd: 1 },
      flagged: {
        transactions: 3,
        by_verdict_now: { SAFE: 1, SUSPICIOUS: 1, CRITICAL: 1 },
        labels: { fraud: 1, honest: 1, unlabelled: 1 },
        precision: 0.5,
        recall: 1,
      },
    });
    expect(body.sample).toMatchObject([
      { transaction_id: ids[2], amount: '21000.00', verdict: 'SAFE', label: null },
      { transaction_id: ids[1], verdict: 'SUSPICIOUS', label: 'honest' },
      { transaction_id: ids[0], verdict: 'CRITICAL', label: 'fraud', risk_score: 0.9 },
    ]);
  });

  it('asks any version of a rule, within the period alone', async () => {
    const { rule_id } = await create();
    const condition = { fact: 'amount_usd', op: 'lt', value: 100 };
    await put(`/risk/rules/${rule_id}`, { ...BODY, condition, revision: 1 });
    const run = async (body: object) => (await post(`/risk/rules/${rule_id}/backtest`, body)).body;
    expect((await run(march)).sample).toMatchObject([{ transaction_id: ids[3] }]);
    expect((await run({ ...march, version: 1 })).flagged.transactions).toBe(3);
    const second = await run({ from: '2026-03-02', to: '2026-03-02', version: 1 });
    expect(second).toMatchObject({ covered: { verdicts: 1 }, flagged: { recall: null, precision: 0 } });
    expect((await run({ from: '2020-01-01', to: '2020-12-31' })).covered).toMatchObject({
      verdicts: 0,
      from: null,
    });
    expect((await run({ ...march, version: 9 })).code).toBe('RULE_NOT_FOUND');
    expect((await run({ from: '2026-03-31', to: '2026-03-01' })).code).toBe('VALIDATION_FAILED');
  });

  it('knows the type of a transaction even where the verdict does not', async () => {
    const condition = { fact: 'type', op: 'eq', value: 'deposit' };
    const { body } = await post('/risk/rules/backtest', { condition, ...march });
    expect(body.flagged.transactions).toBe(5);
  });

  it('stops at its limits and says so', async () => {
    const service = staffed.api.app.get(BacktestService, { strict: false });
    const condition = { fact: 'type' as const, op: 'eq' as const, value: 'deposit' };
    const two = await service.run(condition, march, { ...BACKTEST_LIMITS, verdicts_max: 2 });
    expect(two.covered).toMatchObject({
      verdicts: 2,
      is_complete: false,
      stopped_by: 'verdicts',
      from: '2026-03-04T12:00:00.000000Z',
    });
    const all = await service.run(condition, march, { ...BACKTEST_LIMITS, verdicts_max: 5 });
    expect(all.covered).toMatchObject({ verdicts: 5, is_complete: true });
    const none = await service.run(condition, march, { ...BACKTEST_LIMITS, time_max_ms: 0 });
    expect(none.covered).toMatchObject({ verdicts: 0, stopped_by: 'time' });
    for (const rows_max of [1, 2, 3])
      expect(await service.run(condition, march, { ...BACKTEST_LIMITS, rows_max })).toEqual(
        await service.run(condition, march),
      );
    const first = service.run(condition, march);
    await expect(service.run(condition, march)).rejects.toMatchObject({ code: 'BACKTEST_BUSY' });
    await first;
  });
});
