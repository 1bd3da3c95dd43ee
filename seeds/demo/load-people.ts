import { createHmac } from 'node:crypto';
import { toDatabaseTime, type Parameter, type Queries } from '../../src/database';
import { merchantKey } from '../../src/merchants/merchants.service';
import { DAY, type Period } from './calendar';
import { DEMO_MCC_CODES, demoMerchants } from './merchants';
import {
  DEMO_CUSTOMERS,
  DEMO_STAFF,
  accountName,
  cardName,
  minor,
  type Currency,
  type DemoCustomer,
  type DemoUser,
} from './people';
import { bankAccount } from './plan';
import { Random } from './random';

/** What stands in profiles and cards for where they came from. */
export const DEMO_SOURCE = 'demo';

/** Nobody can log in with this: logins are given out when everything else is there. */
const NO_PASSWORD = '!';

/** Opens the demo bank for its people: users, profiles, accounts, cards, and the merchants they will meet. Run it in a transaction. */
export async function loadPeople(
  queries: Queries,
  period: Period,
  cardHashKey: string | Buffer,
): Promise<void> {
  for (const user of [...DEMO_CUSTOMERS, ...DEMO_STAFF]) await insertUser(queries, user, period);
  for (const customer of DEMO_CUSTOMERS) {
    const userId = await userIdOf(queries, customer.username);
    await insertProfile(queries, customer, userId, period);
    const accounts = await openAccounts(queries, customer, userId, period);
    await insertCards(queries, customer, { userId, accounts, period, cardHashKey });
  }
  for (const [mcc, description] of Object.entries(DEMO_MCC_CODES)) {
    await queries.execute('INSERT IGNORE INTO mcc_codes (mcc, description) VALUES (?, ?)', [
      mcc,
      description,
    ]);
  }
  const merchants = [...demoMerchants().values()];
  const values: Parameter[] = merchants.flatMap((merchant) => [
    merchantKey(merchant),
    merchant.name,
    merchant.mcc,
    merchant.city,
    merchant.state,
    merchant.country,
  ]);
  await queries.execute(
    `INSERT IGNORE INTO merchants (merchant_key, name, mcc, city, state, country) VALUES ${merchants.map(() => '(UNHEX(?), ?, ?, ?, ?, ?)').join(', ')}`,
    values,
  );
}

async function insertUser(queries: Queries, user: DemoUser, period: Period): Promise<void> {
  const { insertId } = await queries.execute(
    `INSERT INTO users (username, email, full_name, date_of_birth, phone_number, role, kyc_status, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      user.username,
      `${user.username}@florin.example`,
      user.full_name,
      user.date_of_birth,
      user.phone_number,
      user.role,
      user.kyc_status,
      toDatabaseTime(new Date(period.start - DAY)),
    ],
  );
  await queries.execute('INSERT INTO user_credentials (user_id, password_hash) VALUES (?, ?)', [
    insertId,
    NO_PASSWORD,
  ]);
}

async function userIdOf(queries: Queries, username: string): Promise<string> {
  const [row] = await queries.query<{ user_id: string }>('SELECT user_id FROM users WHERE username = ?', [
    username,
  ]);
  if (!row) throw new Error(`the demo user ${username} is missing`);
  return row.user_id;
}

async function insertProfile(
  queries: Queries,
  customer: DemoCustomer,
  userId: string,
  period: Period,
): Promise<void> {
  const { profile, home_currency, cards } = customer;
  await queries.execute(
    `INSERT INTO customer_profiles (user_id, source, external_client_id, gender, address, latitude, longitude, currency,
       per_capita_income_minor, yearly_income_minor, total_debt_minor, credit_score, retirement_age, num_credit_cards, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      userId,
      DEMO_SOURCE,
      customer.username,
      profile.gender,
      `${profile.address}, ${customer.city}`,
      profile.latitude,
      profile.longitude,
      home_currency,
      minor(profile.per_capita_income),
      minor(profile.yearly_income),
      minor(profile.total_debt),
      profile.credit_score,
      profile.retirement_age,
      cards.filter(({ card_type }) => card_type === 'Credit').length,
      toDatabaseTime(new Date(period.start - DAY)),
    ],
  );
}

