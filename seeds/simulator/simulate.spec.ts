import { DAY_US, FRAUD_PATTERNS } from './history';
import { simulate } from './simulate';

const OPTIONS = {
  seed: 7,
  customers: 120,
  days: 40,
  fraud: 0.004,
  start_us: Date.UTC(2024, 0, 1) * 1000,
};

describe('a simulated bank', () => {
  const history = simulate(OPTIONS);

  it('is the same for the same seed, and another for another one', () => {
    expect(simulate(OPTIONS)).toEqual(history);
    expect(simulate({ ...OPTIONS, seed: 8 }).transactions).not.toEqual(history.transactions);
  });

  it('is in the order of time, and ends when it should', () => {
    const times = history.transactions.map(({ at_us }) => at_us);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every(Number.isSafeInteger)).toBe(true);
    expect(times.at(-1)).toBeLessThan(OPTIONS.start_us + OPTIONS.days * DAY_US);
    expect(history.transactions.map(({ number }) => number)).toEqual(times.map((_, index) => index + 1));
  });

  it('spends no money that is not there', () => {
    const balances = new Map<number, number>();
    for (const { amount_minor, debit, credit } of history.transactions) {
      expect(amount_minor).toBeGreaterThan(0);
      if (debit !== null) balances.set(debit, (balances.get(debit) ?? 0) - amount_minor);
      if (credit !== null) balances.set(credit, (balances.get(credit) ?? 0) + amount_minor);
      if (debit !== null) expect(balances.get(debit)).toBeGreaterThanOrEqual(0);
    }
  });

  it('names accounts and merchants that there are, on the sides that the type asks for', () => {
    for (const { type, debit, credit, merchant } of history.transactions) {
      expect(debit !== null).toBe(['withdrawal', 'transfer', 'payment'].includes(type));
      expect(credit !== null).toBe(['deposit', 'transfer', 'refund'].includes(type));
      expect(merchant !== null).toBe(['payment', 'refund'].includes(type));
      for (const account of [debit, credit]) {
        if (account !== null) expect(history.customers[account - 1]?.number).toBe(account);
      }
      if (merchant !== null) expect(history.merchants[merchant - 1]?.number).toBe(merchant);
    }
  });

  it('has all eight patterns of fraud, about as many as were asked for', () => {
    const frauds = history.transactions.filter(({ fraud }) => fraud !== null);
    expect(FRAUD_PATTERNS).toHaveLength(8);
    for (const pattern of FRAUD_PATTERNS)
      expect(frauds.filter(({ fraud }) => fraud === pattern).length).toBeGreaterThan(0);
    expect(frauds.length / history.transactions.length).toBeLessThan(0.01);
  });

  it('is honest when no fraud is wanted', () => {
    const honest = simulate({ ...OPTIONS, fraud: 0 });
    expect(honest.transactions.every(({ fraud }) => fraud === null)).toBe(true);
  });
});
