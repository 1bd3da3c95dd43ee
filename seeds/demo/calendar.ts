/** Times of the demo bank are milliseconds since 1970-01-01 UTC. Its people live by UTC, because that is what every screen shows. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What the history covers: whole days from `start` on, up to the moment `end`. */
export interface Period {
  start: number;
  end: number;
}

/**
 * The history that ends at the last full hour before `now`. It begins on the first of the month three months earlier, so that
 * three complete months stand beside the running one: what monthly summaries and predictions need.
 */
export function historyBefore(now: number): Period {
  const end = Math.floor(now / HOUR) * HOUR;
  const last = new Date(end);
  return { start: Date.UTC(last.getUTCFullYear(), last.getUTCMonth() - 3, 1), end };
}

/** The days of a period at 00:00. */
export function daysOf({ start, end }: Period): number[] {
  const days: number[] = [];
  for (let day = start; day < end; day += DAY) days.push(day);
  return days;
}

/** The months of a period, each as its first day at 00:00. */
export function monthsOf({ start, end }: Period): number[] {
  const months: number[] = [];
  for (let month = start; month < end; month = nextMonth(month)) months.push(month);
  return months;
}

export function nextMonth(month: number): number {
  const date = new Date(month);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** The weekday at or before a day of the month (1 to 28): employers and landlords do not move money on weekends. */
export function workdayOf(month: number, dayOfMonth: number): number {
  const day = month + (dayOfMonth - 1) * DAY;
  const weekday = weekdayOf(day);
  const back = weekday === 6 ? DAY : weekday === 0 ? 2 * DAY : 0;
  return day - back < month ? day + (weekday === 6 ? 2 * DAY : DAY) : day - back;
}

/** 0 is Sunday. */
export function weekdayOf(day: number): number {
  return new Date(day).getUTCDay();
}

export function isWeekend(day: number): boolean {
  return weekdayOf(day) === 0 || weekdayOf(day) === 6;
}

/** "2026-01-31" of a time. */
export function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

const MONTH_NAME = new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** "January 2026" of a time. */
export function monthName(time: number): string {
  return MONTH_NAME.format(time);
}
