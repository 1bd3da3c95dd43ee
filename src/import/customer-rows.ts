import { createHmac } from 'node:crypto';
import {
  FieldProblem,
  parseId,
  parseOptionalDegrees,
  parseOptionalFlag,
  parseOptionalMoney,
  parseOptionalMonth,
  parseOptionalNumber,
  parseOptionalText,
} from './fields';

export const USER_COLUMNS = [
  'id',
  'retirement_age',
  'birth_year',
  'birth_month',
  'gender',
  'address',
  'latitude',
  'longitude',
  'per_capita_income',
  'yearly_income',
  'total_debt',
  'credit_score',
  'num_credit_cards',
] as const;

export interface UserRow {
  clientId: string;
  /** DATE; the data set has no day, so the first of the month. */
  dateOfBirth: string | null;
  gender: string | null;
  address: string | null;
  latitude: string | null;
  longitude: string | null;
  perCapitaIncomeMinor: bigint | null;
  yearlyIncomeMinor: bigint | null;
  totalDebtMinor: bigint | null;
  creditScore: number | null;
  retirementAge: number | null;
  numCreditCards: number | null;
}

/**
 * Reads a row of users_data.csv, in the order of USER_COLUMNS.
 * @throws FieldProblem naming the column
 */
export function parseUser(values: readonly string[]): UserRow {
  const [
    id = '',
    retirement = '',
    year = '',
    month = '',
    gender = '',
    address = '',
    latitude = '',
    longitude = '',
    ...money
  ] = values;
  const [perCapita = '', yearly = '', debt = '', score = '', cards = ''] = money;
  const birthYear = parseOptionalNumber('birth_year', year, 1880, 2100);
  const birthMonth = parseOptionalNumber('birth_month', month, 1, 12);
  return {
    clientId: parseId('id', id),
    dateOfBirth: birthYear && birthMonth ? `${birthYear}-${String(birthMonth).padStart(2, '0')}-01` : null,
    gender: parseOptionalText('gender', gender, 16),
    address: parseOptionalText('address', address, 255),
    latitude: parseOptionalDegrees('latitude', latitude, 90),
    longitude: parseOptionalDegrees('longitude', longitude, 180),
    perCapitaIncomeMinor: parseOptionalMoney('per_capita_income', perCapita),
    yearlyIncomeMinor: parseOptionalMoney('yearly_income', yearly),
    totalDebtMinor: parseOptionalMoney('total_debt', debt),
    creditScore: parseOptionalNumber('credit_score', score, 0, 1000),
    retirementAge: parseOptionalNumber('retirement_age', retirement, 0, 150),
    numCreditCards: parseOptionalNumber('num_credit_cards', cards, 0, 255),
  };
}

/** The security code (cvv) is not among them: it is never taken out of its line. */
export const CARD_COLUMNS = [
  'id',
  'client_id',
  'card_brand',
  'card_type',
  'card_number',
  'expires',
  'has_chip',
  'credit_limit',
  'acct_open_date',
  'year_pin_last_changed',
  'card_on_dark_web',
] as const;

/** A card without its number: first six, last four and a keyed hash are all that is left of it. */
export interface CardRow {
  cardId: string;
  clientId: string;
  brand: string;
  cardType: string;
  firstSix: string;
  lastFour: string;
  hash: Buffer;
  expiresOn: string | null;
  hasChip: boolean | null;
  creditLimitMinor: bigint | null;
  openedOn: string | null;
  pinLastChangedYear: number | null;
  isOnDarkWeb: boolean | null;
}

/**
 * Reads a row of cards_data.csv, in the order of CARD_COLUMNS. Reasons never quote a value, because a shifted column could put
 * the number anywhere.
 * @throws FieldProblem naming the column
 */
export function parseCard(values: readonly string[], hashKey: string): CardRow {
  const [
    id = '',
    client = '',
    brand = '',
    type = '',
    number = '',
    expires = '',
    chip = '',
    limit = '',
    opened = '',
    pinYear = '',
    web = '',
  ] = values;
  const digits = number.replace(/[ -]/g, '');
  if (!/^\d{12,19}$/.test(digits)) throw new FieldProblem('card_number is not a card number');
  return quietly(() => ({
    cardId: parseId('id', id),
    clientId: parseId('client_id', client),
    brand: parseWords('card_brand', brand),
    cardType: parseWords('card_type', type),
    firstSix: digits.slice(0, 6),
    lastFour: digits.slice(-4),
    hash: hashCardNumber(digits, hashKey),
    expiresOn: parseOptionalMonth('expires', expires, 'last'),
    hasChip: parseOptionalFlag('has_chip', chip),
    creditLimitMinor: parseOptionalMoney('credit_limit', limit),
    openedOn: parseOptionalMonth('acct_open_date', opened, 'first'),
    pinLastChangedYear: parseOptionalNumber('year_pin_last_changed', pinYear, 1950, 2100),
    isOnDarkWeb: parseOptionalFlag('card_on_dark_web', web),
  }));
}

/** HMAC-SHA-256 of the digits: finds a card again by its number, for those who have the key. */
export function hashCardNumber(digits: string, hashKey: string): Buffer {
  return createHmac('sha256', hashKey).update(digits).digest();
}

/** What a card adds to its account's overdraft limit: a credit card its limit, a debit or prepaid card nothing. */
export function overdraftOf(card: CardRow): bigint {
  return /^credit\b/i.test(card.cardType) ? (card.creditLimitMinor ?? 0n) : 0n;
}

/** Words such as `Debit (Prepaid)`, without digits. */
function parseWords(column: string, value: string): string {
  if (!/^[A-Za-z][A-Za-z ().&-]{0,31}$/.test(value)) throw new FieldProblem(`${column} is not a word`);
  return value;
}

function quietly<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldProblem) throw new FieldProblem(error.message.replace(/ ".*"/s, ''));
    throw error;
  }
}
