import * as columns from './account-profile';
import * as codes from './movement';
import type { Judged, Recollection } from './recollection';

// As in recollection.ts.
const { HISTORY_ENTRIES } = columns;
const { channelOf, countryOf, DEPOSIT, mccOf, NOBODY, typeOf } = codes;

const { abs, floor, max, min } = Math;
const NEVER = Infinity;

const HOUR_US = 3_600_000_000;
const TEN_MINUTES_US = HOUR_US / 6;
export const DAY_US = 24 * HOUR_US;
const WEEK_US = 7 * DAY_US;
const MONTH_DAYS = 30;
const MONTH_US = MONTH_DAYS * DAY_US;
/** 1970 began on a Thursday, three days after Monday. */
const EPOCH_WEEKDAY = 3;

/** A median of fewer amounts says nothing about what is usual. */
const MIN_AMOUNTS = 5;
/** Makes the median absolute deviation of normal numbers their standard deviation. */
const MAD_SCALE = 1.4826;
/** Who always pays the same has no deviation: five percent of the median stand in. */
const LEAST_DEVIATION = 0.05;
const MAX_ROBUST_Z = 1_000;

const NEAR_LIMIT_FROM_USD = 8_000;
const NEAR_LIMIT_TO_USD = 10_000;
const ROUND_MAJOR = 1_000;
const ROUND_FROM_USD = 1_000;

/** How fast money moves the same way, before this movement. */
export interface Pace {
  sender_transactions_10m: number;
  sender_transactions_1h: number;
  sender_transactions_24h: number;
  sender_transactions_7d: number;
  sender_amount_usd_1h: number;
  sender_amount_usd_24h: number;
  sender_amount_usd_7d: number;
  count_24h_over_30d: number | null;
  amount_24h_over_30d: number | null;
  seconds_since_last: number | null;
  days_dormant: number | null;
}

export function paceOf(past: Recollection, now: Judged): Pace {
  const counts = [0, 0, 0, 0];
  const sums = [0, 0, 0, 0];
  let n10m = 0;
  let last = NEVER;
  let oldest = 0;
  for (let index = 0; index < past.count; index += 1) {
    const ago = past.ago_us[index] as number;
    if (past.alike[index] === 0 || ago >= MONTH_US) continue;
    const first = ago < HOUR_US ? 0 : ago < DAY_US ? 1 : ago < WEEK_US ? 2 : 3;
    const size = abs(past.amount_minor[index] as number);
    for (let window = first; window < 4; window += 1) {
      counts[window] = (counts[window] as number) + 1;
      sums[window] = (sums[window] as number) + size;
    }
    if (ago < TEN_MINUTES_US) n10m += 1;
    if (ago < last) last = ago;
    if (ago > oldest) oldest = ago;
  }
  const [n1h = 0, n24h = 0, n7d = 0, n30d = 0] = counts;
  const [sum1h = 0, sum24h = 0, sum7d = 0, sum30d = 0] = sums;
  const dollar = now.minor_per_major * now.units_per_dollar;
  // Of a busy account fewer days than thirty are looked back at, of a young one fewer are there.
  const days = max(1, oldest / DAY_US);
  return {
    sender_transactions_10m: n10m,
    sender_transactions_1h: n1h,
    sender_transactions_24h: n24h,
    sender_transactions_7d: n7d,
    sender_amount_usd_1h: sum1h / dollar,
    sender_amount_usd_24h: sum24h / dollar,
    sender_amount_usd_7d: sum7d / dollar,
    count_24h_over_30d: n30d > 0 ? n24h / (n30d / days) : null,
    amount_24h_over_30d: n30d > 0 ? sum24h / (sum30d / days) : null,
    seconds_since_last: last === NEVER ? null : last / 1e6,
    days_dormant: past.count === 0 ? null : minimum(past.ago_us, past.count) / DAY_US,
  };
}

/** How the amount compares with what moved the same way in the 30 days before. */
export interface AmountStanding {
  amount_over_30d_mean: number | null;
  amount_robust_z: number | null;
}

