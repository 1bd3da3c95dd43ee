import { randomBytes } from 'node:crypto';
import type { Pool } from 'mysql2/promise';
import { createBankPool, Database } from '../../src/database';
import { migrateBank } from '../../src/database/migrate';
import { postBatch } from '../../src/posting';
import { serverUrl, testEnvironment } from './environment';
import { freshKey } from './postings';
import { claimRedisSpace } from './redis-space';

export interface TestUser {
  username?: string;
  email?: string;
  full_name?: string;
  date_of_birth?: string;
  phone_number?: string | null;
  role?: 'customer' | 'auditor' | 'admin' | 'analyst';
  kyc_status?: 'pending' | 'verified' | 'rejected';
  is_active?: boolean;
  /** bcrypt hashes; without one the user cannot log in, has no PIN. */
  password_hash?: string;
  pin_hash?: string | null;
}

export interface AccountOptions {
  currency?: string;
  type?: 'checking' | 'savings' | 'wallet';
  /** Minor units, put there by a deposit. */
  balance?: bigint;
  /** Minor units. */
  overdraft?: bigint;
}

/** A migrated bank with a database, database users and a Redis space of its own. */
export interface TestBank {
  database: string;
  /** The administrator's URL names the bank's database too. */
  urls: { admin: string; owner: string; api: string; worker: string; auditor: string };
  redisUrl: string;
  owner: Database;
  /** The API's database user, as the posting queue uses it. */
  pool: Pool;
  /** Ready for loadEnvironment: the API's. */
  environment: NodeJS.ProcessEnv;
  createUser(overrides?: TestUser): Promise<{ user_id: string; username: string }>;
  /** Opens an account as the API would, funded by a deposit when `balance` is given. Answers with its account_id. */
  openAccount(userId: string, options?: AccountOptions): Promise<string>;
  /** A fresh key and hash of a posting item. */
  key(): { key: string; hash: string };
  close(): Promise<void>;
}

/** Makes a bank on the servers of TEST_DATABASE_URL and TEST_REDIS_URL. Takes about a second; close() removes every trace. */
export async function createTestBank(): Promise<TestBank> {
  const id = randomBytes(5).toString('hex');
  const database = `florin_t_${id}`;
  const urls = {
    admin: databaseUrl(database),
    owner: databaseUrl(database, `t_${id}_owner`),
    api: databaseUrl(database, `t_${id}_api`),
    worker: databaseUrl(database, `t_${id}_worker`),
    auditor: databaseUrl(database, `t_${id}_auditor`),
  };
  const { admin: adminUrl, owner: ownerUrl, ...users } = urls;
  await migrateBank({ adminUrl, ownerUrl, users });
  const redisSpace = await claimRedisSpace(serverUrl('TEST_REDIS_URL'));
  const owner = await Database.connect(ownerUrl, 4);
  const pool = createBankPool(urls.api, { connectionLimit: 4 });
  return {
    database,
    urls,
    redisUrl: redisSpace.url,
    owner,
    pool,
    environment: testEnvironment(urls.api, redisSpace.url),
    createUser: (overrides) => createUser(owner, overrides),
    openAccount: (userId, options) => openAccount(owner, pool, userId, options),
    key: freshKey,
    close: async () => {
      await pool.end();
      await owner.close();
      await redisSpace.release();
      await remove(urls, database);
    },
  };
}

function databaseUrl(database: string, user?: string): string {
  const url = new URL(serverUrl('TEST_DATABASE_URL'));
  url.pathname = `/${database}`;
  if (user) {
    url.username = user;
    url.password = randomBytes(12).toString('hex');
  }
  return url.href;
}

async function createUser(
  owner: Database,
  overrides: TestUser = {},
): Promise<{ user_id: string; username: string }> {
  const username = overrides.username ?? `user-${randomBytes(5).toString('hex')}`;
  const { insertId } = await owner.execute(
    `INSERT INTO users (username, email, full_name, date_of_birth, phone_number, role, kyc_status, is_active)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      username,
      overrides.email ?? `${username}@bank.test`,
      overrides.full_name ?? 'Ada Lovelace',
      overrides.date_of_birth ?? '1990-12-10',
      overrides.phone_number ?? null,
      overrides.role ?? 'customer',
      overrides.kyc_status ?? 'verified',
      overrides.is_active ?? true,
    ],
  );
  await owner.execute('INSERT INTO user_credentials (user_id, password_hash, pin_hash) VALUES (?, ?, ?)', [
    insertId,
    overrides.password_hash ?? '!',
    overrides.pin_hash ?? null,
  ]);
  return { user_id: insertId, username };
}

async function openAccount(
  owner: Database,
  pool: Pool,
  userId: string,
  options: AccountOptions = {},
): Promise<string> {
  const { currency = 'USD', type = 'checking', balance = 0n, overdraft = 0n } = options;
  const [rows] = await owner.call<{ account_id: string }>('sp_create_account', [
    userId,
    type,
    currency,
    overdraft,
  ]);
  const accountId = String(rows?.[0]?.account_id);
  if (balance > 0n) {
    const [outcome] = await postBatch(pool, [
      { ...freshKey(), type: 'deposit', credit: accountId, amount: balance, currency },
    ]);
    if (outcome?.code !== 'OK')
      throw new Error(`the opening deposit was answered with ${String(outcome?.code)}`);
  }
  return accountId;
}

async function remove(urls: TestBank['urls'], database: string): Promise<void> {
  const admin = createBankPool(serverUrl('TEST_DATABASE_URL'), { connectionLimit: 1 });
  try {
    await admin.query(`DROP DATABASE IF EXISTS \`${database}\``);
    for (const url of [urls.owner, urls.api, urls.worker, urls.auditor]) {
      await admin.query(`DROP USER IF EXISTS '${new URL(url).username}'@'%'`);
    }
  } finally {
    await admin.end();
  }
}
