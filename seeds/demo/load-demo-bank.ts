import { randomBytes } from 'node:crypto';
import type { Pool, PoolConnection } from 'mysql2/promise';
import { Database, createBankPool, databaseName, type Actor, type Queries } from '../../src/database';
import { PostingQueue, postBatch } from '../../src/posting';
import { historyBefore, type Period } from './calendar';
import { demoPlan } from './demo-plan';
import { DEMO_SOURCE, loadPeople, readIds } from './load-people';
import { loginTable, makeLogins, saveLogins } from './logins';
import { postPlan, type PlanSink } from './post-plan';

export interface DemoBankOptions {
  /** The owner of the bank's tables. */
  databaseUrl: string;
  /** Key of cards.pan_hash; by default a random one, as nobody will meet the made-up numbers again. */
  cardHashKey?: string | undefined;
  /** Given the logins, once in a bank's life. Resolves when they are out. */
  print: (text: string) => Promise<void>;
  onProgress: (line: string) => void;
}

/** bank_settings: when the history ends, written together with the people; and when everything was there and printed. */
const HISTORY_END = 'demo_history_end';
const COMPLETED = 'demo_completed_at';

/** Marks the audit rows of what is made here. */
const SEEDING: Actor = { user_id: null, ip_address: null, request_id: 'demo-bank' };

/** Longer than another run takes. */
const LOCK_WAIT_S = 120;

/**
 * Makes the demo bank in a bank without users; a demo bank that is complete stays as it is. A run that was interrupted is
 * completed by the next one: the people come in one transaction, every item of the history has its own idempotency key, and
 * passwords are set and printed last. The bank counts as complete only when they are out, so that whoever is interrupted before
 * gets new ones that work.
 */
export async function loadDemoBank({
  databaseUrl,
  cardHashKey,
  print,
  onProgress,
}: DemoBankOptions): Promise<void> {
  if (!databaseName(databaseUrl)) throw new Error('DATABASE_URL: must name a database');
  const database = await Database.connect(databaseUrl, 1);
  const pool = createBankPool(databaseUrl, { connectionLimit: 2 });
  try {
    await oneAtATime(pool, async () => {
      if (await setting(database, COMPLETED)) return;
      const period = await database.transaction(SEEDING, (queries) =>
        openBank(queries, cardHashKey || randomBytes(32)),
      );
      if (!period) {
        onProgress('This bank has users of its own, so the demo bank was not made.');
        return;
      }
      // Hashing runs on other threads while the history is posted.
      const [logins] = await Promise.all([makeLogins(), postHistory(database, pool, period, onProgress)]);
      await database.transaction(SEEDING, (queries) => saveLogins(queries, logins));
      await print(loginTable(logins));
      await database.execute(
        'INSERT INTO bank_settings (setting_key, setting_value) VALUES (?, UTC_TIMESTAMP(6))',
        [COMPLETED],
      );
    });
  } finally {
    await pool.end();
    await database.close();
  }
}

/** The period of the history, with the people that live in it; null when the bank belongs to somebody else. */
async function openBank(queries: Queries, cardHashKey: string | Buffer): Promise<Period | null> {
  const end = await setting(queries, HISTORY_END);
  if (end) return historyBefore(Date.parse(end));
  const [users] = await queries.query<{ count: string }>('SELECT COUNT(*) AS count FROM users');
  if (Number(users?.count) > 0) return null;
  const period = historyBefore(Date.now());
  await queries.execute('INSERT INTO bank_settings (setting_key, setting_value) VALUES (?, ?)', [
    HISTORY_END,
    new Date(period.end).toISOString(),
  ]);
  await loadPeople(queries, period, cardHashKey);
  return period;
}

async function postHistory(
  database: Database,
  pool: Pool,
  period: Period,
  onProgress: (line: string) => void,
): Promise<void> {
  const ids = await readIds(database);
  const queue = new PostingQueue((items) => postBatch(pool, items), {
    batch_max: 500,
    batches_in_flight: 1,
    queue_max: 500,
    gather: true,
  });
  let shownAt = performance.now();
  const sink: PlanSink = {
    post: (items) => queue.submit(items),
    freeze: (accountId, actorId) => freezeAccount(database, accountId, actorId),
    posted: (done, total) => {
      if (performance.now() - shownAt < 2_000) return;
      shownAt = performance.now();
      onProgress(`posted ${done} of ${total} items of the demo bank's history`);
    },
  };
  const { surprises, fraud_transaction_ids } = await postPlan(demoPlan(period), ids, sink);
  for (const transactionId of fraud_transaction_ids) {
    await database.execute(
      'INSERT IGNORE INTO fraud_labels (transaction_id, is_fraud, source, labelled_by) VALUES (?, TRUE, ?, ?)',
      [transactionId, DEMO_SOURCE, ids.users.get('admin')],
    );
  }
  // A demo bank that differs here and there is worth more than a bank that does not start.
  for (const line of surprises) onProgress(`demo bank: ${line}`);
}

async function freezeAccount(database: Database, accountId: string, actorId: string): Promise<void> {
  const [account] = await database.query<{ status: string }>(
    'SELECT status FROM accounts WHERE account_id = ?',
    [accountId],
  );
  if (account?.status !== 'active') return;
  await database.onConnection({ ...SEEDING, user_id: actorId }, (queries) =>
    queries.call('sp_set_account_status', [accountId, 'frozen']),
  );
}

async function setting(queries: Queries, key: string): Promise<string | null> {
  const [row] = await queries.query<{ setting_value: string }>(
    'SELECT setting_value FROM bank_settings WHERE setting_key = ?',
    [key],
  );
  return row?.setting_value ?? null;
}

/** Two runs on one bank go one after the other, so that no login is printed and then replaced. */
async function oneAtATime(pool: Pool, work: () => Promise<void>): Promise<void> {
  const connection: PoolConnection = await pool.getConnection();
  try {
    // Names of locks are the whole server's and at most 64 characters long.
    const [rows] = await connection.query(
      "SELECT GET_LOCK(LEFT(SHA2(CONCAT('demo bank ', DATABASE()), 256), 40), ?) AS is_mine",
      [LOCK_WAIT_S],
    );
    const [lock] = rows as { is_mine: number | string | null }[];
    if (Number(lock?.is_mine) !== 1)
      throw new Error('Another program is making the demo bank at this moment: try again when it has ended.');
    await work();
  } finally {
    connection.destroy();
  }
}
