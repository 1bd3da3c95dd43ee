import * as fc from 'fast-check';
import { MAX_MONTHS, predictNextMonth } from './spending-prediction';

describe('the prediction of next month', () => {
  it('goes on with what does not change, without doubt', () => {
    expect(predictNextMonth([500, 500, 500, 500])).toEqual({
      predicted: 500,
      low: 500,
      high: 500,
      trend: 'stable',
    });
  });

  it('carries a trend on, damped', () => {
    const prediction = predictNextMonth([100, 200, 300, 400]);
    expect(prediction.trend).toBe('increasing');
    expect(prediction.predicted).toBeCloseTo(485, 9);
  });

  it('sees expenses fall', () => {
    expect(predictNextMonth([900, 800, 700, 650])).toMatchObject({ trend: 'decreasing' });
  });

  it('calls a drift of up to 5 % a month stable', () => {
    expect(predictNextMonth([1000, 1010, 1020, 1030]).trend).toBe('stable');
    expect(predictNextMonth([1000, 1100, 1200, 1300]).trend).toBe('increasing');
  });

  it('is not bent by one new car', () => {
    const usual = predictNextMonth([500, 510, 490, 505, 495, 500]);
    const withCar = predictNextMonth([500, 510, 20_000, 505, 495, 500]);
    expect(Math.abs(withCar.predicted - usual.predicted)).toBeLessThan(20);
    expect(withCar.high - withCar.low).toBeGreaterThan(usual.high - usual.low);
  });

  it('has an interval by the textbook: three months, one degree of freedom', () => {
    // Slope 0, line at 100, residuals 0, 30 and 0: s = 30, times the root of 1 + 1/3 + 4/2, times t = 3.078.
    const { predicted, high } = predictNextMonth([100, 130, 100]);
    expect(predicted).toBeCloseTo(100, 9);
    expect(high).toBeCloseTo(100 + 3.078 * 30 * Math.sqrt(1 + 1 / 3 + 2), 6);
  });

  it('makes no trend of months without expenses', () => {
    expect(predictNextMonth([0, 0, 0])).toEqual({ predicted: 0, low: 0, high: 0, trend: 'stable' });
  });

  it('looks at the newest two years only', () => {
    const recent = Array<number>(MAX_MONTHS).fill(50);
    expect(predictNextMonth([9000, 9000, ...recent])).toEqual(predictNextMonth(recent));
  });

  it('needs three months', () => {
    expect(() => predictNextMonth([1, 2])).toThrow(RangeError);
  });

  it('covers about four of five next months of a steady spender', () => {
    // A fixed generator (Park and Miller 1988), so that the test says the same every time.
    let state = 20_260_131;
    const uniform = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    let covered = 0;
    const rounds = 2000;
    for (let round = 0; round < rounds; round += 1) {
      const months = Array.from({ length: 13 }, () => 1000 + 100 * normal());
      const { low, high } = predictNextMonth(months.slice(0, 12));
      const next = months[12] ?? 0;
      if (next >= low && next <= high) covered += 1;
    }
    expect(covered / rounds).toBeGreaterThan(0.76);
    expect(covered / rounds).toBeLessThan(0.86);
  });

  it('is never below zero and lies in its interval, whatever the months', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1e9, max: 1e12 }), { minLength: 3, maxLength: 40 }),
        (values) => {
          const { predicted, low, high } = predictNextMonth(values);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(predicted).toBeGreaterThanOrEqual(low);
          expect(predicted).toBeLessThanOrEqual(high);
        },
      ),
    );
  });
});
