import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { idempotencyKey, requestHash } from '../../src/posting';
import { AlertActions } from '../../src/risk';
import { accountState, alertedTransfer, eventsOf, postingQueue } from '../support/alerts';
import { codesOf, fundsOf, hold, postOne, voidHold, withdrawal } from '../support/postings';
import { createWorkerBank, type WorkerBank } from './worker-bank';

describe('a receiver from whom less could be held than came in', () => {
  let bank: WorkerBank;
  let worker: Pool;
  let actions: AlertActions;

  beforeAll(async () => {
    bank = await createWorkerBank();
    worker = createBankPool(bank.urls.worker, { connectionLimit: 2 });
    actions = new AlertActions(bank.owner, postingQueue(bank.pool));
  });
  afterAll(async () => {
    await worker.end();
    await bank.close();
  });

  it('is under review until the decision', async () => {
    const { receiver, alert } = await alertedTransfer(bank, worker);
    // The receiver sets the money aside before the bank does, to have it back later.
    const own = await postOne(bank.pool, hold(receiver, 9_000n));
    await actions.advance(alert.alert_id);
    expect(await fundsOf(bank.owner, receiver)).toMatchObject({ held: 10_000n });
    expect(await accountState(bank.owner, receiver)).toMatchObject({ debit_block: 'review' });
    await postOne(bank.pool, voidHold(own.hold_id ?? ''));
    expect(await codesOf(bank.pool, withdrawal(receiver, 1n))).toEqual(['ACCOUNT_UNDER_REVIEW']);
    expect(await eventsOf(bank.owner, alert.case_id)).toEqual([
      'opened',
      'alert_raised',
      'held',
      'blocked',
      'blocked',
    ]);
    const [audit] = await bank.owner.query<{ reason: string }>(
      `SELECT JSON_UNQUOTE(JSON_EXTRACT(new_values, '$.reason')) AS reason FROM system_audit_logs
       WHERE table_name = 'accounts' AND record_id = ? ORDER BY audit_id DESC LIMIT 1`,
      [receiver],
    );
    expect(audit?.reason).toBe(`alert ${alert.alert_id}`);
    // The mark of a block-list that is over gives way to the review.
    const [entry] = await bank.owner.call<{ list_entry_id: string }>('sp_add_risk_list_entry', [
      'block',
      'account',
      receiver,
      null,
      'Known mule',
      '2199-01-01 00:00:00',
    ]);
    await bank.owner.execute(
      'UPDATE risk_list_entries SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE list_entry_id = ?',
      [entry?.[0]?.list_entry_id ?? ''],
    );
    expect(await codesOf(bank.pool, withdrawal(receiver, 1n))).toEqual(['ACCOUNT_UNDER_REVIEW']);
    await bank.owner.call('sp_remove_risk_list_entry', [entry?.[0]?.list_entry_id ?? '', 'A mistake']);
    expect(await accountState(bank.owner, receiver)).toMatchObject({ debit_block: 'review' });
    await bank.owner.call('sp_decide_alert', [
      alert.alert_id,
      1,
      'false_positive',
      null,
      null,
      null,
      idempotencyKey('test', 'release'),
      requestHash('release'),
    ]);
    await actions.advance(alert.alert_id);
    expect(await accountState(bank.owner, receiver)).toMatchObject({ debit_block: null });
  });
});
