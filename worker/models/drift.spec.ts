import { ModelFormatError } from './anomaly-model';
import {
  assertReference,
  driftedParts,
  driftOf,
  histogramOf,
  isOffBudget,
  populationStabilityIndex,
  referenceOf,
} from './drift';
import { normal, seededRandom } from './random';

const random = seededRandom(4);
const draws = (count: number, shift = 0, scale = 1): number[] =>
  Array.from({ length: count }, () => shift + scale * normal(random));

describe('population stability index', () => {
  it('is what its definition says', () => {
    const reference = histogramOf([...Array<number>(50).fill(0), ...Array<number>(50).fill(1)]);
    const now = [...Array<number>(30).fill(0), ...Array<number>(70).fill(1)];
    const expected = (0.3 - 0.5) * Math.log(0.3 / 0.5) + (0.7 - 0.5) * Math.log(0.7 / 0.5);
    expect(populationStabilityIndex(reference, now)).toBeCloseTo(expected, 10);
  });

  it('is small for another sample of the same and over 0.2 for a shift of half a deviation', () => {
    const reference = histogramOf(draws(5_000));
    expect(populationStabilityIndex(reference, draws(2_000))).toBeLessThan(0.03);
    expect(populationStabilityIndex(reference, draws(2_000, 0.6))).toBeGreaterThan(0.2);
    expect(populationStabilityIndex(reference, draws(2_000, 0, 2))).toBeGreaterThan(0.2);
  });

  it('sees a rare flag become common, and values go missing', () => {
    const flags = (share: number): number[] =>
      Array.from({ length: 2_000 }, (_, at) => (at < share * 2_000 ? 1 : 0));
    const reference = histogramOf(flags(0.02));
    expect(populationStabilityIndex(reference, flags(0.02))).toBeCloseTo(0, 10);
    expect(populationStabilityIndex(reference, flags(0.2))).toBeGreaterThan(0.2);
    const gone = flags(0.02).map((value, at) => (at % 5 === 0 ? Number.NaN : value));
    expect(populationStabilityIndex(reference, gone)).toBeGreaterThan(0.2);
  });

  it('takes a mostly constant column and no values at all', () => {
    const reference = histogramOf([...Array<number>(990).fill(1), ...draws(10)]);
    expect(populationStabilityIndex(reference, Array<number>(500).fill(1))).toBeLessThan(0.1);
    expect(populationStabilityIndex(histogramOf([]), [1, 2])).toBeGreaterThan(1);
    expect(populationStabilityIndex(reference, [])).toBe(0);
  });
});

describe('drift of rows', () => {
  const rows = (count: number, shift: number): Float32Array[] =>
    Array.from({ length: count }, () => Float32Array.of(normal(random), shift + normal(random), Number.NaN));
  const reference = referenceOf(rows(4_000, 0), draws(3_000, 0.4, 0.05));

  it('names the columns that moved, the most first', () => {
    const drift = driftOf(reference, rows(2_000, 1), draws(2_000, 0.44, 0.05));
    expect(driftedParts(drift, ['amount', 'hour', 'balance']).map(({ name }) => name)).toEqual([
      'hour',
      'score',
    ]);
  });

  it('is silent when nothing moved', () => {
    const drift = driftOf(reference, rows(2_000, 0), draws(2_000, 0.4, 0.05));
    expect(driftedParts(drift, ['amount', 'hour', 'balance'])).toEqual([]);
  });

  it('keeps little, and refuses what was cut', () => {
    expect(JSON.stringify(reference).length).toBeLessThan(2_000);
    expect(() => assertReference(reference, 3)).not.toThrow();
    expect(() => assertReference(reference, 4)).toThrow(ModelFormatError);
    expect(() => assertReference({ ...reference, score: { edges: [1], shares: [1] } }, 3)).toThrow(
      ModelFormatError,
    );
  });
});

describe('the budget of alerts', () => {
  it.each([
    [100, 10_000, false],
    [149, 10_000, false],
    [151, 10_000, true],
    [49, 10_000, true],
    [8, 600, false],
    [30, 600, true],
    [30, 400, false],
  ])('%d of %d alerts at one in a hundred is off: %s', (alerts, transactions, isOff) => {
    expect(isOffBudget(alerts, transactions, 0.01)).toBe(isOff);
  });
});
