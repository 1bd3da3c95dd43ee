import type { ApiUser } from '../support/api';
import { postBatch } from '../../src/posting';
import { deposit } from '../support/postings';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();
let analyst: ApiUser;
const post = (path: string, body: object, user = analyst) => staffed.post(path, body, undefined, user);

beforeAll(async () => {
  analyst = await staffed.api.staff('analyst');
  for (const [state, measures] of [
    ['retired', null],
    [
      'active',
      {
        transactions: 3000,
        alert_rate: 0.011,
        psi: 0.04,
        drifted: [],
        measured_at: '2026-01-31T10:00:00.000Z',
      },
    ],
    ['shadow', { transactions: 10, alert_rate: null, measured_at: '2026-01-31T10:00:00.000Z' }],
    ['refused', null],
  ] as const) {
    await staffed.bank.owner.execute(
      `INSERT INTO risk_models (kind, trained_on, trained_rows, feature_names, model_blob, state, trained_because, measures)
       VALUES ('florin-forest', 'history', 30000, '[]', 'x', ?, 'a week has passed', ?)`,
      [state, measures && JSON.stringify(measures)],
    );
  }
});

describe('GET /risk/models', () => {
  it('lists versions with what they do, newest first', async () => {
    const { body } = await staffed.get('/risk/models', staffed.auditor);
    expect(body.items.map((item: { state: string }) => item.state)).toEqual([
      'refused',
      'shadow',
      'active',
      'retired',
    ]);
    expect(body.items[2]).toMatchObject({
      model_version: 2,
      kind: 'florin-forest',
      trained_on: 'history',
      trained_rows: 30_000,
      confirmed_frauds: 0,
      trained_because: 'a week has passed',
      measures: { transactions: 3_000, alert_rate: 0.011, psi: 0.04, drifted: [] },
    });
    expect(body.items[1].measures).toMatchObject({ alert_rate: null, psi: null, drifted: [] });
    expect(body.items[0].measures).toBeNull();
    const paged = await staffed.allPages<{ model_version: number }>('/risk/models?limit=3');
    expect(paged.map(({ model_version }) => model_version)).toEqual([4, 3, 2, 1]);
    const { body: retired } = await staffed.get('/risk/models?state=retired');
    expect(retired.items).toHaveLength(1);
  });

  it('is for those who may see risks', async () => {
    expect((await staffed.get('/risk/models', staffed.customer)).status).toBe(403);
  });
});

