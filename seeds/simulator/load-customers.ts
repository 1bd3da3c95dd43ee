import { toDatabaseTime, type Parameter, type Queries } from '../../src/database';
import { merchantKey } from '../../src/merchants/merchants.service';
import type { SimulatedCustomer, SimulatedHistory } from './history';

/** Nobody can log in as somebody who was made up. */
const NO_PASSWORD = '!';
const CURRENCY = 'USD';
const ROWS_A_QUERY = 500;

/** The ids behind the numbers of a history; those of a customer stand at the place of the number, less one. */
export interface SimulationIds {
  users: string[];
  accounts: string[];
  merchants: string[];
}

/**
 * Opens the bank for the customers and merchants of a simulation; those that are there already stay. Run it in a transaction.
 * @param tag tells the customers of one simulation from those of another
 */
export async function loadWorld(
  queries: Queries,
  { customers, merchants }: SimulatedHistory,
  tag: string,
): Promise<SimulationIds> {
  const found = await findCustomers(queries, tag);
  const users: string[] = [];
  const accounts: string[] = [];
  for (const customer of customers) {
    const username = usernameOf(customer, tag);
    const own = found.get(username) ?? (await openCustomer(queries, customer, username));
    users.push(own.user_id);
    accounts.push(own.account_id);
  }
  return { users, accounts, merchants: await loadMerchants(queries, merchants) };
}

function usernameOf({ number }: SimulatedCustomer, tag: string): string {
  return `${tag}_${String(number).padStart(4, '0')}`;
}

interface Owner {
  user_id: string;
  account_id: string;
}

async function findCustomers(queries: Queries, tag: string): Promise<Map<string, Owner>> {
  const rows = await queries.query<Owner & { username: string }>(
    `SELECT u.username, u.user_id, MIN(a.account_id) AS account_id
     FROM users u JOIN accounts a ON a.user_id = u.user_id
     WHERE u.username LIKE CONCAT(REPLACE(?, '_', '\\\\_'), '\\\\_%') GROUP BY u.username, u.user_id`,
    [tag],
  );
  return new Map(
    rows.map((row) => [row.username, { user_id: String(row.user_id), account_id: String(row.account_id) }]),
  );
}

async function openCustomer(queries: Queries, customer: SimulatedCustomer, username: string): Promise<Owner> {
  const opened_at = toDatabaseTime(new Date(customer.opened_us / 1000));
  const { insertId: user_id } = await queries.execute(
    `INSERT INTO users (username, email, full_name, role, kyc_status, created_at) VALUES (?, ?, ?, 'customer', 'verified', ?)`,
    [username, `${customer.username}.${username}@florin.example`, customer.full_name, opened_at],
  );
  await queries.execute('INSERT INTO user_credentials (user_id, password_hash) VALUES (?, ?)', [
    user_id,
    NO_PASSWORD,
  ]);
  const [[account] = []] = await queries.call<{ account_id: string }>('sp_create_account', [
    user_id,
    'checking',
    CURRENCY,
    0,
  ]);
  if (!account) throw new Error(`no account was opened for ${username}`);
  // The history begins before today, so the account must have been there by then.
  await queries.execute('UPDATE accounts SET opened_at = ? WHERE account_id = ?', [
    opened_at,
    account.account_id,
  ]);
  return { user_id, account_id: String(account.account_id) };
}

async function loadMerchants(queries: Queries, merchants: SimulatedHistory['merchants']): Promise<string[]> {
  const ids = new Map<string, string>();
  for (let start = 0; start < merchants.length; start += ROWS_A_QUERY) {
    const part = merchants.slice(start, start + ROWS_A_QUERY);
    const values = part.flatMap((merchant): Parameter[] => [
      merchantKey(merchant),
      merchant.name,
      merchant.mcc,
      merchant.city,
      merchant.country,
    ]);
    await queries.execute(
      `INSERT IGNORE INTO merchants (merchant_key, name, mcc, city, country)
       VALUES ${part.map(() => '(UNHEX(?), ?, ?, ?, ?)').join(', ')}`,
      values,
    );
    const rows = await queries.query<{ merchant_id: string; merchant_key: string }>(
      `SELECT merchant_id, LOWER(HEX(merchant_key)) AS merchant_key FROM merchants
       WHERE merchant_key IN (${part.map(() => 'UNHEX(?)').join(', ')})`,
      part.map(merchantKey),
    );
    for (const row of rows) ids.set(row.merchant_key, String(row.merchant_id));
  }
  return merchants.map((merchant) => {
    const id = ids.get(merchantKey(merchant));
    if (!id) throw new Error(`the merchant ${merchant.name} is missing`);
    return id;
  });
}
