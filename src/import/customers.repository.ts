import { randomBytes } from 'node:crypto';
import type { Actor, Database, Parameter, Queries } from '../database';
import { overdraftOf, type CardRow, type UserRow } from './customer-rows';

/** customer_profiles.source and cards.source of everything that this import makes. */
export const SOURCE = 'fin-txn';
export const CURRENCY = 'USD';

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

interface ClientDbRow {
  external_client_id: string;
  user_id: string;
  account_id: string;
  yearly_income_minor: string | null;
  balance_minor: string;
  available_minor: string;
  last_account_seq: string;
}

/** Every client of the data set that the bank has, by the data set's number. */
export async function readClients(queries: Queries): Promise<Map<string, Client>> {
  const rows = await queries.query<ClientDbRow>(
    `SELECT p.external_client_id, p.user_id, a.account_id, p.yearly_income_minor, a.balance_minor,
       a.balance_minor - a.held_minor + a.overdraft_limit_minor AS available_minor, a.last_account_seq
     FROM customer_profiles p
     JOIN accounts a ON a.account_id = (SELECT MIN(account_id) FROM accounts WHERE user_id = p.user_id AND currency = ?)
     WHERE p.source = ? AND p.external_client_id IS NOT NULL`,
    [CURRENCY, SOURCE],
  );
  const clients = rows.map((row): [string, Client] => {
    const clientId = String(row.external_client_id);
    return [
      clientId,
      {
        clientId,
        userId: String(row.user_id),
        accountId: String(row.account_id),
        yearlyIncomeMinor: BigInt(row.yearly_income_minor ?? 0),
        balanceMinor: BigInt(row.balance_minor),
        availableMinor: BigInt(row.available_minor),
        lastAccountSeq: String(row.last_account_seq),
      },
    ];
  });
  return new Map(clients);
}

/** Every card of the data set that the bank has, by the data set's number. */
export async function readCards(queries: Queries): Promise<Map<string, ClientCard>> {
  const rows = await queries.query<Record<'external_card_id' | 'card_id' | 'external_client_id', string>>(
    `SELECT c.external_card_id, c.card_id, p.external_client_id
     FROM cards c JOIN customer_profiles p ON p.user_id = c.user_id
     WHERE c.source = ? AND c.external_card_id IS NOT NULL`,
    [SOURCE],
  );
  return new Map(
    rows.map((row) => [
      String(row.external_card_id),
      { cardId: String(row.card_id), clientId: String(row.external_client_id) },
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
      const [rows] = await queries.call<{ account_id: string }>('sp_create_account', [
        userId,
        'checking',
        CURRENCY,
        overdraft,
      ]);
      accounts.set(user.clientId, { userId, accountId: String(rows?.[0]?.account_id) });
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
  const rows = await queries.query<Record<'external_client_id' | 'user_id' | 'account_id', string>>(
    `SELECT p.external_client_id, p.user_id, MIN(a.account_id) AS account_id
     FROM customer_profiles p JOIN accounts a ON a.user_id = p.user_id AND a.currency = ?
     WHERE p.source = ? AND p.external_client_id IN (${marks(clientIds)})
     GROUP BY p.external_client_id, p.user_id`,
    [CURRENCY, SOURCE, ...clientIds],
  );
  return new Map(
    rows.map((row) => [
      String(row.external_client_id),
      { userId: String(row.user_id), accountId: String(row.account_id) },
    ]),
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