describe('POST /risk/models/:model_version/activate', () => {
  it('puts a version in force, retires the other, and is audited', async () => {
    const { status, body } = await post('/risk/models/1/activate', { reason: 'Version 2 flags salaries' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      model_version: 1,
      state: 'active',
      state_reason: 'Version 2 flags salaries',
    });
    const { body: list } = await staffed.get('/risk/models?state=retired');
    expect(list.items).toMatchObject([{ model_version: 2, state_reason: 'version 1 judges' }]);
    const [audit] = await staffed.bank.owner.query<{ actor_user_id: string; record_id: string }>(
      "SELECT actor_user_id, record_id FROM system_audit_logs WHERE table_name = 'risk_models' ORDER BY audit_id DESC LIMIT 1",
    );
    expect(audit).toMatchObject({ record_id: '1', actor_user_id: analyst.user_id });
  });

  it('changes nothing the second time', async () => {
    expect((await post('/risk/models/1/activate', { reason: 'Again' })).body).toMatchObject({
      state: 'active',
      state_reason: 'Version 2 flags salaries',
    });
  });

  it('refuses what cannot be put in force', async () => {
    expect((await post('/risk/models/99/activate', { reason: 'No such' })).body.code).toBe(
      'RISK_MODEL_NOT_FOUND',
    );
    expect((await post('/risk/models/4/activate', { reason: 'Refused' })).body.code).toBe(
      'RISK_MODEL_REFUSED',
    );
    expect((await post('/risk/models/x/activate', { reason: 'Bad' })).status).toBe(400);
    expect((await post('/risk/models/1/activate', {})).body.code).toBe('VALIDATION_FAILED');
    expect((await post('/risk/models/2/activate', { reason: 'May not' }, staffed.auditor)).status).toBe(403);
  });

  it('leaves one active version when many are put in force at once', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 1, 2, 3].map((version) => post(`/risk/models/${version}/activate`, { reason: 'At once' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    const { body } = await staffed.get('/risk/models?state=active');
    expect(body.items).toHaveLength(1);
  });
});

describe('the budget of alerts', () => {
  const put = (body: object, user = analyst) =>
    staffed.api.http.put('/risk/models/budget').set(user.headers).send(body);
  const more = { review_share: 0.025, block_share: 0.002, reason: 'Two more analysts' };

  it('is one in a hundred and one in a thousand, until the bank sets another, which is audited', async () => {
    const { body } = await staffed.get('/risk/models/budget', staffed.auditor);
    expect(body).toMatchObject({ review_share: 0.01, block_share: 0.001, changed_by: null });
    const set = await put(more);
    expect(set.status).toBe(200);
    expect(set.body).toMatchObject({ review_share: 0.025, block_share: 0.002, changed_by: analyst.user_id });
    expect((await staffed.get('/risk/models/budget')).body).toEqual(set.body);
    const { body: logs } = await staffed.get('/audit/logs?table_name=bank_settings');
    expect(logs.items[0]).toMatchObject({
      old_values: { alert_review_share: '0.01', alert_block_share: '0.001' },
      new_values: { alert_review_share: 0.025, alert_block_share: 0.002, reason: 'Two more analysts' },
      actor_user_id: analyst.user_id,
    });
  });

  it.each([
    [{ review_share: 0.001 }, 'block_share'],
    [{ block_share: 0.025 }, 'block_share'],
    [{ review_share: 0.5 }, 'review_share'],
    [{ block_share: 0 }, 'block_share'],
    [{ review_share: '0.02' }, 'review_share'],
    [{ reason: '' }, 'reason'],
  ])('%j is refused', async (wrong, field) => {
    expect((await put({ ...more, ...wrong })).body).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
      errors: [{ field }],
    });
  });

  it('is set by those who manage models, and never past what makes sense', async () => {
    expect((await put(more, staffed.auditor)).status).toBe(403);
    expect((await staffed.get('/risk/models/budget', staffed.customer)).status).toBe(403);
    for (const shares of [
      [0.001, 0.01],
      [0.3, 0.001],
      [0.01, 0],
      [null, 0.001],
    ])
      await expect(staffed.bank.owner.call('sp_set_alert_budget', [...shares, 'x'])).rejects.toThrow(
        'ALERT_BUDGET_INVALID',
      );
  });

  it('of two changes at once is one of the two', async () => {
    const answers = await Promise.all(
      [0.03, 0.04, 0.05, 0.06].map((review_share) =>
        put({ ...more, review_share, block_share: review_share / 10 }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await staffed.get('/risk/models/budget');
    expect(body.block_share).toBeCloseTo(body.review_share / 10, 6);
  });
});

describe('POST /risk/models/retrain', () => {
  it('is refused while there is too little to learn from', async () => {
    const { body } = await post('/risk/models/retrain', { reason: 'Many labels' });
    expect(body.code).toBe('RISK_MODEL_TOO_LITTLE_HISTORY');
  });

  it('asks the workers', async () => {
    const account = await staffed.bank.openAccount(staffed.customer.user_id);
    await postBatch(
      staffed.bank.pool,
      Array.from({ length: 1_000 }, () => deposit(account, 100n)),
    );
    const { status, body } = await post('/risk/models/retrain', { reason: 'Many labels “today”' });
    expect(status).toBe(202);
    const [asked] = await staffed.bank.owner.query<{ state_value: string }>(
      "SELECT state_value FROM worker_state WHERE state_key = 'model_training_asked'",
    );
    expect(asked?.state_value.slice(27)).toBe('Many labels “today”');
    expect(Date.parse(`${asked?.state_value.slice(0, 23).replace(' ', 'T')}Z`)).toBe(
      Date.parse(body.asked_at.slice(0, 23) + 'Z'),
    );
    expect((await post('/risk/models/retrain', { reason: 'May not' }, staffed.auditor)).status).toBe(403);
  });
});
