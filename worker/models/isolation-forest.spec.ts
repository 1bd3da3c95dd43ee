import { type Matrix, ModelFormatError, toMatrix } from './anomaly-model';
import { florinForest, IsolationForest } from './isolation-forest';
import { mlIsolationForest } from './ml-isolation-forest-model';
import { averagePathLength } from './path-length';
import { normal, seededRandom } from './random';

/** A cloud around the origin in two columns, with a third that never changes. */
function cloud(rows: number, seed = 1): Matrix {
  const random = seededRandom(seed);
  return toMatrix(
    Array.from({ length: rows }, () => [normal(random), normal(random), 7]),
    3,
  );
}

const middle = Float32Array.of(0, 0, 7);
const edge = Float32Array.of(2.5, -2.5, 7);
const far = Float32Array.of(9, 9, 7);

describe('average path length', () => {
  it('is the mean depth of an unsuccessful search, exactly', () => {
    expect(averagePathLength(0)).toBe(0);
    expect(averagePathLength(1)).toBe(0);
    expect(averagePathLength(2)).toBe(1);
    expect(averagePathLength(3)).toBeCloseTo(5 / 3, 12);
    expect(averagePathLength(256)).toBeCloseTo(10.2487, 4);
  });
});

describe.each([florinForest, mlIsolationForest])('$kind', (factory) => {
  const model = factory.fit(cloud(1_000), 3);

  it('scores the odd above the ordinary', () => {
    expect(model.score(far)).toBeGreaterThan(model.score(edge));
    expect(model.score(edge)).toBeGreaterThan(model.score(middle));
    expect(model.score(far)).toBeLessThan(1);
    expect(model.score(middle)).toBeGreaterThan(0);
  });

  it('gives the same scores after it was saved and read', () => {
    const again = factory.load(model.serialise(), 3);
    for (const row of [middle, edge, far]) expect(again.score(row)).toBe(model.score(row));
  });

  it('refuses bytes that are not a model of these columns', () => {
    expect(() => factory.load(model.serialise(), 4)).toThrow(ModelFormatError);
    expect(() => factory.load(Buffer.from('not a model'), 3)).toThrow(ModelFormatError);
    expect(() => factory.load(Buffer.alloc(0), 3)).toThrow(ModelFormatError);
  });

  it('keeps no training row', () => {
    const marked = cloud(500).values.map((value, index) => (index === 4 ? 1234.5 : value));
    const blob = factory.fit({ columns: 3, rows: 500, values: marked }, 1).serialise();
    expect(blob.includes('1234.5')).toBe(false);
  });
});

describe('isolation forest', () => {
  it('is the same forest for the same seed, and another for another one', () => {
    const rows = cloud(2_000);
    const first = IsolationForest.fit(rows, 11).serialise();
    expect(IsolationForest.fit(rows, 11).serialise().equals(first)).toBe(true);
    expect(IsolationForest.fit(rows, 12).serialise().equals(first)).toBe(false);
  });

  it('flags nearly the same rows whatever the seed', () => {
    const rows = cloud(4_000);
    const top = (seed: number): Set<number> => {
      const forest = IsolationForest.fit(rows, seed);
      const scores = Array.from({ length: rows.rows }, (_, row) => ({
        row,
        score: forest.score(rows.values.subarray(row * 3, row * 3 + 3)),
      }));
      scores.sort((a, b) => b.score - a.score);
      return new Set(scores.slice(0, 40).map(({ row }) => row));
    };
    const [a, b] = [top(1), top(2)];
    const common = [...a].filter((row) => b.has(row)).length;
    expect(common / (80 - common)).toBeGreaterThan(0.55);
  });

  it('is not misled by constant columns', () => {
    const random = seededRandom(5);
    const rows = toMatrix(
      Array.from({ length: 1_000 }, () => [normal(random), ...Array<number>(20).fill(1)]),
      21,
    );
    const forest = IsolationForest.fit(rows, 1);
    const row = (value: number): Float32Array => Float32Array.of(value, ...Array<number>(20).fill(1));
    expect(forest.score(row(8))).toBeGreaterThan(0.7);
    expect(forest.score(row(0))).toBeLessThan(0.5);
  });

  it('can be grown on rows that are all alike', () => {
    const forest = IsolationForest.fit(toMatrix(Array<number[]>(300).fill([1, 2]), 2), 1);
    expect(forest.score(Float32Array.of(1, 2))).toBeCloseTo(0.5, 5);
  });

  it('refuses a blob that points outside itself', () => {
    const blob = IsolationForest.fit(cloud(300), 1, 4).serialise();
    const broken = Buffer.from(blob);
    broken.writeUInt32LE(0xffffff, 20);
    expect(() => florinForest.load(broken, 3)).toThrow(ModelFormatError);
    expect(() => florinForest.load(blob.subarray(0, blob.length - 1), 3)).toThrow(ModelFormatError);
  });
});
