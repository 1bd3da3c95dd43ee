import { capture, fundsOf, hold, integrityProblems, made, postOne } from '../support/postings';
import { createWorkerBank, eventually, type WorkerBank } from './worker-bank';

describe('hold expiry', () => {
  let bank: WorkerBank;

  beforeAll(async () => {
    bank = await createWorkerBank();
  });
  afterAll(() => bank.close());

  const statusOf = async (holdId: string): Promise<string | undefined> => {
    const [row] = await bank.owner.query<{ status: string }>('SELECT status FROM holds WHERE hold_id = ?', [
      holdId,
    ]);
    return row?.status;
  };
  const past = { expires_us: Date.UTC(2025, 0, 1) * 1000 };

  it('gives back what was set aside, once, with several workers, and leaves the others alone', async () => {
    const [account] = await bank.twoAccounts(100_000n);
    const due = await Promise.all(
      [1, 2, 3].map(async () => made(await postOne(bank.pool, hold(account, 1_000n, past)))),
    );
    const captured = made(await postOne(bank.pool, hold(account, 2_000n)));
    await postOne(bank.pool, capture(captured));
    const standing = made(await postOne(bank.pool, hold(account, 5_000n)));
    expect(await fundsOf(bank.owner, account)).toEqual({
      balance: 98_000n,
      held: 8_000n,
      available: 90_000n,
    });

    await Promise.all([
      bank.startWorker({ hold_expiry_interval_ms: 50 }),
      bank.startWorker({ hold_expiry_interval_ms: 50 }),
    ]);
    await eventually(async () =>
      (await Promise.all(due.map(statusOf))).every((status) => status === 'expired'),
    );
    expect(await statusOf(standing)).toBe('active');
    expect(await statusOf(captured)).toBe('captured');
    expect(await fundsOf(bank.owner, account)).toEqual({
      balance: 98_000n,
      held: 5_000n,
      available: 93_000n,
    });
    const events = await bank.owner.query('SELECT 1 FROM hold_events WHERE event = ? AND hold_id IN (?)', [
      'expired',
      due as unknown as string,
    ]);
    expect(events).toHaveLength(3);
    expect(await integrityProblems(bank.owner)).toEqual([]);
  });
});
