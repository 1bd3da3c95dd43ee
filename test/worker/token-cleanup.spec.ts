import { randomBytes, randomUUID } from 'node:crypto';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { TokenCleanup } from '../../worker/sessions/token-cleanup';
import { createWorkerBank, eventually, silent, type WorkerBank } from './worker-bank';

describe('refresh tokens', () => {
  let bank: WorkerBank;
  let userId: string;

  beforeAll(async () => {
    bank = await createWorkerBank();
    userId = (await bank.createUser()).user_id;
  });
  beforeEach(() => bank.owner.execute('DELETE FROM refresh_tokens'));
  afterAll(() => bank.close());

  async function issueTokens(...expiredDaysAgo: number[]): Promise<void> {
    for (const days of expiredDaysAgo) {
      await bank.owner.execute(
        `INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
         VALUES (UNHEX(?), ?, ?, UTC_TIMESTAMP(6) - INTERVAL ? DAY)`,
        [randomBytes(32).toString('hex'), randomUUID(), userId, days],
      );
    }
  }

  async function daysLeft(): Promise<number[]> {
    const rows = await bank.owner.query<{ days: string }>(
      'SELECT ROUND(TIMESTAMPDIFF(MINUTE, expires_at, UTC_TIMESTAMP(6)) / 1440) AS days FROM refresh_tokens ORDER BY refresh_token_id',
    );
    return rows.map((row) => Number(row.days));
  }

  it('that expired more than thirty days ago are deleted, in batches', async () => {
    await issueTokens(90, 31, 60, 29, 45, 33, 1, -20);
    const database = new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));
    try {
      const cleanup = new TokenCleanup(database, silent, { interval_ms: 1_000, keep_days: 30, batch_max: 3 });
      const wait_ms = await cleanup.step(new AbortController().signal);
      expect(wait_ms).toBeGreaterThanOrEqual(900);
    } finally {
      await database.close();
    }
    expect(await daysLeft()).toEqual([29, 1, -20]);
  });

  it('are looked after by the worker', async () => {
    await issueTokens(40, 2);
    await bank.startWorker();
    await eventually(async () => (await daysLeft()).length === 1);
    expect(await daysLeft()).toEqual([2]);
  });
});
