/** "2026-01-31 10:00:00.123456", as DATETIME(6) arrives, to microseconds since 1970: exact until the year 2255. */
export function microsecondsOf(databaseTime: string): number {
  const ms = Date.UTC(
    digits(databaseTime, 0, 4),
    digits(databaseTime, 5, 2) - 1,
    digits(databaseTime, 8, 2),
    digits(databaseTime, 11, 2),
    digits(databaseTime, 14, 2),
    digits(databaseTime, 17, 2),
  );
  return ms * 1000 + (databaseTime.length > 20 ? digits(databaseTime, 20, 6) : 0);
}

/** The way back, as a parameter of a query. */
export function databaseTimeOf(us: number): string {
  const ms = Math.floor(us / 1000);
  const micros = String(us - ms * 1000).padStart(3, '0');
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', micros);
}

/** Times are read by the hundred thousand: this is several times as fast as Date.parse with a pattern. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index += 1) value = value * 10 + text.charCodeAt(index) - 48;
  return value;
}
