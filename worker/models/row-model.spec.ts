import { ModelFormatError } from './anomaly-model';
import { florinForest } from './isolation-forest';
import { mlIsolationForest } from './ml-isolation-forest-model';
import { aucRoc, averagePrecision } from './quality';
import { normal, seededRandom } from './random';
import { MIN_CONFIRMED_FRAUDS, RowModel } from './row-model';

const random = seededRandom(6);
const COLUMNS = Array.from({ length: 16 }, (_, index) => `column_${index}`);

/** Columns as features are: normal ones, some that go together, skewed ones, counts, rare flags. */
function ordinary(): Float32Array {
  const common = normal(random);
  const kinds = [
    () => normal(random),
    () => 0.7 * common + 0.7 * normal(random),
    () => Math.log1p(-10 * Math.log(1 - random())),
    () => Math.floor(3 * random() ** 3),
    () => (random() < 0.03 ? 1 : 0),
  ];
  return Float32Array.from(COLUMNS, (_, column) => (kinds[column % kinds.length] as () => number)());
}

/** A little more than ordinary in three columns that no anomaly model would think odd. */
function fraud(): Float32Array {
  const row = ordinary();
  for (const column of [0, 5, 10]) row[column] = (row[column] as number) + 1.6;
  return row;
}

const rows = (count: number, draw = ordinary): Float32Array[] => Array.from({ length: count }, () => draw());
const history = rows(6_000);
const model = RowModel.fit(florinForest, COLUMNS, { ordinary: history }, 1);
const taught = RowModel.fit(
  florinForest,
  COLUMNS,
  { ordinary: history, confirmed_frauds: rows(MIN_CONFIRMED_FRAUDS, fraud) },
  1,
);
const fresh = rows(20_000);
const share = (of: RowModel, bound: number): number =>
  fresh.filter((row) => of.assess(row).risk_score >= bound).length / fresh.length;

describe('what an assessment says', () => {
  it('goes together: the rarer, the higher the risk', () => {
    const assessed = fresh.slice(0, 2_000).map((row) => model.assess(row));
    assessed.sort((a, b) => a.p_value - b.p_value);
    assessed.slice(1).forEach((other, index) => {
      expect(other.risk_score).toBeLessThanOrEqual((assessed[index] ?? other).risk_score);
    });
    for (const { p_value, risk_score, raw_score } of assessed) {
      expect(p_value > 0 && p_value <= 1 && risk_score >= 0 && risk_score < 1 && raw_score > 0).toBe(true);
      expect(risk_score >= 0.5).toBe(p_value <= 0.01);
    }
  });

  it('keeps the budget that the bank has set', () => {
    const flagged = fresh.filter(
      (row) => model.assess(row, { review_share: 0.05, block_share: 0.01 }).risk_score >= 0.5,
    );
    expect(flagged.length / fresh.length).toBeGreaterThan(0.035);
    expect(flagged.length / fresh.length).toBeLessThan(0.065);
  });

  it('flags one in a hundred', () => {
    expect(share(model, 0.5)).toBeGreaterThan(0.006);
    expect(share(model, 0.5)).toBeLessThan(0.015);
    expect(share(model, 0.8)).toBeLessThan(0.003);
  });
});

describe('explanations', () => {
  /** Puts something odd into one column that is not a flag. */
  function planted(): { row: Float32Array; column: number } {
    const row = ordinary();
    const column = Math.floor(random() * COLUMNS.length);
    if (column % 5 === 4) return planted();
    const odd = [5, 4, 7, 8][column % 5] as number;
    row[column] = column % 5 < 2 && random() < 0.5 ? -odd : odd;
    return { row, column };
  }

  it.each([florinForest, mlIsolationForest])(
    'of $kind name a planted odd column among the first three',
    (factory) => {
      const explained =
        factory === florinForest ? model : RowModel.fit(factory, COLUMNS, { ordinary: history }, 1);
      const cases = Array.from({ length: factory === florinForest ? 500 : 100 }, planted);
      const named = cases.filter(({ row, column }) =>
        explained.explain(row).some((part) => part.column === column),
      );
      expect(named.length / cases.length).toBeGreaterThanOrEqual(0.9);
    },
  );

  it('are shares of a whole, the largest first, three of them', () => {
    const shares = model.explain(planted().row).map((part) => part.share);
    expect(shares).toHaveLength(3);
    expect([...shares].sort((a, b) => b - a)).toEqual(shares);
    expect(shares.reduce((sum, part) => sum + part, 0)).toBeLessThanOrEqual(100.1);
    const all = model
      .explain(planted().row, 'anomaly', COLUMNS.length)
      .reduce((sum, part) => sum + part.share, 0);
    expect(all).toBeGreaterThan(99);
    expect(all).toBeLessThan(101);
  });

  it('never name what is missing', () => {
    const { row } = planted();
    row.fill(Number.NaN, 0, 10);
    expect(model.explain(row, 'anomaly', 16).every(({ column }) => column >= 10)).toBe(true);
  });

  it('name what the second model has learned, when it decided', () => {
    const cases = rows(200, fraud).filter((row) => taught.assess(row).decided_by === 'supervised');
    const named = cases.filter((row) =>
      [0, 5, 10].includes(taught.explain(row, 'supervised')[0]?.column ?? -1),
    );
    expect(cases.length).toBeGreaterThan(100);
    expect(named.length / cases.length).toBeGreaterThan(0.9);
  });
});

