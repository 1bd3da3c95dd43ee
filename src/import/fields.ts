import { MAX_AMOUNT_MINOR, parseDecimal } from '../money/amount';

/** What is wrong with one field of a row: becomes the reason in the list of problems. */
export class FieldProblem extends Error {
  override name = 'FieldProblem';
}

/** Decimals of the US dollar, in which the whole data set is written. */
const EXPONENT = 2;
const MONEY = /^(-?)\$?(-?)(\d{1,3}(?:,\d{3})+|\d{1,15})(\.\d{1,2})?$/;
const TIME = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?$/;
const MONTH = /^(\d{1,2})\/(\d{4})$/;
const UNSAFE_TEXT = /[\p{Cc}\uFFFD]/u;
const QUOTE_MAX = 24;

/**
 * A value as it may stand in a message: short, and with no run of digits that could be a card number.
 */
export function quoteValue(value: string): string {
  const safe = value.replace(/\d(?:[ -]?\d){11,}/g, '****').replace(/\p{Cc}/gu, '?');
  return safe === '' ? 'empty' : `"${safe.length > QUOTE_MAX ? `${safe.slice(0, QUOTE_MAX)}…` : safe}"`;
}

/** Reads `$-77.00`, `-$77.00`, `$59,696` or `14.57` into cents. */
export function parseMoney(column: string, value: string): bigint {
  const match = MONEY.exec(value);
  if (!match || (match[1] === '-' && match[2] === '-'))
    throw new FieldProblem(`${column} ${quoteValue(value)} is not an amount`);
  const [, first = '', second = '', whole = '', fraction = ''] = match;
  const minor = parseDecimal(`${first}${second}${whole.replaceAll(',', '')}${fraction}`, EXPONENT);
  if (minor > MAX_AMOUNT_MINOR || minor < -MAX_AMOUNT_MINOR)
    throw new FieldProblem(`${column} is larger than the bank moves at once`);
  return minor;
}

/** As parseMoney, for what cannot be negative: incomes, debts, limits. Empty is null. */
export function parseOptionalMoney(column: string, value: string): bigint | null {
  if (value === '') return null;
  const minor = parseMoney(column, value);
  if (minor < 0n) throw new FieldProblem(`${column} is negative`);
  return minor;
}

/** Reads `2010-01-01 00:01:00`, taken as UTC, into microseconds since 1970. */
export function parseTimeUs(column: string, value: string): number {
  const match = TIME.exec(value);
  const wrong = () =>
    new FieldProblem(`${column} ${quoteValue(value)} is not a time such as 2010-01-01 00:01:00`);
  if (!match) throw wrong();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isReal =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!isReal) throw wrong();
  if (year < 1970) throw new FieldProblem(`${column} ${quoteValue(value)} lies before 1970`);
  return date.getTime() * 1000 + Number((match[7] ?? '').padEnd(6, '0'));
}

/**
 * An identifier of the data set: digits, some mirrors write `2972.0`. Shorter than any card number, so that none is taken for
 * an identifier when columns are shifted.
 */
export function parseId(column: string, value: string): string {
  const match = /^(\d{1,11})(?:\.0)?$/.exec(value);
  if (!match?.[1]) throw new FieldProblem(`${column} ${quoteValue(value)} is not a number`);
  return match[1];
}

export function parseMcc(column: string, value: string): string {
  const match = /^(\d{1,4})(?:\.0)?$/.exec(value);
  if (!match?.[1]) throw new FieldProblem(`${column} ${quoteValue(value)} is not a merchant category code`);
  return match[1].padStart(4, '0');
}

/** A whole number from `min` to `max`; empty is null. */
export function parseOptionalNumber(column: string, value: string, min: number, max: number): number | null {
  if (value === '') return null;
  const number = /^-?\d{1,9}(\.0)?$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max))
    throw new FieldProblem(`${column} ${quoteValue(value)} is not a number from ${min} to ${max}`);
  return number;
}

/** A coordinate in degrees, kept as text so that nothing is rounded; empty is null. */
export function parseOptionalDegrees(column: string, value: string, limit: number): string | null {
  if (value === '') return null;
  if (!/^-?\d{1,3}(\.\d{1,12})?$/.test(value) || Math.abs(Number(value)) > limit) {
    throw new FieldProblem(`${column} ${quoteValue(value)} is not a coordinate`);
  }
  return Number(value).toFixed(6);
}

/** Free text of at most `max` characters without control characters; empty is null. */
export function parseOptionalText(column: string, value: string, max: number): string | null {
  const text = value.trim();
  if (text === '') return null;
  if (UNSAFE_TEXT.test(text)) throw new FieldProblem(`${column} has characters that cannot be read`);
  if ([...text].length > max) throw new FieldProblem(`${column} is longer than ${max} characters`);
  return text;
}

/** `YES`, `no`, … ; empty is null. */
export function parseOptionalFlag(column: string, value: string): boolean | null {
  if (value === '') return null;
  const word = value.toLowerCase();
  if (word !== 'yes' && word !== 'no') throw new FieldProblem(`${column} is neither yes nor no`);
  return word === 'yes';
}

/** `09/2002` into the first or last day of that month, as a DATE; empty is null. */
export function parseOptionalMonth(column: string, value: string, day: 'first' | 'last'): string | null {
  if (value === '') return null;
  const [, month, year] = MONTH.exec(value) ?? [];
  const isMonth = Number(month) >= 1 && Number(month) <= 12 && Number(year) >= 1900;
  if (!isMonth) throw new FieldProblem(`${column} is not a month such as 09/2002`);
  const date = new Date(
    Date.UTC(Number(year), Number(month) - (day === 'first' ? 1 : 0), day === 'first' ? 1 : 0),
  );
  return date.toISOString().slice(0, 10);
}