const amounts = new Float64Array(HISTORY_ENTRIES);

export function amountStanding(past: Recollection, now: Judged): AmountStanding {
  const size = abs(now.amount_minor);
  let count = 0;
  let sum = 0;
  for (let index = 0; index < past.count; index += 1) {
    if (past.alike[index] === 0 || (past.ago_us[index] as number) >= MONTH_US) continue;
    amounts[count] = abs(past.amount_minor[index] as number);
    sum += amounts[count] as number;
    count += 1;
  }
  if (count === 0) return { amount_over_30d_mean: null, amount_robust_z: null };
  const mean = size / (sum / count);
  if (count < MIN_AMOUNTS) return { amount_over_30d_mean: mean, amount_robust_z: null };
  const sorted = amounts.subarray(0, count).sort();
  const median = medianOf(sorted);
  for (let index = 0; index < count; index += 1) sorted[index] = abs((sorted[index] as number) - median);
  const deviation = max(MAD_SCALE * medianOf(sorted.sort()), LEAST_DEVIATION * median);
  const z = (size - median) / deviation;
  return {
    amount_over_30d_mean: mean,
    amount_robust_z: min(MAX_ROBUST_Z, max(-MAX_ROBUST_Z, z)),
  };
}

/** How rare the hour, the weekday, the channel and the merchant's category are among what moved the same way. */
export interface Habits {
  hour_rarity: number | null;
  weekday_rarity: number | null;
  channel_rarity: number | null;
  mcc_rarity: number | null;
  is_country_change: boolean | null;
}

const hours = new Float64Array(24);
const weekdays = new Float64Array(7);

export function habitsOf(past: Recollection, now: Judged): Habits {
  hours.fill(0);
  weekdays.fill(0);
  let alike = 0;
  let country = 0;
  for (let index = 0; index < past.count; index += 1) {
    if (country === 0) country = past.country[index] as number;
    if (past.alike[index] === 0) continue;
    alike += 1;
    const hour = hourOf(past.effective_us[index] as number);
    // People are not punctual: the hours beside one count half.
    add(hours, hour, 1);
    add(hours, (hour + 1) % 24, 0.5);
    add(hours, (hour + 23) % 24, 0.5);
    add(weekdays, weekdayOf(past.effective_us[index] as number), 1);
  }
  const land = countryOf(now.place);
  return {
    hour_rarity: alike === 0 ? null : rarity(hours, hourOf(now.effective_us)),
    weekday_rarity: alike === 0 ? null : rarity(weekdays, weekdayOf(now.effective_us)),
    channel_rarity: rarityAmong(past, past.channel, channelOf(now.kind)),
    mcc_rarity: rarityAmong(past, past.mcc, mccOf(now.place)),
    is_country_change: land === 0 || country === 0 ? null : land !== country,
  };
}

const values = new Int32Array(HISTORY_ENTRIES);
const counts = new Float64Array(HISTORY_ENTRIES);

/** The same for values of which there are many, such as channels; null when this movement has none, or none before had one. */
function rarityAmong(past: Recollection, column: Int32Array, wanted: number): number | null {
  if (wanted === 0) return null;
  let distinct = 0;
  for (let index = 0; index < past.count; index += 1) {
    const value = column[index] as number;
    if (past.alike[index] === 0 || value === 0) continue;
    let place = 0;
    while (place < distinct && values[place] !== value) place += 1;
    if (place === distinct) {
      values[place] = value;
      counts[place] = 0;
      distinct += 1;
    }
    add(counts, place, 1);
  }
  if (distinct === 0) return null;
  const at = values.subarray(0, distinct).indexOf(wanted);
  return rarity(counts.subarray(0, distinct), at);
}

/** 0: the most usual of all. What was never seen is the rarer the more was seen; it never quite reaches 1. */
function rarity(seen: Float64Array, at: number): number {
  let most = 0;
  for (let index = 0; index < seen.length; index += 1) most = max(most, seen[index] as number);
  return 1 - ((seen[at] ?? 0) + 1) / (most + 1);
}

