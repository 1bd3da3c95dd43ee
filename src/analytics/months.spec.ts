import { completeMonths, monthAfter } from './months';

describe('months', () => {
  it('follow each other over the year', () => {
    expect(monthAfter('2025-12')).toBe('2026-01');
    expect(monthAfter('2026-09')).toBe('2026-10');
  });

  it('count from the first to the last movement, without the one that is running', () => {
    const now = new Date('2026-03-15T12:00:00Z');
    expect(completeMonths('2025-11-30 23:59:59.999999', '2026-03-15 00:00:00', now)).toEqual([
      '2025-11',
      '2025-12',
      '2026-01',
      '2026-02',
    ]);
    expect(completeMonths('2010-01-01 00:01:00', '2010-03-31 00:00:00', now)).toEqual([
      '2010-01',
      '2010-02',
      '2010-03',
    ]);
    expect(completeMonths('2026-03-01 00:00:00', '2026-03-02 00:00:00', now)).toEqual([]);
  });
});
