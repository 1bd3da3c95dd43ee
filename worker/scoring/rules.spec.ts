import type { ScorableTransaction } from '../features/feature-reader';
import { computeFeatures } from '../features/features';
import { judgeByRules } from './rules';

interface Case {
  amount: number;
  hour: number;
  mean_amount?: number | null;
  transactions_1h?: number;
  currency?: string;
}

/** On a Wednesday, in dollars unless said otherwise. */
function movement({
  amount,
  hour,
  mean_amount = 50,
  transactions_1h = 0,
  currency = 'USD',
}: Case): ScorableTransaction {
  return {
    transaction_id: '5',
    currency,
    exponent: 2,
    amount_minor: BigInt(amount * 100),
    is_high_value: amount > 10_000,
    has_sender: true,
    features: computeFeatures({
      amount,
      currency,
      effective_at_ms: Date.UTC(2026, 2, 11, hour, 30),
      balance_before: null,
      behaviour: { transactions_1h, last_at_ms: null, mean_amount },
    }),
  };
}

describe('rules', () => {
  it.each<[string, Case, number, string[]]>([
    ['an ordinary amount', { amount: 50, hour: 3 }, 0, []],
    ['a high value by day', { amount: 15_000, hour: 14 }, 0.55, ['high_value']],
    ['a rent in rupees', { amount: 34_000, hour: 11, currency: 'INR' }, 0, []],
    ['a house in rupees', { amount: 3_400_000, hour: 11, currency: 'INR' }, 0.55, ['high_value']],
    ['nine others in the hour', { amount: 50, hour: 14, transactions_1h: 9 }, 0, []],
    ['ten others in the hour', { amount: 50, hour: 14, transactions_1h: 10 }, 0.6, ['velocity']],
    [
      'a high value at three by an account that moves fifty',
      { amount: 15_000, hour: 3 },
      0.85,
      ['high_value', 'unusual_high_value_at_night'],
    ],
    [
      'a high value just after midnight without a history',
      { amount: 15_000, hour: 0, mean_amount: null },
      0.85,
      ['high_value', 'unusual_high_value_at_night'],
    ],
    ['a high value at six', { amount: 15_000, hour: 6 }, 0.55, ['high_value']],
    [
      'a high value at night by an account that moves thousands',
      { amount: 15_000, hour: 3, mean_amount: 1_501 },
      0.55,
      ['high_value'],
    ],
    [
      'everything at once',
      { amount: 15_000, hour: 5, transactions_1h: 30 },
      0.85,
      ['high_value', 'velocity', 'unusual_high_value_at_night'],
    ],
  ])('set a floor for %s', (_name, facts, floor, rules) => {
    expect(judgeByRules(movement(facts))).toEqual({ floor, rules });
  });
});
