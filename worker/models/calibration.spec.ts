import fc from 'fast-check';
import { ModelFormatError } from './anomaly-model';
import { Calibration, riskOfRarity } from './calibration';
import { normal, seededRandom } from './random';

const random = seededRandom(1);
const heldOut = Array.from({ length: 20_000 }, () => 0.42 + 0.05 * normal(random));
const calibration = Calibration.fit(heldOut);

/** The definition: p = (number of scores ≥ s, plus 1) / (n + 1). */
function rarityByDefinition(score: number): number {
  const reached = heldOut.filter((other) => other >= score).length;
  return -Math.log10((reached + 1) / (heldOut.length + 1));
}

describe('risk of a rarity', () => {
  it.each([
    [0, 0],
    [1, 0.25],
    [2, 0.5],
    [2.5, 0.65],
    [3, 0.8],
    [3.5, 0.875],
    [4, 0.95],
  ])('of −log10 p = %d is %d', (rarity, risk) => {
    expect(riskOfRarity(rarity)).toBeCloseTo(risk, 10);
  });

  it('goes on towards 1 without reaching it, apart in four decimals', () => {
    const risks = [4, 5, 6, 7, 8, 9, 10].map((rarity) => riskOfRarity(rarity));
    risks.slice(1).forEach((risk, index) => expect(risk - (risks[index] ?? 1)).toBeGreaterThan(0.0005));
    expect(riskOfRarity(1_000)).toBeLessThan(1);
  });
});

describe('the budget of alerts', () => {
  const budget = { review_share: 0.05, block_share: 0.002 };

  it.each([
    [0.05, 0.5],
    [0.002, 0.8],
    [0.0002, 0.95],
    [1, 0],
  ])('gives p = %d the risk %d', (p, risk) => {
    expect(riskOfRarity(-Math.log10(p), budget)).toBeCloseTo(risk, 10);
  });

  it('keeps the order of the rarities', () => {
    const rarity = fc.double({ min: 0, max: 30, noNaN: true });
    fc.assert(
      fc.property(rarity, rarity, (a, b) => {
        if (a < b) expect(riskOfRarity(a, budget)).toBeLessThanOrEqual(riskOfRarity(b, budget));
      }),
    );
  });
});

describe('calibration', () => {
  it('follows the definition of p, closely in the tail', () => {
    const sorted = [...heldOut].sort((a, b) => b - a);
    for (const rank of [2, 10, 100, 200, 2_000, 10_000]) {
      const score = sorted[rank - 1] ?? 0;
      expect(calibration.rarity(score)).toBeCloseTo(rarityByDefinition(score), rank <= 100 ? 6 : 1);
    }
  });

  it('lets one in a hundred of fresh scores be reviewed and one in a thousand blocked', () => {
    const fresh = Array.from({ length: 50_000 }, () =>
      riskOfRarity(calibration.rarity(0.42 + 0.05 * normal(random))),
    );
    expect(fresh.filter((risk) => risk >= 0.5).length / fresh.length).toBeCloseTo(0.01, 2);
    expect(fresh.filter((risk) => risk >= 0.8).length / fresh.length).toBeLessThan(0.002);
  });

  it('never turns the order of two scores, beyond the largest held-out one too', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          expect(calibration.rarity(low)).toBeLessThanOrEqual(calibration.rarity(high));
        },
      ),
    );
    const largest = Math.max(...heldOut);
    expect(calibration.rarity(largest + 0.02)).toBeGreaterThan(calibration.rarity(largest + 0.01));
    expect(calibration.rarity(largest + 0.01)).toBeGreaterThan(calibration.rarity(largest));
  });

  it('is small, and the same after it was saved', () => {
    const json = JSON.stringify(calibration.toTable());
    expect(json.length).toBeLessThan(20_000);
    const again = Calibration.fromTable(JSON.parse(json) as ReturnType<Calibration['toTable']>);
    for (const score of [0.2, 0.42, 0.55, 0.7]) expect(again.rarity(score)).toBe(calibration.rarity(score));
  });

  it('works when all scores are one', () => {
    const flat = Calibration.fit(Array<number>(500).fill(0.4));
    expect(flat.rarity(0.3)).toBe(0);
    expect(flat.rarity(0.4)).toBe(0);
    expect(flat.rarity(0.5)).toBeGreaterThan(3);
  });

  it('refuses a table that does not ascend', () => {
    const table = calibration.toTable();
    expect(() => Calibration.fromTable({ ...table, scores: [...table.scores].reverse() })).toThrow(
      ModelFormatError,
    );
    expect(() => Calibration.fromTable({ ...table, scores: [], rarities: [] })).toThrow(ModelFormatError);
  });
});
