import { ModelFormatError, toMatrix } from './anomaly-model';
import { LogisticRegression, probabilityOf } from './logistic-regression';
import { normal, seededRandom } from './random';

const random = seededRandom(9);

/** Two columns that matter, on scales far apart, one that is noise, one that never changes. */
function sample(count: number): { rows: number[][]; labels: Uint8Array } {
  const rows = Array.from({ length: count }, () => [
    normal(random),
    1_000 * normal(random),
    normal(random),
    5,
  ]);
  const labels = Uint8Array.from(rows, ([a = 0, b = 0]) =>
    random() < probabilityOf(-1 + 2 * a - b / 1_000) ? 1 : 0,
  );
  return { rows, labels };
}

describe('logistic regression', () => {
  const { rows, labels } = sample(20_000);
  const model = LogisticRegression.fit(toMatrix(rows, 4), labels);

  it('finds the odds that the labels were drawn by', () => {
    const at = (a: number, b: number): number => model.logOdds(Float32Array.of(a, b, 0, 5));
    expect(at(0, 0)).toBeCloseTo(-1, 0);
    expect(at(1, 0) - at(0, 0)).toBeGreaterThan(1.9);
    expect(at(1, 0) - at(0, 0)).toBeLessThan(2.1);
    expect(at(0, 1_000) - at(0, 0)).toBeGreaterThan(-1.1);
    expect(at(0, 1_000) - at(0, 0)).toBeLessThan(-0.9);
    expect(Math.abs(model.toTable().weights[2] ?? 1)).toBeLessThan(0.06);
    expect(model.toTable().weights[3]).toBeCloseTo(0, 10);
  });

  it('stands where the penalised likelihood has its top: the gradient is nothing', () => {
    const { weights, means, scales } = model.toTable();
    for (let column = 0; column < 3; column += 1) {
      const pull = rows.reduce((sum, row, index) => {
        const z = ((row[column] ?? 0) - (means[column] ?? 0)) / (scales[column] ?? 1);
        return sum + ((labels[index] ?? 0) - probabilityOf(model.logOdds(Float32Array.from(row)))) * z;
      }, 0);
      expect(pull - 20 * (weights[column] ?? 0)).toBeCloseTo(0, 1);
    }
  });

  it('stays finite when the labels can be told apart without a mistake', () => {
    const separable = Array.from({ length: 400 }, (_, index) => [index < 25 ? 5 + random() : random()]);
    const perfect = LogisticRegression.fit(
      toMatrix(separable, 1),
      Uint8Array.from(separable, (_, index) => (index < 25 ? 1 : 0)),
    );
    const odds = separable.map((row) => perfect.logOdds(Float32Array.from(row)));
    expect(odds.every(Number.isFinite)).toBe(true);
    expect(Math.min(...odds.slice(0, 25))).toBeGreaterThan(Math.max(...odds.slice(25)) + 2);
  });

  it('holds columns that say the same apart from disaster', () => {
    const twins = rows.slice(0, 2_000).map(([a = 0]) => [a, a, a]);
    const table = LogisticRegression.fit(toMatrix(twins, 3), labels.slice(0, 2_000)).toTable();
    expect(table.weights[0]).toBeCloseTo(table.weights[1] ?? 0, 6);
    expect(table.weights.every((weight) => Math.abs(weight) < 2)).toBe(true);
  });

  it('adds up from what its columns contribute', () => {
    const row = Float32Array.of(1.5, -700, 0.3, 5);
    const sum = model.contributions(row).reduce((total, part) => total + part, model.toTable().intercept);
    expect(model.logOdds(row)).toBeCloseTo(sum, 10);
  });

  it('is the same after it was saved, and refuses other columns', () => {
    const json = JSON.stringify(model.toTable());
    const parse = (): ReturnType<typeof model.toTable> =>
      JSON.parse(json) as ReturnType<typeof model.toTable>;
    const row = Float32Array.of(0.2, 10, 0.3, 5);
    expect(LogisticRegression.fromTable(parse(), 4).logOdds(row)).toBe(model.logOdds(row));
    expect(() => LogisticRegression.fromTable(parse(), 3)).toThrow(ModelFormatError);
    expect(() => LogisticRegression.fromTable({ ...parse(), scales: [1, 1, 1, 0] }, 4)).toThrow(
      ModelFormatError,
    );
  });

  it('needs both labels', () => {
    expect(() => LogisticRegression.fit(toMatrix([[1], [2]], 1), Uint8Array.of(0, 0))).toThrow(RangeError);
    expect(() => LogisticRegression.fit(toMatrix([[1], [2]], 1), Uint8Array.of(1, 1))).toThrow(RangeError);
  });
});
