import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { made, postOne, transfer } from '../support/postings';
import { createWorkerBank, silent, untilScored, type WorkerBank } from './worker-bank';

describe('the database of the worker', () => {
  let bank: WorkerBank;

  beforeAll(async () => {
    bank = await createWorkerBank();
  });
  afterAll(() => bank.close());

  const open = (): WorkerDatabase =>
    new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));

  it('does work under a lock with a pool of one connection', async () => {
    const database = open();
    try {
      const rows = await database.withLock('test', 0, () =>
        database.transaction((queries) => queries.query('SELECT 1 AS one')),
      );
      expect(rows).toHaveLength(1);
    } finally {
      await database.close();
    }
  });

  it('gives a lock to one worker at a time, and back when the work is done or fails', async () => {
    const [one, other] = [open(), open()];
    const take = (database: WorkerDatabase): Promise<string | null> =>
      database.withLock('test', 0, () => Promise.resolve('done'));
    try {
      expect(await one.withLock('test', 0, () => take(other))).toBeNull();
      expect(await take(other)).toBe('done');
      await expect(one.withLock('test', 0, () => Promise.reject(new Error('broken')))).rejects.toThrow(
        'broken',
      );
      expect(await take(other)).toBe('done');
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  });

  it('of one connection is enough for the whole worker', async () => {
    await bank.startWorker({}, { DATABASE_POOL_SIZE: '1' });
    const [sender, receiver] = await bank.twoAccounts();
    const id = made(await postOne(bank.pool, transfer(sender, receiver, 2_500n)));
    expect(await untilScored(bank, [id])).toHaveLength(1);
  });
});
