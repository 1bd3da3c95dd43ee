import { randomBytes } from 'node:crypto';
import type { Actor, Database, Parameter, Queries } from '../database';
import { overdraftOf, type CardRow, type UserRow } from './customer-rows';

/** customer_profiles.source and cards.source of everything that this import makes. */
export const SOURCE = 'fin-txn';
export const CURRENCY = 'USD';

const ROWS_A_QUERY = 1_000;

/** What the audit rows say about who did it: the operator at a shell, as the database's owner. */
const ACTOR: Actor = { user_id: null, ip_address: null, request_id: `import ${SOURCE}` };

/** A client of the data set and the account that the bank opened for them. */
export interface Client {
  clientId: string;
  userId: string;
  accountId: string;
  yearlyIncomeMinor: bigint;
  balanceMinor: bigint;
  /** Balance less holds plus overdraft. */
  availableMinor: bigint;
  /** Number of entries on the account. */
  lastAccountSeq: string;
}

export interface ClientCard {
  cardId: string;
  clientId: string;
}

export interface Opened {
  users: number;
  accounts: number;
  cards: number;
}

/** A row of users_data.csv with the client's rows of cards_data.csv. */
export interface NewCustomer {
  user: UserRow;
  cards: readonly CardRow[];
}

interface ProfileDbRow {
  external_client_id: string;
  user_id: string;
  yearly_income_minor: string | null;
}

interface AccountDbRow {
  user_id: string;
  account_id: string;
  balance_minor: string;
  available_minor: string;
  last_account_seq: string;
}

/**
 * Every client of the data set that the bank has, by the data set's number. Profiles and accounts are read apart and put
 * together here: right after thousands of new rows a server without fresh statistics joins them by reading one for each of
 * the other.
 */
export async function readClients(queries: Queries): Promise<Map<string, Client>> {
  const profiles = await queries.query<ProfileDbRow>(
    `SELECT external_client_id, user_id, yearly_income_minor FROM customer_profiles
     WHERE source = ? AND external_client_id IS NOT NULL`,
    [SOURCE],
  );
  const clients = new Map<string, Client>();
  for (let start = 0; start < profiles.length; start += ROWS_A_QUERY) {
    const part = profiles.slice(start, start + ROWS_A_QUERY);
    const accounts = await firstAccounts(
      queries,
      part.map((profile) => String(profile.user_id)),
    );
    for (const profile of part) {
      const account = accounts.get(String(profile.user_id));
      if (!account) continue;
      const clientId = String(profile.external_client_id);
      clients.set(clientId, {
        clientId,
        userId: String(profile.user_id),
        accountId: String(account.account_id),
        yearlyIncomeMinor: BigInt(profile.yearly_income_minor ?? 0),
        balanceMinor: BigInt(account.balance_minor),
        availableMinor: BigInt(account.available_minor),
        lastAccountSeq: String(account.last_account_seq),
      });
    }
  }
  return clients;
}

/** The oldest account of each user in the data set's currency, by user id. */
async function firstAccounts(
  queries: Queries,
  userIds: readonly string[],
): Promise<Map<string, AccountDbRow>> {
  const rows = await queries.query<AccountDbRow>(
    `SELECT user_id, account_id, balance_minor,
       balance_minor - held_minor + overdraft_limit_minor AS available_minor, last_account_seq
     FROM accounts WHERE user_id IN (${marks(userIds)}) AND currency = ? ORDER BY account_id DESC`,
    [...userIds, CURRENCY],
  );
  return new Map(rows.map((row) => [String(row.user_id), row]));
}

/** Every card of the data set that the bank has, by the data set's number. */
export async function readCards(
  queries: Queries,
  clients: ReadonlyMap<string, Client>,
): Promise<Map<string, ClientCard>> {
  const clientByUser = new Map([...clients.values()].map((client) => [client.userId, client.clientId]));
  const rows = await queries.query<Record<'external_card_id' | 'card_id' | 'user_id', string>>(
    'SELECT external_card_id, card_id, user_id FROM cards WHERE source = ? AND external_card_id IS NOT NULL',
    [SOURCE],
  );
  return new Map(
    rows.map((row) => [
      String(row.external_card_id),
      { cardId: String(row.card_id), clientId: clientByUser.get(String(row.user_id)) ?? '' },
    ]),
  );
}

