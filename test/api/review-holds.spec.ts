import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { AlertActions } from '../../src/risk';
import { alertedTransfer, alertOf, postingQueue } from '../support/alerts';
import { fundsOf } from '../support/postings';
import { expectProblem } from '../support/problem';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();
let worker: Pool;

beforeAll(() => {
  worker = createBankPool(staffed.bank.urls.worker, { connectionLimit: 2 });
});
afterAll(() => worker.end());

it('staff neither capture nor give back what an open alert holds: they decide the alert', async () => {
  const { receiver, transaction_id, alert } = await alertedTransfer(staffed.bank, worker);
  await new AlertActions(staffed.bank.owner, postingQueue(staffed.bank.pool)).advance(alert.alert_id);
  const { hold_id } = await alertOf(staffed.bank.owner, transaction_id);
  const ask = (what: string) =>
    staffed.post(`/transactions/holds/${hold_id}/${what}`, {}, undefined, staffed.admin);
  expectProblem(await ask('capture'), 404, 'HOLD_NOT_FOUND');
  expectProblem(await ask('void'), 409, 'HOLD_UNDER_REVIEW');
  expect(await fundsOf(staffed.bank.owner, receiver)).toMatchObject({ held: 10_000n, available: 0n });
  const analyst = await staffed.api.staff('analyst');
  await staffed.post(`/alerts/${alert.alert_id}/release`, { version: 1 }, undefined, analyst);
  expect(await fundsOf(staffed.bank.owner, receiver)).toMatchObject({ held: 0n, available: 10_000n });
});
