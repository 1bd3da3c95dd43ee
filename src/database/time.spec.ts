import { toDatabaseTime, toIso } from './time';

describe('times on their way to and from the database', () => {
  it.each([
    ['2026-01-31T10:00:00Z', '2026-01-31 10:00:00.000000'],
    ['2026-01-31T10:00:00.5Z', '2026-01-31 10:00:00.500000'],
    ['2026-01-31T10:00:00.123456Z', '2026-01-31 10:00:00.123456'],
    ['2026-01-31T10:00:00.1234Z', '2026-01-31 10:00:00.123400'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31 10:00:00.000000'],
    ['2024-02-29T23:59:59.999999-00:30', '2024-03-01 00:29:59.999999'],
  ])('%s is %s', (iso, database) => {
    expect(toDatabaseTime(iso)).toBe(database);
  });

  it('a Date has milliseconds', () => {
    expect(toDatabaseTime(new Date(Date.UTC(2020, 0, 2, 3, 4, 5, 6)))).toBe('2020-01-02 03:04:05.006000');
  });

  it('what is no time is refused', () => {
    expect(() => toDatabaseTime('yesterday')).toThrow(RangeError);
    expect(() => toDatabaseTime(new Date(NaN))).toThrow(RangeError);
  });

  it('comes back as ISO 8601 with Z', () => {
    expect(toIso('2026-01-31 10:00:00.123456')).toBe('2026-01-31T10:00:00.123456Z');
  });
});
