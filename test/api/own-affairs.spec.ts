import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { alertedTransfer, alertOf } from '../support/alerts';
import type { ApiUser } from '../support/api';
import { expectProblem } from '../support/problem';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();
let worker: Pool;
let analyst: ApiUser;
let own: string;

beforeAll(async () => {
  worker = createBankPool(staffed.bank.urls.worker, { connectionLimit: 2 });
  analyst = await staffed.api.staff('analyst');
  own = await staffed.bank.openAccount(staffed.admin.user_id, { balance: 100_000n });
});
afterAll(() => worker.end());

/** Asked by the administrator, whose account it is. */
const ask = (path: string, body: object) => staffed.post(path, body, undefined, staffed.admin);

describe('staff', () => {
  it.each(['from', 'to'])('decide no alert about money %s their own account', async (side) => {
    const { alert, transaction_id } = await alertedTransfer(staffed.bank, worker, {
      amount: 1_000n,
      [side]: own,
    });
    for (const decision of ['release', 'confirm'])
      expectProblem(await ask(`/alerts/${alert.alert_id}/${decision}`, { version: 1 }), 403, 'OWN_AFFAIR');
    const { version } = (await staffed.get(`/cases/${alert.case_id}`, analyst)).body;
    const close = { version, label: 'false_positive' };
    expectProblem(await ask(`/cases/${alert.case_id}/close`, close), 403, 'OWN_AFFAIR');
    expect(await alertOf(staffed.bank.owner, transaction_id)).toMatchObject({ status: 'open', label: null });
    const released = await staffed.post(
      `/alerts/${alert.alert_id}/release`,
      { version: 1 },
      undefined,
      analyst,
    );
    expect(released.status).toBe(200);
  });

  it('work on no case about themselves, nor are given it', async () => {
    const { alert } = await alertedTransfer(staffed.bank, worker, { amount: 1_000n, from: own });
    const path = `/cases/${alert.case_id}`;
    const { version } = (await staffed.get(path, analyst)).body;
    expectProblem(await ask(`${path}/notes`, { note: 'All fine' }), 403, 'OWN_AFFAIR');
    expectProblem(await ask(`${path}/status`, { version, status: 'in_review' }), 403, 'OWN_AFFAIR');
    const assignment = { version, assigned_to: staffed.admin.user_id };
    expectProblem(
      await staffed.post(`${path}/assignment`, assignment, undefined, analyst),
      403,
      'OWN_AFFAIR',
    );
  });

  it('allow and snooze nothing for themselves, and end no block of theirs', async () => {
    const entry = { reason: 'Trust me' };
    const subjects = [
      { subject_type: 'account', subject_value: own },
      { subject_type: 'user', subject_value: staffed.admin.user_id },
    ];
    for (const subject of subjects) {
      expectProblem(await ask('/risk/lists', { ...entry, ...subject, list: 'allow' }), 403, 'OWN_AFFAIR');
      const blocked = await staffed.post(
        '/risk/lists',
        { ...entry, ...subject, list: 'block' },
        undefined,
        analyst,
      );
      const remove = (user: ApiUser) =>
        staffed.api.http.delete(`/risk/lists/${blocked.body.list_entry_id}`).set(user.headers);
      expectProblem(await remove(staffed.admin), 403, 'OWN_AFFAIR');
      expect((await remove(analyst)).status).toBe(200);
    }
  });
});

it('what staff do to alerts and cases is in the audit log, with the address and the request', async () => {
  const { alert } = await alertedTransfer(staffed.bank, worker, { risk_score: 0.6 });
  const path = `/cases/${alert.case_id}`;
  await staffed.post(`${path}/notes`, { note: 'Called the customer' }, undefined, analyst);
  await staffed.post(`/alerts/${alert.alert_id}/release`, { version: 1 }, undefined, analyst);
  const { version } = (await staffed.get(path, analyst)).body;
  await staffed.post(`${path}/close`, { version, label: 'false_positive' }, undefined, analyst);
  const logs = await staffed.get(`/audit/logs?table_name=fraud_cases&record_id=${alert.case_id}`);
  const who = {
    actor_user_id: analyst.user_id,
    ip_address: expect.stringMatching(/127\.0\.0\.1|::1/),
    request_id: expect.stringMatching(/./),
  };
  expect(logs.body.items).toMatchObject([
    { ...who, new_values: { event: 'closed', detail: { label: 'false_positive' } } },
    {
      ...who,
      new_values: {
        event: 'released',
        alert_id: Number(alert.alert_id),
        detail: { label: 'false_positive' },
      },
    },
    { ...who, new_values: { event: 'note', detail: { note: 'Called the customer' } } },
  ]);
});
