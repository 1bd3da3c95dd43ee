import { randomBytes } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import type { Pool } from 'mysql2/promise';
import { accountNumber } from '../../src/accounts/account-number';
import { createBankPool, Database } from '../../src/database';
import { migrateBank } from '../../src/database/migrate';
import { postBatch, type BatchItem } from '../../src/posting';
import type { World } from '../client/protocol';
import { freshKey, transferSource } from '../client/transfers';
import type { Servers } from './servers';

const USERS = 50;
/** Minor units of every account at the start, and of the hot one: far more than a run moves. */
const OPENING_MINOR = 5_000_000n;
const HOT_OPENING_MINOR = 900_000_000_000n;
/**
 * Transfers over the minutes before, so that the model learns what this bank's ordinary traffic is: as many an account as a run brings.
 * A model that has never seen the like of the load would flag most of it, and open an alert for each.
 */
const PAST = { transfers: 100_000, minutes: 1 };
const MINUTE_US = 60_000_000;
const ACCOUNT_AGE_DAYS = 100;
const DAY_MS = 86_400_000;
const ITEMS_IN_BATCH = 1_000;
const ROWS_IN_INSERT = 1_000;

export interface BenchBank {
  name: string;
  urls: { admin: string; owner: string; api: string; worker: string; auditor: string };
  redis_url: string;
  secrets: Record<'JWT_SECRET' | 'CURSOR_SECRET' | 'CARD_HASH_KEY' | 'METRICS_TOKEN' | 'DATA_KEYS', string>;
  owner: Database;
  world: World;
  /** Transactions that the bank must hold: the opening deposits and everything that was accepted since. */
  expected: number;
  close(): Promise<void>;
}

let banksMade = 0;

/**
 * A migrated bank of 50 customers, who share the accounts evenly, each account funded by a deposit; with a past where a worker is to
 * judge what comes.
 */
export async function createBenchBank(
  servers: Servers,
  name: string,
  accounts: number,
  hasPast: boolean,
): Promise<BenchBank> {
  const urls = {
    admin: servers.databaseUrl(`florin_${name}`),
    owner: servers.databaseUrl(`florin_${name}`, `${name}_owner`),
    api: servers.databaseUrl(`florin_${name}`, `${name}_api`),
    worker: servers.databaseUrl(`florin_${name}`, `${name}_worker`),
    auditor: servers.databaseUrl(`florin_${name}`, `${name}_auditor`),
  };
  const { admin: adminUrl, owner: ownerUrl, ...users } = urls;
  await migrateBank({ adminUrl, ownerUrl, users });
  const owner = await Database.connect(ownerUrl, 4);
  const secret = () => randomBytes(48).toString('base64url');
  const secrets = {
    JWT_SECRET: secret(),
    CURSOR_SECRET: secret(),
    CARD_HASH_KEY: secret(),
    METRICS_TOKEN: secret(),
    DATA_KEYS: `k1:${randomBytes(32).toString('base64url')}`,
  };
  const world = await openAccounts(owner, accounts, secrets.JWT_SECRET);
  const before = [...openings(world), ...(hasPast ? past(world) : [])];
  await post(urls.owner, before);
  await shadowRules(owner);
  banksMade += 1;
  return {
    name,
    urls,
    redis_url: servers.redisUrl(banksMade),
    secrets,
    owner,
    world,
    expected: before.length,
    close: async () => {
      await owner.close();
      // The next scenario starts on an empty database, and the server's memory is its own again.
      await withAdmin(urls.admin, (admin) => admin.query(`DROP DATABASE \`florin_${name}\``));
    },
  };
}

