import { computeFeatures, type Features, toModelRow } from '../features/features';
import { ModelFormatError } from './anomaly-model';
import { baselineFeatures } from './baseline';
import { florinForest } from './isolation-forest';
import { mlIsolationForest } from './ml-isolation-forest-model';
import { RiskModel } from './risk-model';

const model = RiskModel.fit(florinForest, baselineFeatures(1).map(toModelRow), 1);
const risk = (features: Features): number => model.assess(features).risk_score;

const WEDNESDAY_MS = Date.UTC(2026, 2, 11);

/** A customer with 5,000 on the account who spends 40 at a time, the last time six hours ago. */
function transferOf(amount: number, hour: number): Features {
  const at = WEDNESDAY_MS + hour * 3_600_000;
  return computeFeatures({
    amount,
    currency: 'USD',
    effective_at_ms: at,
    balance_before: Math.max(5_000, amount * 1.1),
    behaviour: { transactions_1h: 0, last_at_ms: at - 6 * 3_600_000, mean_amount: 40 },
  });
}

describe('risk model on the baseline', () => {
  it('finds about one in a hundred of other ordinary transactions suspicious', () => {
    const risks = baselineFeatures(2).map(risk);
    const share = (bound: number): number => risks.filter((value) => value >= bound).length / risks.length;
    expect(risks.length).toBeGreaterThan(20_000);
    expect(share(0.5)).toBeGreaterThan(0.005);
    expect(share(0.5)).toBeLessThan(0.02);
    expect(share(0.8)).toBeLessThan(0.004);
  });

  it('finds a huge transfer at three in the morning critical and an ordinary one safe', () => {
    expect(risk(transferOf(35, 14))).toBeLessThan(0.2);
    expect(risk(transferOf(50_000, 3))).toBeGreaterThan(0.8);
  });

  it('tells extremes apart that lie beyond all it has seen', () => {
    const risks = [100_000, 1_000_000, 10_000_000].map((amount) => risk(transferOf(amount, 3)));
    expect(risks[1]).toBeGreaterThan((risks[0] ?? 1) + 0.0005);
    expect(risks[2]).toBeGreaterThan((risks[1] ?? 1) + 0.0005);
  });

  it('takes a missing value as neutral', () => {
    const opening = computeFeatures({
      amount: 500,
      currency: 'USD',
      effective_at_ms: WEDNESDAY_MS + 11 * 3_600_000,
      balance_before: null,
      behaviour: { transactions_1h: 0, last_at_ms: null, mean_amount: null },
    });
    expect(risk(opening)).toBeLessThan(0.3);
  });

  it('gives the same verdicts after it was saved and read', () => {
    const blob = model.serialise();
    const again = RiskModel.deserialise(florinForest, blob);
    expect(again.assess(transferOf(700, 2))).toEqual(model.assess(transferOf(700, 2)));
    expect(blob.length).toBeLessThan(2_000_000);
  });

  it('refuses other bytes, other kinds and other features', () => {
    const blob = model.serialise();
    const other = Buffer.from(blob.toString('latin1').replace('day_of_week', 'day_of_moon'), 'latin1');
    expect(() => RiskModel.deserialise(florinForest, Buffer.from('broken'))).toThrow(ModelFormatError);
    expect(() => RiskModel.deserialise(florinForest, blob.subarray(0, 40))).toThrow(ModelFormatError);
    expect(() => RiskModel.deserialise(mlIsolationForest, blob)).toThrow(ModelFormatError);
    expect(() => RiskModel.deserialise(florinForest, other)).toThrow(ModelFormatError);
  });
});