/**
 * Makes users, profiles, accounts and cards in one transaction. A client or card that is there already stays as it is; new
 * credit cards of a client who was there raise the overdraft limit. Triggers write the audit rows.
 */
export function openCustomers(database: Database, customers: readonly NewCustomer[]): Promise<Opened> {
  return database.transaction(ACTOR, async (queries) => {
    const known = await knownClients(
      queries,
      customers.map(({ user }) => user.clientId),
    );
    const fresh = customers.filter(({ user }) => !known.has(user.clientId));
    const users = await insertUsers(
      queries,
      fresh.map(({ user }) => user),
    );
    const accounts = new Map(known);
    for (const { user, cards } of fresh) {
      const userId = users.get(user.clientId) ?? '';
      const overdraft = cards.reduce((sum, card) => sum + overdraftOf(card), 0n);
      const [rows] = await queries.call<{ account_id: string; user_id: string }>('sp_create_account', [
        userId,
        'checking',
        CURRENCY,
        overdraft,
      ]);
      const opened = rows?.[0];
      if (String(opened?.user_id) !== userId)
        throw new Error('sp_create_account answered with another account');
      accounts.set(user.clientId, { userId, accountId: String(opened?.account_id) });
    }
    const cards = await insertCards(queries, customers, accounts, known);
    return { users: fresh.length, accounts: fresh.length, cards };
  });
}

interface Home {
  userId: string;
  accountId: string;
}

async function knownClients(queries: Queries, clientIds: readonly string[]): Promise<Map<string, Home>> {
  const profiles = await queries.query<Record<'external_client_id' | 'user_id', string>>(
    `SELECT external_client_id, user_id FROM customer_profiles
     WHERE source = ? AND external_client_id IN (${marks(clientIds)})`,
    [SOURCE, ...clientIds],
  );
  if (profiles.length === 0) return new Map();
  const accounts = await firstAccounts(
    queries,
    profiles.map((profile) => String(profile.user_id)),
  );
  return new Map(
    profiles.map(({ external_client_id, user_id }) => {
      const account = accounts.get(String(user_id));
      if (!account)
        throw new Error(`client ${external_client_id} is in the bank without an account in ${CURRENCY}`);
      return [String(external_client_id), { userId: String(user_id), accountId: String(account.account_id) }];
    }),
  );
}

/** Answers with the new user ids by client id. */
async function insertUsers(queries: Queries, users: readonly UserRow[]): Promise<Map<string, string>> {
  if (users.length === 0) return new Map();
  const names = await freeUsernames(
    queries,
    users.map((user) => user.clientId),
  );
  const nameOf = (user: UserRow) => names.get(user.clientId) ?? '';
  await insertRows(
    queries,
    'users (username, email, full_name, date_of_birth, role, kyc_status)',
    users.map((user) => [
      nameOf(user),
      `${nameOf(user)}@import.invalid`,
      `Client ${user.clientId}`,
      user.dateOfBirth,
      'customer',
      'verified',
    ]),
  );
  const rows = await queries.query<{ user_id: string; username: string }>(
    `SELECT user_id, username FROM users WHERE username IN (${marks(users)})`,
    users.map(nameOf),
  );
  const idByName = new Map(rows.map((row) => [row.username, String(row.user_id)]));
  const idOf = (user: UserRow) => idByName.get(nameOf(user)) ?? '';
  await insertRows(
    queries,
    'user_credentials (user_id, password_hash)',
    users.map((user) => [idOf(user), '!']),
  );
  await insertProfiles(queries, users, idOf);
  return new Map(users.map((user) => [user.clientId, idOf(user)]));
}

