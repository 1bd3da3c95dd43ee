import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from 'mysql2/promise';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';
import type { MinorPerDollar } from './limits';

const USERS_AT_A_TIME = 400;

/**
 * A bank that many histories are played in, each with users and accounts of its own. One history at a time: the bank's own accounts
 * are everybody's.
 */
export interface ModelBank {
  bank: TestBank;
  pool: Pool;
  /** Those that the bank keeps books in, with their worth. */
  currencies: Map<string, MinorPerDollar>;
  /** account_id by "cash USD" and the like. */
  systemAccounts: Map<string, string>;
  /** merchant_id; the shady one is on the block-list. */
  merchants: Record<'fair' | 'shady', string>;
  /** Two users nobody else has. */
  twoUsers(): Promise<[string, string]>;
  /** A name that no account has. */
  accountNumber(): string;
  /** Fails when the ledger does not add up. */
  close(): Promise<void>;
}

export async function openModelBank(): Promise<ModelBank> {
  const bank = await createTestBank();
  const merchants = {
    fair: await addMerchant(bank, 'Fair Goods'),
    shady: await addMerchant(bank, 'Shady Goods'),
  };
  await bank.owner.call('sp_add_risk_list_entry', [
    'block',
    'merchant',
    merchants.shady,
    null,
    'Known to the police',
    null,
  ]);
  await bank.owner.call('sp_close_period', ['2020-01-01 00:00:00']);
  const users: string[] = [];
  return {
    bank,
    pool: bank.pool,
    currencies: await currencies(bank),
    systemAccounts: await systemAccounts(bank),
    merchants,
    twoUsers: async () => {
      if (users.length < 2) users.push(...(await addUsers(bank)));
      return users.splice(0, 2) as [string, string];
    },
    accountNumber: () => randomBytes(10).toString('hex'),
    close: async () => {
      const problems = await p.integrityProblems(bank.owner);
      await bank.close();
      if (problems.length > 0) throw new Error(`the ledger does not add up: ${JSON.stringify(problems)}`);
    },
  };
}

async function currencies(bank: TestBank): Promise<Map<string, MinorPerDollar>> {
  const rows = await bank.owner.query<Record<'currency' | 'minor_per_major' | 'units_per_dollar', string>>(
    `SELECT currency, minor_per_major, units_per_dollar FROM currencies
     WHERE currency IN (SELECT currency FROM accounts WHERE system_code = 'cash')`,
  );
  // Four decimals, as the column has.
  return new Map(
    rows.map((row) => [
      row.currency,
      BigInt(row.minor_per_major) * BigInt(Math.round(Number(row.units_per_dollar) * 10_000)),
    ]),
  );
}

async function systemAccounts(bank: TestBank): Promise<Map<string, string>> {
  const rows = await bank.owner.query<Record<'account_id' | 'system_code' | 'currency', string>>(
    'SELECT account_id, system_code, currency FROM accounts WHERE system_code IS NOT NULL',
  );
  return new Map(rows.map((row) => [`${row.system_code} ${row.currency}`, String(row.account_id)]));
}

async function addMerchant(bank: TestBank, name: string): Promise<string> {
  const key = createHash('sha256').update(name).digest().subarray(0, 16);
  const { insertId } = await bank.owner.execute(
    "INSERT INTO merchants (merchant_key, name, mcc) VALUES (?, ?, '5999')",
    [key, name],
  );
  return insertId;
}

async function addUsers(bank: TestBank): Promise<string[]> {
  const names = Array.from({ length: USERS_AT_A_TIME }, () => `model-${randomBytes(6).toString('hex')}`);
  await bank.owner.execute(
    `INSERT INTO users (username, email, full_name, date_of_birth, kyc_status)
     VALUES ${names.map(() => "(?, ?, 'Ada Lovelace', '1990-12-10', 'verified')").join(', ')}`,
    names.flatMap((name) => [name, `${name}@bank.test`]),
  );
  const rows = await bank.owner.query<{ user_id: string }>(
    `SELECT user_id FROM users WHERE username IN (${names.map(() => '?').join(', ')}) ORDER BY user_id`,
    names,
  );
  return rows.map((row) => String(row.user_id));
}