async function withAdmin(url: string, work: (admin: Pool) => Promise<unknown>): Promise<void> {
  const admin = createBankPool(url, { connectionLimit: 1 });
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

async function openAccounts(owner: Database, count: number, jwtSecret: string): Promise<World> {
  const usernames = Array.from({ length: USERS }, (_, index) => `bench-${index}`);
  await insertRows(
    owner,
    'users (username, email, full_name, kyc_status)',
    usernames.map((username) => [username, `${username}@bank.test`, `Bench ${username}`, 'verified']),
  );
  const users = await owner.query<{ user_id: string; username: string }>(
    "SELECT user_id, username FROM users WHERE username LIKE 'bench-%' ORDER BY user_id",
  );
  const userIds = users.map((user) => String(user.user_id));
  await insertRows(
    owner,
    'user_credentials (user_id, password_hash)',
    userIds.map((id) => [id, '!']),
  );
  const opened = new Date(Date.now() - ACCOUNT_AGE_DAYS * DAY_MS)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
  const owners = Array.from({ length: count }, (_, index) => index % USERS);
  await insertRows(
    owner,
    'accounts (account_number, user_id, account_type, currency, opened_at)',
    owners.map((user, index) => [
      accountNumber(String(100_000_000_000 + index)),
      userIds[user] ?? '',
      'checking',
      'USD',
      opened,
    ]),
  );
  const rows = await owner.query<{ account_id: string; user_id: string }>(
    'SELECT account_id, user_id FROM accounts WHERE user_id IS NOT NULL ORDER BY account_id',
  );
  return {
    accounts: rows.map((row) => String(row.account_id)),
    owners: rows.map((row) => userIds.indexOf(String(row.user_id))),
    user_ids: userIds,
    tokens: users.map(({ user_id, username }) => accessToken(jwtSecret, String(user_id), username)),
  };
}

/** Tokens as the bank makes them at a login, of staff with a second factor, without fifty passwords to hash. */
export function accessToken(secret: string, userId: string, username: string, role = 'customer'): string {
  return new JwtService({ secret }).sign(
    role === 'customer'
      ? { username, role, ver: 0 }
      : { username, role, ver: 0, auth_time: Math.floor(Date.now() / 1000), amr: ['pwd', 'otp'] },
    {
      algorithm: 'HS256',
      subject: userId,
      issuer: 'florin',
      audience: 'florin-api',
      keyid: 'k1',
      expiresIn: 3 * 3600,
    },
  );
}

async function insertRows(owner: Database, into: string, rows: string[][]): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_IN_INSERT) {
    const part = rows.slice(start, start + ROWS_IN_INSERT);
    const places = part.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
    await owner.execute(`INSERT INTO ${into} VALUES ${places}`, part.flat());
  }
}

function openings({ accounts }: World): BatchItem[] {
  return accounts.map((credit, index) => ({
    key: freshKey(),
    hash: freshKey(),
    type: 'deposit',
    credit,
    amount: index === 0 ? HOT_OPENING_MINOR : OPENING_MINOR,
    currency: 'USD',
    effective_us: Date.now() * 1_000 - 2 * PAST.minutes * MINUTE_US,
  }));
}

function past(world: World): BatchItem[] {
  const draw = transferSource(world, 'spread');
  const now = Date.now() * 1_000;
  return Array.from({ length: PAST.transfers }, (_, index) => {
    const { from, to, owner, amount } = draw();
    return {
      key: freshKey(),
      hash: freshKey(),
      type: 'transfer',
      debit: from,
      credit: to,
      amount: BigInt(amount),
      currency: 'USD',
      actor: world.user_ids[owner],
      effective_us: now - Math.round(PAST.minutes * MINUTE_US * (1 - index / PAST.transfers)),
    };
  });
}

async function post(databaseUrl: string, items: readonly BatchItem[]): Promise<void> {
  const pool = createBankPool(databaseUrl, { connectionLimit: 1 });
  for (let start = 0; start < items.length; start += ITEMS_IN_BATCH) {
    const outcomes = await postBatch(pool, items.slice(start, start + ITEMS_IN_BATCH));
    const declined = outcomes.find((outcome) => outcome.code !== 'OK');
    if (declined) throw new Error(`the bank's past was answered with ${declined.code}`);
  }
  await pool.end();
}

/** Thousands of transfers a second among 50 customers meet every rule on haste: the rules are asked, but raise no alert each. */
async function shadowRules(owner: Database): Promise<void> {
  await owner.execute("UPDATE risk_rules SET status = 'shadow' WHERE status = 'active' AND NOT is_protected");
}