/** `client-825`, or, where somebody has that name or address already, the same with a few random letters. */
async function freeUsernames(queries: Queries, clientIds: readonly string[]): Promise<Map<string, string>> {
  const wanted = clientIds.map((clientId) => `client-${clientId}`);
  const rows = await queries.query<{ username: string; email: string }>(
    `SELECT username, email FROM users WHERE username IN (${marks(wanted)}) OR email IN (${marks(wanted)})`,
    [...wanted, ...wanted.map((name) => `${name}@import.invalid`)],
  );
  const taken = new Set(
    rows.flatMap((row) => [row.username.toLowerCase(), row.email.toLowerCase().replace(/@.*/, '')]),
  );
  return new Map(
    clientIds.map((clientId, index) => {
      const name = wanted[index] ?? '';
      return [clientId, taken.has(name) ? `${name}-${randomBytes(4).toString('hex')}` : name];
    }),
  );
}

async function insertProfiles(
  queries: Queries,
  users: readonly UserRow[],
  idOf: (user: UserRow) => string,
): Promise<void> {
  await insertRows(
    queries,
    `customer_profiles (user_id, source, external_client_id, gender, address, latitude, longitude, currency,
       per_capita_income_minor, yearly_income_minor, total_debt_minor, credit_score, retirement_age, num_credit_cards)`,
    users.map((user) => [
      idOf(user),
      SOURCE,
      user.clientId,
      user.gender,
      user.address,
      user.latitude,
      user.longitude,
      CURRENCY,
      user.perCapitaIncomeMinor,
      user.yearlyIncomeMinor,
      user.totalDebtMinor,
      user.creditScore,
      user.retirementAge,
      user.numCreditCards,
    ]),
  );
}

async function insertCards(
  queries: Queries,
  customers: readonly NewCustomer[],
  accounts: ReadonlyMap<string, Home>,
  known: ReadonlyMap<string, Home>,
): Promise<number> {
  const cards = customers.flatMap((customer) => customer.cards);
  if (cards.length === 0) return 0;
  const rows = await queries.query<{ external_card_id: string }>(
    `SELECT external_card_id FROM cards WHERE source = ? AND external_card_id IN (${marks(cards)})`,
    [SOURCE, ...cards.map((card) => card.cardId)],
  );
  const there = new Set(rows.map((row) => String(row.external_card_id)));
  const fresh = cards.filter((card) => !there.has(card.cardId));
  if (fresh.length === 0) return 0;
  await insertRows(
    queries,
    `cards (user_id, account_id, source, external_card_id, brand, card_type, pan_first_six, pan_last_four, pan_hash,
       expires_on, has_chip, credit_limit_minor, currency, opened_on, pin_last_changed_year, is_on_dark_web)`,
    fresh.map((card) => cardValues(card, accounts.get(card.clientId))),
  );
  for (const [clientId, { accountId }] of known) {
    const raise = fresh
      .filter((card) => card.clientId === clientId)
      .reduce((sum, card) => sum + overdraftOf(card), 0n);
    if (raise === 0n) continue;
    await queries.execute(
      'UPDATE accounts SET overdraft_limit_minor = overdraft_limit_minor + ? WHERE account_id = ?',
      [raise, accountId],
    );
  }
  return fresh.length;
}

function cardValues(card: CardRow, home: Home | undefined): Parameter[] {
  return [
    home?.userId,
    home?.accountId,
    SOURCE,
    card.cardId,
    card.brand,
    card.cardType,
    card.firstSix,
    card.lastFour,
    card.hash,
    card.expiresOn,
    card.hasChip,
    card.creditLimitMinor,
    CURRENCY,
    card.openedOn,
    card.pinLastChangedYear,
    card.isOnDarkWeb,
  ];
}

/** `into` is a constant of this file: a table and its columns. */
async function insertRows(queries: Queries, into: string, rows: readonly Parameter[][]): Promise<void> {
  const row = `(${marks(rows[0] ?? [])})`;
  await queries.execute(`INSERT INTO ${into} VALUES ${rows.map(() => row).join(', ')}`, rows.flat());
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
