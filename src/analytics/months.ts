/** "2026-01-31 10:00:00.000000" or any ISO form is in the month "2026-01". Months are UTC. */
function monthOf(time: string): string {
  return time.slice(0, 7);
}

export function monthAfter(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
}

/** DATETIME(6) of the beginning of a month. */
export function startOfMonth(month: string): string {
  return `${month}-01 00:00:00.000000`;
}

/** The months from `first` to `last`, both in the form of DATETIME, without the one that is running at `now`. */
export function completeMonths(first: string, last: string, now: Date): string[] {
  const running = monthOf(now.toISOString());
  const months: string[] = [];
  for (let month = monthOf(first); month <= monthOf(last) && month < running; month = monthAfter(month)) {
    months.push(month);
  }
  return months;
}
