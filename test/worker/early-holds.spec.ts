import { type Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { AlertActions, EARLY_HOLD_UNTIL_US, earlyHolds } from '../../src/risk';
import { alertOf, postingQueue, recordVerdicts } from '../support/alerts';
import { hold, linked, transfer } from '../support/postings';
import { postBatch } from '../../src/posting';
import { createWorkerBank, type WorkerBank } from './worker-bank';

describe('money that was held with its posting', () => {
  let bank: WorkerBank;
  let worker: Pool;

  beforeAll(async () => {
    bank = await createWorkerBank();
    worker = createBankPool(bank.urls.worker, { connectionLimit: 2 });
  });
  afterAll(async () => {
    await worker.end();
    await bank.close();
  });

  it('is looked at until an open alert has taken it over', async () => {
    const from = await bank.openAccount((await bank.createUser()).user_id, { balance: 50_000n });
    const to = await bank.openAccount((await bank.createUser()).user_id);
    const early = hold(to, 10_000n, { channel: 'risk', expires_us: EARLY_HOLD_UNTIL_US });
    const outcomes = await postBatch(bank.pool, linked(1, transfer(from, to, 10_000n), early));
    const [transaction_id, hold_id] = [outcomes[0]?.transaction_id ?? '', outcomes[1]?.hold_id ?? ''];
    const found = (withKept: boolean) => earlyHolds(bank.owner, '0', 10, withKept);
    expect(await found(false)).toEqual([{ hold_id, transaction_id }]);
    await recordVerdicts(worker, [{ transaction_id, risk_score: 0.95 }]);
    expect(await found(false)).toEqual([{ hold_id, transaction_id }]);
    const { alert_id } = await alertOf(bank.owner, transaction_id);
    await new AlertActions(bank.owner, postingQueue(bank.pool)).advance(alert_id);
    expect(await found(false)).toEqual([]);
    expect(await found(true)).toEqual([{ hold_id, transaction_id }]);
  });
});
