import fc from 'fast-check';
import { aucRoc, averagePrecision, flaggedAt, jaccardOfTop, precisionInDailyTop } from './quality';

describe('quality figures', () => {
  it('give 1 to a perfect ranking, a half to none and 0 to a reversed one', () => {
    const labels = [0, 0, 0, 1, 1];
    expect(aucRoc([1, 2, 3, 4, 5], labels)).toBe(1);
    expect(aucRoc([7, 7, 7, 7, 7], labels)).toBe(0.5);
    expect(aucRoc([5, 4, 3, 2, 1], labels)).toBe(0);
    expect(averagePrecision([1, 2, 3, 4, 5], labels)).toBe(1);
    expect(averagePrecision([7, 7, 7, 7, 7], labels)).toBeCloseTo(0.4, 12);
  });

  it('agree with values computed by hand', () => {
    // The example of scikit-learn's documentation: roc_auc_score 0.75, average_precision_score 0.8333.
    expect(aucRoc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBeCloseTo(0.75, 12);
    expect(averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBeCloseTo(5 / 6, 12);
  });

  it('AUC is the share of pairs that stand in order', () => {
    const row = fc.record({ score: fc.integer({ min: 0, max: 6 }), label: fc.integer({ min: 0, max: 1 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), (rows) => {
        const frauds = rows.filter(({ label }) => label === 1);
        const others = rows.filter(({ label }) => label === 0);
        fc.pre(frauds.length > 0 && others.length > 0);
        const wins = frauds.flatMap((a) => others.map((b) => (Math.sign(a.score - b.score) + 1) / 2));
        const expected = wins.reduce((sum, win) => sum + win, 0) / wins.length;
        const auc = aucRoc(
          rows.map(({ score }) => score),
          rows.map(({ label }) => label),
        );
        expect(auc).toBeCloseTo(expected, 10);
      }),
    );
  });

  it('count each day by itself', () => {
    const scores = [9, 8, 1, 5, 4, 3];
    const labels = [1, 0, 1, 1, 1, 0];
    expect(precisionInDailyTop(scores, labels, [1, 1, 1, 2, 2, 2], 2)).toBeCloseTo(0.75, 12);
    expect(precisionInDailyTop(scores, labels, [1, 1, 1, 2, 2, 2], 100)).toBeCloseTo(2 / 3, 12);
  });

  it('say what a bound flags', () => {
    const flagged = flaggedAt(0.5, [0.5, 0.9, 0.4, 0.1], [1, 0, 1, 0]);
    expect(flagged).toEqual({ rate: 0.5, precision: 0.5, recall: 0.5, false_rate: 0.5 });
  });

  it('compare two flagged sets', () => {
    expect(jaccardOfTop([4, 3, 2, 1], [4, 3, 2, 1], 2)).toBe(1);
    expect(jaccardOfTop([4, 3, 2, 1], [4, 1, 3, 2], 2)).toBeCloseTo(1 / 3, 12);
  });
});
