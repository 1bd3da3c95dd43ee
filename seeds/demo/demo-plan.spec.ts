import { DAY, HOUR, historyBefore } from './calendar';
import { demoPlan } from './demo-plan';
import { DEMO_CUSTOMERS, DEMO_STAFF } from './people';
import { isFreeze, planDigest, type Plan, type PlannedPosting } from './plan';

/** Every third week of two years, at different hours: month ends, leap days and short months among them. */
const FIRST_STARTS = Array.from(
  { length: 35 },
  (_, index) => Date.UTC(2027, 0, 1) + index * (21 * DAY + 5 * HOUR),
);

function postings(plan: Plan): PlannedPosting[] {
  return plan.steps.filter((step): step is PlannedPosting => !isFreeze(step));
}

/** Leaves Alice's accounts in dollars for somebody else's, or comes back from a shop. */
function spendsOfAlice({ type, currency, debit = '', credit = '' }: PlannedPosting): boolean {
  if (currency !== 'USD' || type === 'hold') return false;
  return type === 'refund'
    ? credit.startsWith('alice')
    : debit.startsWith('alice') && !credit.startsWith('alice');
}

describe('the history of the demo bank', () => {
  it('ends at the last full hour and holds three complete months', () => {
    expect(historyBefore(Date.parse('2026-11-21T14:37:12.345Z'))).toEqual({
      start: Date.parse('2026-08-01T00:00:00Z'),
      end: Date.parse('2026-11-21T14:00:00Z'),
    });
    expect(historyBefore(Date.parse('2028-02-29T00:00:00Z')).start).toBe(Date.parse('2027-11-01T00:00:00Z'));
  });

  it('is the same whenever it is planned for the same period', () => {
    const period = historyBefore(Date.parse('2026-11-21T14:00:00Z'));
    expect(planDigest(demoPlan(period))).toBe(planDigest(demoPlan(historyBefore(period.end))));
  });

  it.each(FIRST_STARTS.map((now) => [new Date(now).toISOString(), now]))(
    'is believable on %s',
    (_day, now) => {
      const period = historyBefore(now);
      const plan = demoPlan(period);
      const items = postings(plan);
      expect(items.length).toBeGreaterThanOrEqual(1_500);
      expect(items.length).toBeLessThanOrEqual(3_000);
      expect(new Set(items.map(({ name }) => name)).size).toBe(items.length);
      expect(
        items.every(({ at }, index) => at >= (items[index - 1]?.at ?? period.start) && at <= period.end),
      ).toBe(true);
      // Pay covers life: hardly anything has to be left out because an account would run dry.
      expect(plan.left_out.length).toBeLessThan(items.length * 0.05);
      expect(plan.left_out.filter((name) => !/\d{4}-\d\d-\d\d|cash|seun wallet/.test(name))).toEqual([]);
    },
  );

  it('has every kind of item, intended declines and patterns of fraud', () => {
    const items = postings(demoPlan(historyBefore(FIRST_STARTS[0] ?? 0)));
    expect(new Set(items.map(({ type }) => type))).toEqual(
      new Set([
        'deposit',
        'withdrawal',
        'transfer',
        'payment',
        'refund',
        'hold',
        'capture',
        'void',
        'expire',
        'reversal',
        'journal',
      ]),
    );
    expect(new Set(items.map(({ expected }) => expected))).toEqual(
      new Set(['OK', 'INSUFFICIENT_FUNDS', 'ACCOUNT_FROZEN', 'EXTERNALLY_DECLINED']),
    );
    const named = (prefix: string) => items.filter(({ name }) => name.startsWith(prefix));
    expect(named('structuring').map(({ amount = 0n }) => amount > 900_000n && amount < 1_000_000n)).toEqual(
      Array(6).fill(true),
    );
    expect(
      named('burst').filter(({ type, at }) => type === 'transfer' && new Date(at).getUTCHours() === 2),
    ).toHaveLength(8);
  });

  it.each(FIRST_STARTS.slice(0, 12).map((now) => [new Date(now).toISOString(), now]))(
    'lets Alice spend about the same each full month on %s',
    (_day, now) => {
      const spent = new Map<number, number>();
      for (const item of postings(demoPlan(historyBefore(now)))) {
        if (item.expected !== 'OK' || !spendsOfAlice(item)) continue;
        const month = new Date(item.at).getUTCMonth();
        const sign = item.type === 'refund' ? -1 : 1;
        spent.set(month, (spent.get(month) ?? 0) + (sign * Number(item.amount)) / 100);
      }
      const months = [...spent.values()].slice(0, 3);
      expect(Math.min(...months)).toBeGreaterThan(3_000);
      expect(Math.max(...months)).toBeLessThan(5_500);
      expect(Math.max(...months) / Math.min(...months)).toBeLessThan(1.4);
    },
  );

  it('has the people that the screens need', () => {
    expect(DEMO_CUSTOMERS.map(({ username }) => username)).toEqual(expect.arrayContaining(['alice', 'bob']));
    expect(DEMO_CUSTOMERS.filter(({ kyc_status }) => kyc_status === 'pending')).toHaveLength(1);
    expect(DEMO_CUSTOMERS.filter(({ home_currency }) => home_currency === 'EUR')).toHaveLength(1);
    expect(DEMO_CUSTOMERS.filter(({ home_currency }) => home_currency === 'INR')).toHaveLength(2);
    expect(DEMO_CUSTOMERS.filter(({ has_pin }) => !has_pin)).toHaveLength(1);
    expect(DEMO_STAFF.map(({ role }) => role)).toEqual(['auditor', 'analyst', 'admin']);
  });
});
