import { randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import { APPROVAL_KINDS, type ApprovalKind, KIND_NAMES } from '../../src/approvals/kinds';
import { hasPermission, ROLES } from '../../src/auth/permissions';
import { verdictsAsJson } from '../../src/risk';
import type { ApiUser } from '../support/api';
import { withApi } from '../support/api';
import { fundsOf, made, postOne, systemAccount, transfer } from '../support/postings';
import { expectProblem } from '../support/problem';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();

/** Dangerous acts are requests that a second person approves, and are done once. */
describe('four eyes', () => {
  let second: ApiUser;
  let analyst: ApiUser;
  let account: string;
  let suspense: string;

  beforeAll(async () => {
    second = await staffed.api.staff('admin');
    analyst = await staffed.api.staff('analyst');
    account = await staffed.bank.openAccount(staffed.customer.user_id, { balance: 1_000_000n });
    suspense = await systemAccount(staffed.bank.owner, 'suspense');
    await require4(...KIND_NAMES);
  });

  const require4 = (...kinds: ApprovalKind[]) =>
    staffed.bank.owner.execute(
      `INSERT INTO bank_settings (setting_key, setting_value) VALUES ('four_eyes', ?)
       ON DUPLICATE KEY UPDATE setting_value = VALUES(setting_value)`,
      [kinds.join(',')],
    );
  const put = (path: string, body: object, user: ApiUser = staffed.admin) =>
    staffed.api.http.put(path).set(user.headers).send(body);
  const decide = (id: string, decision: string, user: ApiUser = second, body: object = {}) =>
    staffed.post(`/approvals/${id}/${decision}`, body, undefined, user);
  const journal = (amount = '1.00', key = randomUUID() as string) =>
    staffed.post(
      '/admin/journal-entries',
      {
        currency: 'USD',
        description: 'Correction',
        legs: [
          { account_id: suspense, direction: 'debit', amount },
          { account_id: account, direction: 'credit', amount },
        ],
      },
      key,
    );
  const roleOf = async (userId: string) =>
    (
      await staffed.bank.owner.query<{ role: string }>('SELECT role FROM users WHERE user_id = ?', [userId])
    )[0]?.role;

  function asked(answer: Response, act: string): string {
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ act, status: 'pending', decided_by: null, result: null });
    expect(answer.headers.location).toBe(`/approvals/${answer.body.approval_id}`);
    return answer.body.approval_id as string;
  }

  it('has for each kind the roles that have its permission', () => {
    for (const { permission, approvers } of Object.values(APPROVAL_KINDS))
      expect([...approvers]).toEqual(ROLES.filter((role) => hasPermission(role, permission)));
  });

  it('asks before a role is changed, does it once somebody else approves, and audits all of it', async () => {
    const user = await staffed.api.customer();
    const path = `/admin/users/${user.user_id}/role`;
    const id = asked(await staffed.patch(path, { role: 'auditor', reason: 'Joins audit' }), 'change_role');
    expect(await roleOf(user.user_id)).toBe('customer');

    const { status, body } = await decide(id, 'approve', second, { note: 'called back' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'executed',
      payload: { user_id: user.user_id, from_role: 'customer', role: 'auditor' },
      reason: 'Joins audit',
      requested_by: staffed.admin.user_id,
      decided_by: second.user_id,
      decision_note: 'called back',
      result: { code: 'OK', role: 'auditor' },
    });
    expect((body.events as { event: string }[]).map(({ event }) => event)).toEqual([
      'requested',
      'approved',
      'executed',
    ]);
    expect(await roleOf(user.user_id)).toBe('auditor');
    const audit = await staffed.bank.owner.query<{ table_name: string; actor_user_id: string }>(
      `SELECT table_name, actor_user_id FROM system_audit_logs
       WHERE (table_name = 'approval_requests' AND record_id = ?) OR request_id = ? ORDER BY audit_id`,
      [id, `approval-${id}`],
    );
    expect(audit.map((row) => [row.table_name, String(row.actor_user_id)])).toEqual([
      ['approval_requests', staffed.admin.user_id],
      ['approval_requests', second.user_id],
      ['users', staffed.admin.user_id],
      ['approval_requests', second.user_id],
    ]);
    expect((await decide(id, 'approve')).body).toEqual(body);
  });

  it('lets nobody approve what he asked for or what is about him', async () => {
    const id = asked(
      await staffed.patch(`/admin/users/${second.user_id}/role`, { role: 'auditor' }),
      'change_role',
    );
    expectProblem(await decide(id, 'approve', staffed.admin), 409, 'APPROVAL_OWN');
    expectProblem(await decide(id, 'approve', second), 409, 'APPROVAL_OWN');
    expectProblem(await decide(id, 'reject', staffed.admin), 409, 'APPROVAL_OWN');
    expectProblem(await decide(id, 'cancel', second), 403, 'FORBIDDEN');
    await expect(
      staffed.bank.owner.execute(
        "UPDATE approval_requests SET status = 'approved', decided_by = requested_by WHERE approval_id = ?",
        [id],
      ),
    ).rejects.toThrow('APPROVAL_OWN');
    expect((await decide(id, 'cancel', staffed.admin)).body.status).toBe('cancelled');
    expectProblem(await decide(id, 'approve', await staffed.api.staff('admin')), 409, 'APPROVAL_DECIDED');
    expect(await roleOf(second.user_id)).toBe('admin');
  });

  it('asks whoever approves for the permission of the act, as it is now', async () => {
    const user = await staffed.api.customer();
    const id = asked(
      await staffed.patch(`/admin/users/${user.user_id}/role`, { role: 'analyst' }),
      'change_role',
    );
    expectProblem(await decide(id, 'approve', analyst), 403, 'FORBIDDEN');
    expectProblem(await decide(id, 'approve', staffed.auditor), 403, 'FORBIDDEN');
    const leaving = await staffed.api.staff('admin');
    await staffed.bank.owner.execute('UPDATE users SET is_active = FALSE WHERE user_id = ?', [
      leaving.user_id,
    ]);
    expectProblem(await decide(id, 'approve', leaving), 403, 'FORBIDDEN');
    expectProblem(await decide('999999', 'approve'), 404, 'APPROVAL_NOT_FOUND');
    expect((await decide(id, 'reject')).body.status).toBe('rejected');
  });

  it('does nothing for somebody who may not ask any more', async () => {
    const leaving = await staffed.api.staff('admin');
    const user = await staffed.api.customer();
    const answer = await staffed.patch(`/admin/users/${user.user_id}/role`, { role: 'admin' }, leaving);
    const id = asked(answer, 'change_role');
    await staffed.bank.owner.call('sp_update_user_standing', [leaving.user_id, 'customer', null, null]);
    expectProblem(await decide(id, 'approve'), 409, 'APPROVAL_REQUESTER_GONE');
  });

  it('approves nothing that has expired', async () => {
    const setHours = (hours: string) =>
      staffed.bank.owner.execute(
        "UPDATE bank_settings SET setting_value = ? WHERE setting_key = 'four_eyes_expires_hours'",
        [hours],
      );
    await setHours('0');
    const { status, body } = await journal();
    await setHours('72');
    expect(status).toBe(202);
    expect(body.status).toBe('expired');
    expectProblem(await decide(body.approval_id, 'approve'), 409, 'APPROVAL_EXPIRED');
    const { items } = (await staffed.get('/approvals?status=expired')).body;
    expect((items as { approval_id: string }[]).map(({ approval_id }) => approval_id)).toEqual([
      body.approval_id,
    ]);
  });

  it('posts a journal once, whoever approves at the same time, and a repeat finds the same request', async () => {
    const before = await fundsOf(staffed.bank.owner, account);
    const first = await journal('2.00', 'journal');
    const id = asked(first, 'post_journal');
    const again = await journal('2.00', 'journal');
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expectProblem(await journal('2.01', 'journal'), 422, 'IDEMPOTENCY_KEY_REUSED');
    const third = await staffed.api.staff('admin');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => decide(id, 'approve', index % 2 === 0 ? second : third)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
    for (const answer of answers.filter(({ status }) => status !== 200))
      expectProblem(answer, 409, 'APPROVAL_DECIDED');
    const { body } = await staffed.get(`/approvals/${id}`);
    expect(body).toMatchObject({ status: 'executed', result: { code: 'OK' } });
    expect((await fundsOf(staffed.bank.owner, account)).balance).toBe(before.balance + 200n);
    const posted = await journal('2.00', 'journal');
    expect(posted.status).toBe(201);
    expect(posted.headers['idempotency-replayed']).toBe('true');
    expect(posted.body.transaction_id).toBe(body.result.transaction_id);
  });

  it('tells that the bank refused what was approved', async () => {
    const poor = await staffed.bank.openAccount(staffed.customer.user_id);
    const answer = await staffed.post('/admin/journal-entries', {
      currency: 'USD',
      description: 'Too much',
      legs: [
        { account_id: poor, direction: 'debit', amount: '5' },
        { account_id: suspense, direction: 'credit', amount: '5' },
      ],
    });
    const { body } = await decide(asked(answer, 'post_journal'), 'approve');
    expect(body).toMatchObject({ status: 'failed', result: { code: 'INSUFFICIENT_FUNDS' } });
  });

  it('validates anew what has changed since it was asked for', async () => {
    const user = await staffed.api.customer();
    const id = asked(
      await staffed.patch(`/admin/users/${user.user_id}/role`, { role: 'auditor' }),
      'change_role',
    );
    await staffed.bank.owner.call('sp_update_user_standing', [user.user_id, 'analyst', null, null]);
    expect((await decide(id, 'approve')).body).toMatchObject({
      status: 'failed',
      result: { code: 'VERSION_CONFLICT' },
    });
    expect(await roleOf(user.user_id)).toBe('analyst');
  });

  it('does nothing that this version does not know', async () => {
    const [rows] = await staffed.bank.owner.onConnection(
      { user_id: staffed.admin.user_id, ip_address: null, request_id: null },
      (queries) =>
        queries.call<{ approval_id: string }>('sp_request_approval', [
          'journal',
          'burn_money',
          '{}',
          null,
          null,
          null,
          null,
        ]),
    );
    expect((await decide(String(rows?.[0]?.approval_id), 'approve')).body).toMatchObject({
      status: 'failed',
      result: { code: 'VALIDATION_FAILED' },
    });
  });

  it('asks for reversals over the limit, and takes none in a batch', async () => {
    const receiver = await staffed.bank.openAccount(staffed.customer.user_id);
    const post = async (amount: bigint) =>
      made(await postOne(staffed.bank.pool, transfer(account, receiver, amount)));
    const [small, large] = [await post(100_000n), await post(100_001n)];
    expect((await staffed.post(`/transactions/${small}/reversal`, {})).status).toBe(201);
    const batch = { items: [{ type: 'reversal', transaction_id: large }] };
    expectProblem(await staffed.post('/transactions/batch', batch), 422, 'APPROVAL_REQUIRED');
    const id = asked(await staffed.post(`/transactions/${large}/reversal`, {}), 'post_reversal');
    const { body } = await decide(id, 'approve');
    expect(body).toMatchObject({ status: 'executed', result: { code: 'OK' } });
    expect((await staffed.get(`/transactions/${large}`)).body.reversed_by).toBe(body.result.transaction_id);
    expectProblem(await staffed.post('/transactions/999999999/reversal', {}), 404, 'TRANSACTION_NOT_FOUND');
  });

  it('asks for unfreezing only what fraud had frozen', async () => {
    const plain = await staffed.bank.openAccount(staffed.customer.user_id);
    await staffed.patch(`/admin/accounts/${plain}/freeze`);
    expect((await staffed.patch(`/admin/accounts/${plain}/unfreeze`)).status).toBe(200);

    const suspect = await staffed.bank.openAccount(staffed.customer.user_id, { balance: 10_000n });
    const sent = made(await postOne(staffed.bank.pool, transfer(suspect, account, 5_000n)));
    await staffed.bank.owner.call('sp_record_risk_scores', [
      verdictsAsJson([{ transaction_id: sent, model_version: 1, risk_score: 0.95, features: {} }]),
    ]);
    const [alert] = await staffed.bank.owner.query<{ alert_id: string; version: number }>(
      'SELECT alert_id, version FROM alerts WHERE transaction_id = ?',
      [sent],
    );
    const confirmed = await staffed.post(
      `/alerts/${alert?.alert_id}/confirm`,
      { version: Number(alert?.version), reverse: false },
      randomUUID(),
      analyst,
    );
    expect(confirmed.status).toBe(200);
    const id = asked(
      await staffed.patch(`/admin/accounts/${suspect}/unfreeze`, { reason: 'Was his brother' }),
      'unfreeze_account',
    );
    expect((await decide(id, 'approve')).body).toMatchObject({
      status: 'executed',
      result: { status: 'active' },
    });
    expect((await staffed.get(`/accounts/${suspect}`)).body.status).toBe('active');
  });

  it('asks for limits', async () => {
    const limits = {
      per_transaction_usd: '9',
      per_day_usd: null,
      per_counterparty_usd: null,
      reason: 'less',
    };
    const path = `/admin/users/${staffed.customer.user_id}/limits`;
    const id = asked(await put(path, { ...limits, revision: 0 }), 'set_user_limits');
    expect((await decide(id, 'approve')).body.status).toBe('executed');
    const ended = asked(
      await staffed.api.http.delete(`${path}?revision=1&reason=enough`).set(staffed.admin.headers),
      'end_user_limits',
    );
    expect((await decide(ended, 'approve')).body.status).toBe('executed');
    expect((await staffed.get(path)).body.own_revision).toBe(0);
    const ofClass = await put('/admin/limits/customer/rejected', { ...limits, revision: 1 });
    expect((await decide(asked(ofClass, 'set_class_limits'), 'approve')).body.status).toBe('executed');
  });

  it('asks for changes of rules, by the revision that was seen', async () => {
    const rule = {
      condition: { all: [{ fact: 'amount_usd', op: 'gte', value: 20_000 }] },
      floor: 0.6,
      owner: 'Fraud team',
      reason: 'Asked for by audit',
    };
    const other = await staffed.api.staff('analyst');
    const created = await staffed.post('/risk/rules', { name: 'two_looked', ...rule }, undefined, analyst);
    const path = `/risk/rules/${created.body.rule_id}`;
    const changed = await put(path, { ...rule, floor: 0.7, revision: 1 }, analyst);
    const status = await put(`${path}/status`, { status: 'active', reason: 'good' }, analyst);
    expect((await decide(asked(changed, 'change_rule'), 'approve', other)).body).toMatchObject({
      status: 'executed',
      result: { version: 2 },
    });
    expect((await decide(asked(status, 'set_rule_status'), 'approve', other)).body).toMatchObject({
      status: 'failed',
      result: { code: 'RULE_CHANGED' },
    });
    const anew = await put(`${path}/status`, { status: 'active', reason: 'good' }, analyst);
    expect((await decide(asked(anew, 'set_rule_status'), 'approve', other)).body.status).toBe('executed');
    expect((await staffed.get(path)).body).toMatchObject({ status: 'active', floor: 0.7 });

    const { revision } = (await staffed.get(path)).body;
    const shadow = await put(`${path}/shadow`, { ...rule, floor: 0.8, revision }, analyst);
    expect(shadow.status).toBe(200);
    const published = await staffed.post(`${path}/shadow/publish`, { reason: 'good' }, undefined, analyst);
    expect((await decide(asked(published, 'publish_rule_shadow'), 'approve', other)).body.status).toBe(
      'executed',
    );
    expect((await staffed.get(path)).body).toMatchObject({ floor: 0.8, shadow_version: null });
  });

  it('answers what is malformed as ever, and changes nothing of what was asked for', async () => {
    expectProblem(await staffed.patch('/admin/users/1/role', { role: 'king' }), 400, 'VALIDATION_FAILED');
    expectProblem(await staffed.patch('/admin/users/999999/role', { role: 'admin' }), 404, 'USER_NOT_FOUND');
    expectProblem(await journal('-1'), 400, 'INVALID_AMOUNT');
    for (const change of [
      'payload = REPLACE(payload, "1", "2")',
      "kind = 'journal', act = 'x'",
      'expires_at = NOW()',
    ])
      await expect(
        staffed.bank.owner.execute(`UPDATE approval_requests SET ${change} WHERE status = 'pending' OR TRUE`),
      ).rejects.toThrow('not changed');
    await expect(staffed.bank.owner.execute('DELETE FROM approval_requests')).rejects.toThrow('not deleted');
    await expect(staffed.bank.owner.execute('DELETE FROM approval_events')).rejects.toThrow('append-only');
  });

  it('is not turned off by one person', async () => {
    const answer = await put('/approvals/settings', { kinds: [], reason: 'in the way' });
    const id = asked(answer, 'set_four_eyes');
    expect((await staffed.get('/approvals/settings')).body.kinds).toEqual([...KIND_NAMES]);
    await decide(id, 'approve');
    expect((await staffed.get('/approvals/settings')).body).toMatchObject({ kinds: [], is_default: false });
    expect((await journal()).status).toBe(201);
    const on = await put('/approvals/settings', { kinds: ['journal'], reason: 'opening day' });
    expect(on.status).toBe(200);
    expect(on.body.kinds).toEqual(['journal', 'four_eyes_change']);
    await require4(...KIND_NAMES);
  });

  it('is what the environment says until the bank decides', async () => {
    await staffed.bank.owner.execute("DELETE FROM bank_settings WHERE setting_key = 'four_eyes'");
    const kindsWith = (overrides: NodeJS.ProcessEnv) =>
      withApi(staffed.bank, overrides, async (api) => {
        const { body } = await api.http.get('/approvals/settings').set(staffed.admin.headers);
        expect(body.is_default).toBe(true);
        return body.kinds as string[];
      });
    expect(await kindsWith({})).toEqual([]);
    expect(await kindsWith({ FOUR_EYES: 'all' })).toEqual([...KIND_NAMES]);
    expect(await kindsWith({ FOUR_EYES: 'journal, reversal' })).toEqual(['journal', 'reversal']);
    await require4(...KIND_NAMES);
  });

  describe('when the process dies in between', () => {
    const settled = async (id: string) => {
      for (;;) {
        const { body } = await staffed.get(`/approvals/${id}`);
        if (body.result !== null) return body as { status: string; result: { code: string } };
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    const approveAlone = (id: string) =>
      staffed.bank.owner.onConnection(
        { user_id: second.user_id, ip_address: null, request_id: null },
        (queries) => queries.call('sp_decide_approval', [id, 'approved', null]),
      );

    it('what was approved is executed by another one', async () => {
      const user = await staffed.api.customer();
      const role = asked(
        await staffed.patch(`/admin/users/${user.user_id}/role`, { role: 'auditor' }),
        'change_role',
      );
      const money = asked(await journal('3.00'), 'post_journal');
      const before = await fundsOf(staffed.bank.owner, account);
      await approveAlone(role);
      await approveAlone(money);
      expect(await settled(role)).toMatchObject({ status: 'executed', result: { code: 'OK' } });
      expect(await settled(money)).toMatchObject({ status: 'executed', result: { code: 'OK' } });
      expect(await roleOf(user.user_id)).toBe('auditor');
      expect((await fundsOf(staffed.bank.owner, account)).balance).toBe(before.balance + 300n);
    }, 30_000);

    it('what was done is marked in the same transaction, and not done again', async () => {
      const user = await staffed.api.customer();
      const id = asked(
        await staffed.patch(`/admin/users/${user.user_id}/role`, { role: 'auditor' }),
        'change_role',
      );
      await approveAlone(id);
      const attempt = (token: string) =>
        staffed.bank.owner.onConnection(
          {
            user_id: staffed.admin.user_id,
            ip_address: null,
            request_id: null,
            approval: { approval_id: id, token },
          },
          (queries) => queries.call('sp_update_user_standing', [user.user_id, 'auditor', null, null]),
        );
      await attempt('0'.repeat(32));
      expect((await staffed.get(`/approvals/${id}`)).body).toMatchObject({
        status: 'executed',
        result: null,
      });
      await staffed.bank.owner.call('sp_update_user_standing', [user.user_id, 'analyst', null, null]);
      await expect(attempt('1'.repeat(32))).rejects.toThrow('APPROVAL_DECIDED');
      expect(await settled(id)).toMatchObject({ status: 'executed', result: { code: 'OK' } });
      expect(await roleOf(user.user_id)).toBe('analyst');
    }, 30_000);
  });
});
