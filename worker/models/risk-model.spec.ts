import { FeatureReplay, type ReplayedTransaction } from '../features/feature-replay';
import { type Features, toModelRow } from '../features/features';
import { ModelFormatError } from './anomaly-model';
import { baselineFeatures } from './baseline';
import { florinForest } from './isolation-forest';
import { mlIsolationForest } from './ml-isolation-forest-model';
import { RiskModel } from './risk-model';

const model = RiskModel.fit(florinForest, baselineFeatures(1).map(toModelRow), 1);
const risk = (features: Features): number => model.assess(features).risk_score;

const WEDNESDAY_US = Date.UTC(2026, 2, 11) * 1000;
const HOUR_US = 3_600_000_000;

/** A customer with 5,000 on the account who sends a friend 40 at a time, four times a day in the last ten days. */
function transferOf(amount: number, hour: number, to = 2, before = 40): Features {
  const replay = new FeatureReplay();
  const at = WEDNESDAY_US + hour * HOUR_US;
  replay.open(1, at - 400 * 24 * HOUR_US, Math.max(500_000, amount * 101));
  const transfer = (dollars: number, effective_us: number, credit_account: number): ReplayedTransaction => ({
    transaction_id: effective_us,
    type: 'transfer',
    channel: 'mobile',
    currency: 'USD',
    amount_minor: dollars * 100,
    minor_per_major: 100,
    is_high_value: dollars > 10_000,
    debit_account: 1,
    credit_account,
    merchant_id: null,
    mcc: null,
    merchant_country: null,
    effective_us,
    posted_us: effective_us,
    person_since_us: null,
    logins: null,
  });
  for (let ago = before; ago > 0; ago -= 1) {
    const friend = 2 + (ago % 3);
    const noon = WEDNESDAY_US - Math.ceil(ago / 4) * 24 * HOUR_US + (8 + 3 * (ago % 4)) * HOUR_US;
    replay.observe(transfer(30 + ((ago * 7) % 20), noon, friend));
  }
  return replay.featuresOf(transfer(amount, at, to));
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

  it('finds a huge transfer of all there is at three in the morning suspicious and an ordinary one safe', () => {
    expect(risk(transferOf(35, 14))).toBeLessThan(0.2);
    expect(risk(transferOf(50_000, 3, 9))).toBeGreaterThan(0.55);
  });

  it('tells extremes apart that lie beyond all it has seen', () => {
    const risks = [100_000, 1_000_000, 10_000_000].map((amount) => risk(transferOf(amount, 3, 9)));
    expect(risks[1]).toBeGreaterThan((risks[0] ?? 1) + 0.0005);
    expect(risks[2]).toBeGreaterThan((risks[1] ?? 1) + 0.0005);
  });

  it('takes a missing value as neutral', () => {
    const opening = transferOf(50, 11, 2, 0);
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
    const other = Buffer.from(blob.toString('latin1').replace('hour_rarity', 'hour_of_moon'), 'latin1');
    expect(() => RiskModel.deserialise(florinForest, Buffer.from('broken'))).toThrow(ModelFormatError);
    expect(() => RiskModel.deserialise(florinForest, blob.subarray(0, 40))).toThrow(ModelFormatError);
    expect(() => RiskModel.deserialise(mlIsolationForest, blob)).toThrow(ModelFormatError);
    expect(() => RiskModel.deserialise(florinForest, other)).toThrow(ModelFormatError);
  });
});
