/** "2026-01-31 10:00:00.123456", as DATETIME(6) arrives, to "2026-01-31T10:00:00.123456Z". */
export function toIso(databaseTime: string): string {
  return `${databaseTime.replace(' ', 'T')}Z`;
}

/** An ISO 8601 time with a zone, or a Date, to the UTC form of DATETIME(6). Keeps microseconds when they are written. */
export function toDatabaseTime(time: string | Date): string {
  const date = typeof time === 'string' ? new Date(time) : time;
  if (Number.isNaN(date.getTime())) throw new RangeError('not a time');
  const base = date.toISOString().replace('T', ' ').replace('Z', '');
  const micros = typeof time === 'string' ? (/\.\d{3}(\d{1,3})/.exec(time)?.[1] ?? '') : '';
  return base + micros.padEnd(3, '0');
}