describe('the second model', () => {
  const test = [...rows(5_000), ...rows(50, fraud)];
  const labels = test.map((_, index) => (index < 5_000 ? 0 : 1));
  const risks = (of: RowModel): number[] => test.map((row) => of.assess(row).risk_score);

  it('does not exist before there are 25 confirmed frauds', () => {
    const frauds = rows(MIN_CONFIRMED_FRAUDS - 1, fraud);
    const early = RowModel.fit(florinForest, COLUMNS, { ordinary: history, confirmed_frauds: frauds }, 1);
    expect(early.confirmedFrauds).toBe(0);
    expect(early.assess(test[0] as Float32Array)).toEqual(model.assess(test[0] as Float32Array));
    expect(taught.confirmedFrauds).toBe(MIN_CONFIRMED_FRAUDS);
  });

  it('multiplies the average precision on frauds that are not odd', () => {
    expect(aucRoc(risks(taught), labels)).toBeGreaterThan(0.9);
    expect(averagePrecision(risks(taught), labels)).toBeGreaterThan(
      3 * averagePrecision(risks(model), labels),
    );
  });

  it('lets the larger of the two risks decide', () => {
    for (const row of test) {
      const { risk_score, raw_score, anomaly, supervised, decided_by } = taught.assess(row);
      expect(risk_score).toBe(Math.max(anomaly.risk_score, supervised?.risk_score ?? 0));
      expect(raw_score).toBe((decided_by === 'anomaly' ? anomaly : supervised)?.raw_score);
    }
  });

  it('leaves the first model a part: what is odd beyond measure is found though nobody has confirmed such', () => {
    const strange = rows(200).map((row) => row.fill(9, 0, 8));
    const flagged = strange.filter((row) => taught.assess(row).risk_score >= 0.5);
    expect(flagged.length / strange.length).toBeGreaterThan(0.9);
  });

  it('leaves the budget of alerts as it is', () => {
    expect(share(taught, 0.5)).toBeGreaterThan(0.006);
    expect(share(taught, 0.5)).toBeLessThan(0.015);
    expect(share(taught, 0.8)).toBeLessThan(0.003);
  });
});

describe('the saved model', () => {
  const blob = taught.serialise();
  const broken = (from: string, to: string): Buffer =>
    Buffer.from(blob.toString('latin1').replace(from, to), 'latin1');

  it('says the same after it was read', () => {
    const again = RowModel.deserialise(florinForest, COLUMNS, blob);
    for (const row of fresh.slice(0, 100)) {
      expect(again.assess(row)).toEqual(taught.assess(row));
      expect(again.explain(row)).toEqual(taught.explain(row));
    }
    expect(again.drift(fresh)).toEqual(taught.drift(fresh));
    expect(again.confirmedFrauds).toBe(MIN_CONFIRMED_FRAUDS);
  });

  it('is small', () => {
    expect(blob.length).toBeLessThan(600_000);
  });

  it('is refused when it is of another format, other columns, or broken', () => {
    for (const other of [
      broken('"format":2', '"format":1'),
      broken('"format":2', '"format":3'),
      broken('column_3', 'column_x'),
      broken('FLRM', 'FLRX'),
      Buffer.from('FL'),
      blob.subarray(0, 400),
      blob.subarray(0, blob.length - 1),
    ]) {
      expect(() => RowModel.deserialise(florinForest, COLUMNS, other)).toThrow(ModelFormatError);
    }
    expect(() => RowModel.deserialise(mlIsolationForest, COLUMNS, blob)).toThrow(ModelFormatError);
  });
});

describe('drift', () => {
  it('is small on rows like those of the training and large on others', () => {
    const calm = model.drift(fresh.slice(0, 3_000));
    expect(Math.max(calm.score, ...calm.columns)).toBeLessThan(0.05);
    const moved = model.drift(fresh.slice(0, 3_000).map((row) => row.map((value) => value + 1)));
    expect(moved.score).toBeGreaterThan(0.2);
    expect(Math.min(...moved.columns.slice(0, 2))).toBeGreaterThan(0.2);
  });
});
