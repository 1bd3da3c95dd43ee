import { z } from 'zod';
import { toDatabaseTime } from '../database';

/** What a union says of a value that is none of its kinds. */
const otherwise = (message: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? 'is required' : message),
});

/** An id in a request: a string or an integer, a string from here on. */
export const idField = z
  .union(
    [z.string().regex(/^[1-9]\d{0,18}$/, 'must be an id'), z.int('must be an id').positive('must be an id')],
    otherwise('must be an id, as a string or an integer'),
  )
  .transform(String)
  .meta({ example: '42' });

/** Characters as the database counts them; `length` counts some of them twice. */
function lengthOf(text: string): number {
  return [...text].length;
}

/** Text of a person: trimmed, well-formed Unicode, no control characters; `max` counts characters as the database does. */
export function textField(max: number, min = 0) {
  return z
    .string()
    .trim()
    .refine((text) => min === 0 || lengthOf(text) >= min, `must have at least ${min} characters`)
    .refine((text) => text.length <= max || lengthOf(text) <= max, `must have at most ${max} characters`)
    .refine((text) => !/\p{Surrogate}/u.test(text), 'must be well-formed Unicode')
    .refine((text) => !/(?![\t\n\r])\p{Cc}/u.test(text), 'must not have control characters')
    .meta({ ...(min > 0 ? { minLength: min } : {}), maxLength: max });
}

/** A decimal string, or a JSON number with no more decimals than the currency; read by src/money. */
export const amountField = z
  .union([z.string().max(40), z.number()], otherwise('must be a decimal, as a string or a number'))
  .meta({
    example: '125.50',
    description: 'Major units: a decimal string, or a number with no more decimals than the currency has',
  });

/** The years in which sp_post_batch takes a time, and in which every time fits into a DATETIME whatever its zone. */
const FIRST_MS = Date.UTC(1900, 0, 1);
const END_MS = Date.UTC(2200, 0, 1);

/** Also true of what is no time at all, which has been said of it already. */
function isWithinYears(text: string): boolean {
  const time = new Date(text).getTime();
  return Number.isNaN(time) || (time >= FIRST_MS && time < END_MS);
}

/** A time with a zone. */
export const timeField = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with a zone, such as 2026-01-31T10:00:00Z' })
  .refine(isWithinYears, 'must lie in the years 1900 to 2199')
  .meta({ example: '2026-01-31T10:00:00Z' });

/** A bound of a period: a time with a zone, or a day in UTC. */
export const momentField = z
  .union(
    [timeField, z.iso.date().refine(isWithinYears)],
    otherwise('must be a day or an ISO 8601 time with a zone, in the years 1900 to 2199'),
  )
  .meta({ example: '2026-01-31' });

export const currencyField = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
  .meta({ example: 'USD' });

export const limitField = z.coerce.number().int().min(1).max(200).default(50).meta({ example: 50 });

export const cursorField = z
  .string()
  .max(2000)
  .optional()
  .meta({ description: 'next_cursor of the page before' });

/** What every list answers. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().meta({ example: null, description: 'null on the last page' }),
  });
}

/** Start of a period: the moment itself, or the beginning of the day in UTC. In the form of DATETIME(6). */
export function periodStart(moment: string | undefined): string | undefined {
  return moment === undefined ? undefined : databaseMoment(moment, 0);
}

/** End of a period, exclusive: the moment itself, or the end of the day in UTC, so that `to=2026-01-31` takes that day in. */
export function periodEnd(moment: string | undefined): string | undefined {
  return moment === undefined ? undefined : databaseMoment(moment, 86_400_000);
}

/** Microseconds since 1970-01-01 UTC, for the posting procedure. */
export function microsecondsOf(time: string): number {
  const beyondMs = toDatabaseTime(time).slice(-3);
  return new Date(time).getTime() * 1000 + Number(beyondMs);
}

function databaseMoment(moment: string, dayOffsetMs: number): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(moment);
  return toDatabaseTime(isDay ? new Date(new Date(moment).getTime() + dayOffsetMs) : moment);
}

/** An id in an answer: opaque to the client. */
export const idAnswer = z.string().meta({ example: '42' });

/** A time in an answer, to the microsecond. */
export const timeAnswer = z.string().meta({ format: 'date-time', example: '2026-01-31T10:00:00.123456Z' });

/** An amount in an answer, with the currency's decimals. */
export const amountAnswer = z.string().meta({ example: '125.50' });

export const currencyAnswer = z.string().meta({ example: 'USD' });