/** Whom the account deals with. */
export interface Company {
  is_new_counterparty: boolean | null;
  counterparties_24h: number;
}

const named = new Float64Array(HISTORY_ENTRIES);

export function companyOf(past: Recollection, now: Judged): Company {
  const isNamed = now.counterparty !== NOBODY;
  const isKnown = past.counterparty.subarray(0, past.count).includes(now.counterparty);
  return {
    is_new_counterparty: isNamed ? !isKnown : null,
    counterparties_24h: distinctOfDay(past, now.counterparty),
  };
}

/** Distinct counterparties of what moved the same way in the 24 hours before, with the one given; the bank itself is none. */
export function distinctOfDay(past: Recollection, counterparty: number): number {
  let distinct = 0;
  if (counterparty !== NOBODY) named[distinct++] = counterparty;
  for (let index = 0; index < past.count; index += 1) {
    const other = past.counterparty[index] as number;
    if (past.alike[index] === 0 || other === NOBODY || (past.ago_us[index] as number) >= DAY_US) continue;
    let place = 0;
    while (place < distinct && named[place] !== other) place += 1;
    if (place === distinct && distinct < HISTORY_ENTRIES) named[distinct++] = other;
  }
  return distinct;
}

/** Traces of known schemes; this movement counts too. */
export interface Schemes {
  pass_through_24h: number | null;
  cash_deposits_near_limit_7d: number;
  round_thousands_7d: number;
}

export function schemesOf(past: Recollection, now: Judged): Schemes {
  const perDollar = now.minor_per_major * now.units_per_dollar;
  const isNearLimit = isCashNearLimit(typeOf(now.kind), now.amount_minor / perDollar);
  const isRound = isRoundThousand(now.amount_minor, now.minor_per_major, perDollar);
  let cameIn = 0;
  let wentOut = now.amount_minor < 0 ? -now.amount_minor : 0;
  let nearLimit = 0;
  let round = 0;
  for (let index = 0; index < past.count; index += 1) {
    const ago = past.ago_us[index] as number;
    if (ago >= WEEK_US) continue;
    const amount = past.amount_minor[index] as number;
    if (isNearLimit && isCashNearLimit(past.type[index] as number, amount / perDollar)) nearLimit += 1;
    if (isRound && past.alike[index] === 1 && isRoundThousand(amount, now.minor_per_major, perDollar))
      round += 1;
    if (ago >= DAY_US) continue;
    if (amount > 0) cameIn += amount;
    else wentOut -= amount;
  }
  return {
    // The rent that is paid on the day of a small gift is no money that passes through.
    pass_through_24h: now.amount_minor < 0 && cameIn > 0 ? min(wentOut, cameIn) / max(wentOut, cameIn) : null,
    cash_deposits_near_limit_7d: isNearLimit ? nearLimit + 1 : 0,
    round_thousands_7d: isRound ? round + 1 : 0,
  };
}

function isCashNearLimit(type: number, usd: number): boolean {
  return type === DEPOSIT && usd >= NEAR_LIMIT_FROM_USD && usd <= NEAR_LIMIT_TO_USD;
}

function isRoundThousand(amountMinor: number, minorPerMajor: number, perDollar: number): boolean {
  const size = abs(amountMinor);
  return size % (ROUND_MAJOR * minorPerMajor) === 0 && size / perDollar >= ROUND_FROM_USD;
}

/** 0 to 23, UTC. */
export function hourOf(us: number): number {
  return modulo(floor(us / HOUR_US), 24);
}

/** 0 Monday to 6 Sunday, UTC. */
export function weekdayOf(us: number): number {
  return modulo(floor(us / DAY_US) + EPOCH_WEEKDAY, 7);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

function add(histogram: Float64Array, at: number, weight: number): void {
  histogram[at] = (histogram[at] as number) + weight;
}

function minimum(numbers: Float64Array, count: number): number {
  let least = NEVER;
  for (let index = 0; index < count; index += 1) least = min(least, numbers[index] as number);
  return least;
}
