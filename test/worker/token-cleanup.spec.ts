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

  it('take the sessions with them that have none left', async () => {
    await bank.owner.execute('DELETE FROM auth_sessions');
    const openSession = (id: string, usedDaysAgo: number) =>
      bank.owner.execute(
        `INSERT INTO auth_sessions (session_id, user_id, last_used_at) VALUES (?, ?, UTC_TIMESTAMP(6) - INTERVAL ? DAY)`,
        [id, userId, usedDaysAgo],
      );
    const [left, kept, recent] = [randomUUID(), randomUUID(), randomUUID()];
    for (const id of [left, kept, randomUUID(), randomUUID(), randomUUID()]) await openSession(id, 60);
    await openSession(recent, 5);
    const token = (family: string, expiresIn: number) =>
      bank.owner.execute(
        `INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
         VALUES (UNHEX(?), ?, ?, UTC_TIMESTAMP(6) + INTERVAL ? DAY)`,
        [randomBytes(32).toString('hex'), family, userId, expiresIn],
      );
    await token(left, -40);
    await token(kept, 20);
    const database = new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));
    try {
      const cleanup = new TokenCleanup(database, silent, { interval_ms: 1_000, keep_days: 30, batch_max: 3 });
      await cleanup.step(new AbortController().signal);
    } finally {
      await database.close();
    }
    const rows = await bank.owner.query<{ session_id: string }>('SELECT session_id FROM auth_sessions');
    expect(rows.map(({ session_id }) => session_id).sort()).toEqual([kept, recent].sort());
  });

  it('are looked after by the worker', async () => {
    await issueTokens(40, 2);
    await bank.startWorker();
    await eventually(async () => (await daysLeft()).length === 1);
    expect(await daysLeft()).toEqual([2]);
  });
});
