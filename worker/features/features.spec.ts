import { computeFeatures, countMissing, MODEL_FEATURES, toModelRow } from './features';

const MONDAY_3AM = Date.UTC(2026, 0, 5, 3, 30);

describe('features', () => {
  it('says when, how much, and what of it is unusual for the sender', () => {
    const features = computeFeatures({
      amount: 900,
      currency: 'USD',
      effective_at_ms: MONDAY_3AM,
      balance_before: 1_000,
      behaviour: { transactions_1h: 4, last_at_ms: MONDAY_3AM - 90_500, mean_amount: 45 },
    });
    expect(features).toEqual({
      amount: 900,
      log_amount: Math.log(901),
      hour_of_day: 3,
      day_of_week: 1,
      sender_transactions_1h: 4,
      seconds_since_last: 90.5,
      amount_over_30d_mean: 20,
      share_of_balance: 0.9,
    });
    expect(countMissing(features)).toBe(0);
  });

  it('leaves missing what is not known and counts it', () => {
    const features = computeFeatures({
      amount: 10,
      currency: 'USD',
      effective_at_ms: MONDAY_3AM,
      balance_before: null,
      behaviour: null,
    });
    expect(features.sender_transactions_1h).toBeNull();
    expect(countMissing(features)).toBe(4);
    expect([...toModelRow(features)].filter(Number.isNaN)).toHaveLength(4);
    expect(toModelRow(features)).toHaveLength(MODEL_FEATURES.length);
  });

  it('counts Sunday as the seventh day', () => {
    const sunday = { amount: 1, currency: 'USD', balance_before: null, behaviour: null };
    expect(computeFeatures({ ...sunday, effective_at_ms: Date.UTC(2026, 0, 4) }).day_of_week).toBe(7);
  });

  it('puts amounts of all currencies on one scale', () => {
    const of = (amount: number, currency: string): number =>
      computeFeatures({ amount, currency, effective_at_ms: 0, balance_before: null, behaviour: null })
        .log_amount;
    expect(of(5_000, 'INR')).toBe(of(100, 'USD'));
    expect(of(100, 'XXX')).toBe(of(100, 'USD'));
  });

  it('has no share of an empty or overdrawn balance', () => {
    const of = (balance_before: number): number | null =>
      computeFeatures({ amount: 50, currency: 'USD', effective_at_ms: 0, balance_before, behaviour: null })
        .share_of_balance;
    expect(of(0)).toBeNull();
    expect(of(-20)).toBeNull();
    expect(of(0.01)).toBe(10);
  });
});
