import { ModelFormatError } from './anomaly-model';
import { averagePrecision } from './quality';
import { normal, seededRandom } from './random';
import { SupervisedModel } from './supervised-model';

const random = seededRandom(8);
/** Frauds have an extreme second column; the first two are otherwise alike, the third says nothing. */
const row = (isFraud: boolean): Float32Array => {
  const amount = normal(random);
  return Float32Array.of(normal(random), isFraud ? 2.5 + Math.abs(amount) : amount, normal(random));
};
const rows = (count: number, isFraud: boolean): Float32Array[] =>
  Array.from({ length: count }, () => row(isFraud));
const model = SupervisedModel.fit(rows(3_000, false), rows(25, true));

describe('the model of confirmed frauds', () => {
  it('ranks frauds that were not in its training first', () => {
    const test = [...rows(3_000, false), ...rows(30, true)];
    const labels = test.map((_, index) => Number(index >= 3_000));
    expect(
      averagePrecision(
        test.map((one) => model.logOdds(one)),
        labels,
      ),
    ).toBeGreaterThan(0.8);
  });

  it('counts a column more above its knee than below', () => {
    const at = (value: number): number => model.logOdds(Float32Array.of(0, value, 0));
    expect(at(3) - at(2)).toBeGreaterThan(1.5 * (at(0) - at(-1)));
  });

  it('names the column, both of its parts together', () => {
    const contributions = [...model.contributions(Float32Array.of(0.3, 4, -0.2))];
    expect(contributions).toHaveLength(3);
    expect(contributions.indexOf(Math.max(...contributions))).toBe(1);
    const without = model.contributions(Float32Array.of(0.3, 0, -0.2));
    const difference =
      model.logOdds(Float32Array.of(0.3, 4, -0.2)) - model.logOdds(Float32Array.of(0.3, 0, -0.2));
    expect((contributions[1] ?? 0) - (without[1] ?? 0)).toBeCloseTo(difference, 6);
  });

  it('is the same after it was saved, and refuses other columns', () => {
    const table = JSON.parse(JSON.stringify(model.toTable())) as ReturnType<typeof model.toTable>;
    const one = row(true);
    expect(SupervisedModel.fromTable(table, 3).logOdds(one)).toBe(model.logOdds(one));
    expect(() => SupervisedModel.fromTable(table, 4)).toThrow(ModelFormatError);
    expect(() => SupervisedModel.fromTable({ ...table, knees: [0, Number.NaN, 0] }, 3)).toThrow(
      ModelFormatError,
    );
  });
});
