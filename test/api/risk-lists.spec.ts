import type { ApiUser } from '../support/api';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();
let analyst: ApiUser;
let account: string;
let velocity: string;
beforeAll(async () => {
  analyst = await staffed.api.staff('analyst');
  account = await staffed.bank.openAccount(staffed.customer.user_id);
  const { items } = (await staffed.get('/risk/rules')).body;
  velocity = items.find((rule: { name: string }) => rule.name === 'velocity').rule_id;
});

const add = (body: object, user = analyst) =>
  staffed.post('/risk/lists', { reason: 'Confirmed mule', ...body }, undefined, user);
const remove = (entryId: string, query = '?reason=Somebody%20else') =>
  staffed.api.http.delete(`/risk/lists/${entryId}${query}`).set(analyst.headers);
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

describe('entries of the lists', () => {
  it('are added, found and ended, and stay to be read', async () => {
    const added = await add({ list: 'block', subject_type: 'account', subject_value: account });
    expect(added.status).toBe(201);
    const { list_entry_id } = added.body;
    expect(added.body).toMatchObject({
      list: 'block',
      subject_type: 'account',
      subject_value: account,
      rule_id: null,
      reason: 'Confirmed mule',
      is_active: true,
      created_by: analyst.user_id,
      expires_at: null,
      removed_at: null,
    });
    const active = `/risk/lists?active=true&list=block&subject_type=account&subject_value=${account}`;
    expect((await staffed.get(active, staffed.auditor)).body.items).toEqual([added.body]);
    expect((await remove(list_entry_id)).body).toMatchObject({
      is_active: false,
      removed_by: analyst.user_id,
      removal_reason: 'Somebody else',
    });
    const again = (await remove(list_entry_id, '')).body;
    expect(again.removal_reason).toBe('Somebody else');
    expect((await staffed.get(active)).body.items).toEqual([]);
    expect((await staffed.get(`/risk/lists/${list_entry_id}`)).body).toEqual(again);
    const logs = await staffed.get(`/audit/logs?table_name=risk_list_entries&record_id=${list_entry_id}`);
    expect(logs.body.items).toMatchObject([
      { action: 'UPDATE', actor_user_id: analyst.user_id, new_values: { reason: 'Somebody else' } },
      {
        action: 'INSERT',
        actor_user_id: analyst.user_id,
        new_values: { list: 'block', subject_value: account },
      },
    ]);
  });

  it('stand once, however many ask at once', async () => {
    const entry = { list: 'allow', subject_type: 'user', subject_value: staffed.customer.user_id };
    const answers = await Promise.all([1, 2, 3].map(() => add(entry)));
    expect(answers.map((answer) => answer.body.code ?? 'added').sort()).toEqual([
      'LIST_ENTRY_EXISTS',
      'LIST_ENTRY_EXISTS',
      'added',
    ]);
    expect((await add({ ...entry, rule_id: velocity })).status).toBe(201);
    expect((await add({ ...entry, list: 'block' })).status).toBe(201);
  });

  it('make room when their time is over', async () => {
    const entry = {
      list: 'snooze',
      subject_type: 'account',
      subject_value: Number(account),
      rule_id: velocity,
      expires_at: inAnHour(),
    };
    const { list_entry_id } = (await add(entry)).body;
    expect((await add(entry)).body.code).toBe('LIST_ENTRY_EXISTS');
    await staffed.bank.owner.execute(
      'UPDATE risk_list_entries SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE list_entry_id = ?',
      [list_entry_id],
    );
    expect((await staffed.get(`/risk/lists/${list_entry_id}`)).body.is_active).toBe(false);
    const renewed = await add(entry);
    expect(renewed.body).toMatchObject({ is_active: true, rule_name: 'velocity', rule_id: velocity });
    const active = await staffed.get(`/risk/lists?list=snooze&active=true&rule_id=${velocity}`);
    expect(active.body.items).toEqual([renewed.body]);
  });

  it('keep names and addresses in the form in which they are compared', async () => {
    const name = await add({ list: 'block', subject_type: 'name', subject_value: 'GROZNÝ, Ivan' });
    expect(name.body.subject_value).toBe('grozny ivan');
    expect((await add({ list: 'block', subject_type: 'name', subject_value: 'Ivan Grozny' })).body.code).toBe(
      'LIST_ENTRY_EXISTS',
    );
    const found = await staffed.get(
      `/risk/lists?subject_type=name&subject_value=${encodeURIComponent('IVAN grozny')}`,
    );
    expect(found.body.items).toHaveLength(1);
    const ip = await add({ list: 'block', subject_type: 'ip', subject_value: '2001:DB8::1' });
    expect(ip.body.subject_value).toBe('2001:db8::1');
    for (const [subject_value, kept] of [
      ['2001:db8:0:0:0:0:0:2', '2001:db8::2'],
      ['::ffff:10.0.0.1', '10.0.0.1'],
    ])
      expect((await add({ list: 'block', subject_type: 'ip', subject_value })).body.subject_value).toBe(kept);
    expect(
      (await add({ list: 'block', subject_type: 'device', subject_value: "curl/8 ' OR 1=1 --" })).status,
    ).toBe(201);
  });

  it('name what exists, and no account of the bank', async () => {
    const [cash] = await staffed.bank.owner.query<{ account_id: string }>(
      'SELECT account_id FROM accounts WHERE user_id IS NULL LIMIT 1',
    );
    for (const [subject_type, subject_value] of [
      ['account', cash?.account_id],
      ['account', '999999999'],
      ['user', '999999999'],
      ['merchant', '999999999'],
      ['card', '999999999'],
    ])
      expect((await add({ list: 'block', subject_type, subject_value })).body).toMatchObject({
        status: 404,
        code: 'SUBJECT_NOT_FOUND',
      });
    const rule = { list: 'allow', subject_type: 'account', subject_value: account, rule_id: '999999' };
    expect((await add(rule)).body.code).toBe('RULE_NOT_FOUND');
    expect((await staffed.get('/risk/lists/999999999')).body.code).toBe('LIST_ENTRY_NOT_FOUND');
    expect((await remove('999999999')).body.code).toBe('LIST_ENTRY_NOT_FOUND');
  });

  it.each<[object, string]>([
    [{ list: 'grey' }, 'list'],
    [{ subject_type: 'planet' }, 'subject_type'],
    [{ subject_value: 'me' }, 'subject_value'],
    [{ subject_type: 'country', subject_value: 'France' }, 'subject_value'],
    [{ subject_type: 'ip', subject_value: '1.2.3' }, 'subject_value'],
    [{ subject_type: 'name', subject_value: '--' }, 'subject_value'],
    [{ reason: '' }, 'reason'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ rule_id: '1' }, 'rule_id'],
    [{ list: 'allow', subject_type: 'name', subject_value: 'Acme Payroll' }, 'subject_type'],
    [{ list: 'allow', subject_type: 'device', subject_value: 'curl/8' }, 'subject_type'],
    [{ list: 'allow', subject_type: 'ip', subject_value: '203.0.113.7' }, 'subject_type'],
    [{ list: 'allow', subject_type: 'country', subject_value: 'FR' }, 'subject_type'],
    [{ list: 'snooze', subject_type: 'user', rule_id: '1' }, 'expires_at'],
    [{ list: 'snooze', subject_type: 'user', expires_at: '2100-01-01T00:00:00Z' }, 'rule_id'],
    [
      { list: 'snooze', subject_type: 'merchant', rule_id: '1', expires_at: '2100-01-01T00:00:00Z' },
      'subject_type',
    ],
  ])('%j is refused', async (wrong, field) => {
    const { body } = await add({ list: 'block', subject_type: 'account', subject_value: '5', ...wrong });
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field }] });
  });

  it('are the staff’s, and the procedures’ alone', async () => {
    const entry = { list: 'block', subject_type: 'account', subject_value: account };
    expect((await add(entry, staffed.auditor)).body.code).toBe('FORBIDDEN');
    expect((await add(entry, staffed.customer)).body.code).toBe('FORBIDDEN');
    expect((await staffed.get('/risk/lists', staffed.customer)).body.code).toBe('FORBIDDEN');
    await expect(staffed.bank.pool.query('DELETE FROM risk_list_entries')).rejects.toThrow(/denied/);
    await expect(staffed.bank.pool.query('DELETE FROM sanctions_names')).rejects.toThrow(/denied/);
    const paged = await staffed.allPages<{ list_entry_id: string }>('/risk/lists?limit=2');
    const whole = await staffed.get('/risk/lists?limit=200');
    expect(paged).toEqual(whole.body.items);
  });
});