/** Account ids by the names that plans use. */
async function openAccounts(
  queries: Queries,
  customer: DemoCustomer,
  userId: string,
  period: Period,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const { type, currency, overdraft = 0 } of customer.accounts) {
    const [[account] = []] = await queries.call<{ account_id: string }>('sp_create_account', [
      userId,
      type,
      currency,
      minor(overdraft),
    ]);
    if (!account) throw new Error(`no ${type} account was opened for ${customer.username}`);
    ids.set(accountName(customer.username, type, currency), account.account_id);
  }
  // The history begins before today, so the accounts must have been there by then.
  await queries.execute('UPDATE accounts SET opened_at = ? WHERE user_id = ?', [
    toDatabaseTime(new Date(period.start)),
    userId,
  ]);
  return ids;
}

interface CardContext {
  userId: string;
  accounts: Map<string, string>;
  period: Period;
  cardHashKey: string | Buffer;
}

async function insertCards(
  queries: Queries,
  customer: DemoCustomer,
  { userId, accounts, period, cardHashKey }: CardContext,
): Promise<void> {
  for (const [index, card] of customer.cards.entries()) {
    const name = cardName(customer.username, index);
    const number = cardNumber(card.pan_first_six, name);
    const opened = new Date(period.start);
    await queries.execute(
      `INSERT INTO cards (user_id, account_id, source, external_card_id, brand, card_type, pan_first_six, pan_last_four, pan_hash,
         expires_on, has_chip, credit_limit_minor, currency, opened_on, pin_last_changed_year, is_on_dark_web)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, TRUE, ?, ?, ?, ?, FALSE)`,
      [
        userId,
        accounts.get(accountName(customer.username, card.account, customer.home_currency)),
        DEMO_SOURCE,
        name,
        card.brand,
        card.card_type,
        card.pan_first_six,
        number.slice(-4),
        createHmac('sha256', cardHashKey).update(number).digest(),
        // The last day of a month, three years on.
        dateOf(Date.UTC(opened.getUTCFullYear() + 3, opened.getUTCMonth() + 1 + index, 0)),
        card.credit_limit === undefined ? null : minor(card.credit_limit),
        customer.home_currency,
        dateOf(Date.UTC(opened.getUTCFullYear() - 1, opened.getUTCMonth(), 12 + index)),
        opened.getUTCFullYear() - 1,
      ],
    );
  }
}

/** A made-up number of 16 digits in a range for testing, with the check digit of ISO/IEC 7812 (Luhn). It is not kept. */
function cardNumber(firstSix: string, seed: string): string {
  const random = new Random(`card number ${seed}`);
  const digits = firstSix + Array.from({ length: 9 }, () => random.integer(0, 9)).join('');
  const sum = [...digits].reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return digits + String((10 - (sum % 10)) % 10);
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The ids behind the names that plans use. */
export interface DemoIds {
  users: Map<string, string>;
  accounts: Map<string, string>;
  cards: Map<string, string>;
  merchants: Map<string, string>;
}

export async function readIds(queries: Queries): Promise<DemoIds> {
  const users = await queries.query<{ user_id: string; username: string }>(
    'SELECT user_id, username FROM users',
  );
  const accounts = await queries.query<{
    account_id: string;
    username: string | null;
    account_type: string;
    currency: Currency;
  }>(
    `SELECT a.account_id, u.username, a.account_type, a.currency
     FROM accounts a LEFT JOIN users u ON u.user_id = a.user_id ORDER BY a.account_id DESC`,
  );
  const cards = await queries.query<{ card_id: string; external_card_id: string }>(
    'SELECT card_id, external_card_id FROM cards WHERE source = ?',
    [DEMO_SOURCE],
  );
  const rows = await queries.query<{ merchant_id: string; merchant_key: Buffer }>(
    'SELECT merchant_id, merchant_key FROM merchants',
  );
  const byKey = new Map(rows.map((row) => [row.merchant_key.toString('hex'), row.merchant_id]));
  const merchants = [...demoMerchants()].map(
    ([name, merchant]) => [name, byKey.get(merchantKey(merchant)) ?? ''] as const,
  );
  return {
    users: new Map(users.map((row) => [row.username, row.user_id])),
    // Of two accounts with one name the older one counts, which comes last.
    accounts: new Map(
      accounts.map(({ account_id, username, account_type, currency }) => [
        username === null
          ? bankAccount(account_type, currency)
          : accountName(username, account_type, currency),
        account_id,
      ]),
    ),
    cards: new Map(cards.map((row) => [row.external_card_id, row.card_id])),
    merchants: new Map(merchants),
  };
}
