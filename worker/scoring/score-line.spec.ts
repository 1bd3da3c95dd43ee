import { scoreLine } from './score-line';

describe('score line', () => {
  it.each([
    [
      { transaction_id: '5', amount_minor: 1_500_000n, currency: 'USD', exponent: 2, risk_score: 0.92 },
      'TXN #5 | $15,000.00 | score 0.9200 | CRITICAL',
    ],
    [
      { transaction_id: '6', amount_minor: 99_950n, currency: 'EUR', exponent: 2, risk_score: 0.5 },
      'TXN #6 | €999.50 | score 0.5000 | SUSPICIOUS',
    ],
    [
      { transaction_id: '7', amount_minor: 123_456_789n, currency: 'INR', exponent: 2, risk_score: 0.49996 },
      'TXN #7 | ₹1,234,567.89 | score 0.5000 | SUSPICIOUS',
    ],
    [
      { transaction_id: '8', amount_minor: 5n, currency: 'GBP', exponent: 2, risk_score: 0 },
      'TXN #8 | £0.05 | score 0.0000 | SAFE',
    ],
    [
      { transaction_id: '9', amount_minor: 1_000n, currency: 'JPY', exponent: 0, risk_score: 0.4999 },
      'TXN #9 | ¥1,000 | score 0.4999 | SAFE',
    ],
    [
      { transaction_id: '10', amount_minor: 1_234_500n, currency: 'KWD', exponent: 3, risk_score: 0.8 },
      'TXN #10 | KWD 1,234.500 | score 0.8000 | CRITICAL',
    ],
  ])('%#: has the amount as people write it, the score and the verdict', (scored, line) => {
    expect(scoreLine(scored)).toBe(line);
  });
});
