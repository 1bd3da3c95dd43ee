import { idempotencyKey, postBatch, PostingQueue } from '../../src/posting';
import { HoldExpiry } from '../../worker/holds/hold-expiry';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { capture, deposit, fundsOf, hold, integrityProblems, made, postOne } from '../support/postings';
import { createWorkerBank, eventually, silent, type WorkerBank } from './worker-bank';

const EAGER_EXPIRY = { interval_ms: 50, batch_max: 500 };

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

  // First, while no worker runs that would release the holds itself.
  it.each([1, 500])('passes over one that cannot be released, in batches of %i', async (batch_max) => {
    const [account] = await bank.twoAccounts(100_000n);
    const due: string[] = [];
    for (let index = 0; index < 4; index += 1)
      due.push(made(await postOne(bank.pool, hold(account, 1_000n, past))));
    const [, stuck = ''] = due;
    // What was asked under the key of the hold's expiry is something else, so the expiry is refused each time.
    const key = idempotencyKey('worker', `expire-hold-${stuck}`);
    made(await postOne(bank.pool, deposit(account, 1n, { key })));

    const database = new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));
    const postings = new PostingQueue((items) => postBatch(database.pool, items), {
      batch_max: 500,
      batches_in_flight: 1,
      queue_max: 500,
      gather: true,
    });
    try {
      const expiry = new HoldExpiry(database, postings, silent, { interval_ms: 50, batch_max });
      await expiry.step(new AbortController().signal);
    } finally {
      await postings.drain();
      await database.close();
    }
    expect(await Promise.all(due.map(statusOf))).toEqual(['expired', 'active', 'expired', 'expired']);
  });

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
      bank.startWorker({ hold_expiry: EAGER_EXPIRY }),
      bank.startWorker({ hold_expiry: EAGER_EXPIRY }),
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
