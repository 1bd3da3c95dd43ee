import { FACT_NAMES, FACTS, type FactValue } from './facts';
import { packFeatures, readFeatures, shortened, spellFeatures } from './feature-record';
import { verdictsAsJson } from './verdict-record';

const samples: Record<string, FactValue> = { number: 12.34, boolean: true, text: 'a' };
const everyFact = Object.fromEntries(FACT_NAMES.map((name) => [name, samples[FACTS[name].kind] ?? null]));

describe('features of a verdict', () => {
  it.each([
    ['in short', packFeatures],
    ['spelt out', spellFeatures],
  ])('come back as they were, %s', (_, write) => {
    const values = {
      ...everyFact,
      drains_account: false,
      channel: 'a|b%7C=',
      amount: 0,
      seconds_since_last: null,
    };
    const noted = {
      model_risk: 0.25,
      not_judged: 'no account | of a "customer"',
      shadow_version: 3,
      extra: null,
    };
    expect(readFeatures(write({ ...values, ...noted }))).toEqual({ ...values, ...noted });
  });

  it('in short have each fact as null that is missing, and nothing else', () => {
    const read = readFeatures(packFeatures({}));
    expect(read).toMatchObject({ type: null, amount: null, missing: null });
    expect(Object.keys(read).every((name) => name in FACTS)).toBe(true);
  });

  it('are read as earlier versions wrote them', () => {
    expect(readFeatures('{"type":"transfer","is_high_value":false,"amount_robust_z":null}')).toEqual({
      type: 'transfer',
      is_high_value: false,
      amount_robust_z: null,
    });
    // Written by the first form: its places stay what they are, whatever facts come later.
    const first =
      '1|payment|card|USD|5411|FR|9.99|9.99|2.397|19|6|0|1.5||0.0016|0||3|12|13|5|6|7|||90.5|0|0.25|1|4|';
    expect(readFeatures(`${first}|0.001|2.5|0.1||||0||1|2|0|0|6|0|||3|0.5`)).toMatchObject({
      ...{ type: 'payment', mcc: '5411', merchant_country: 'FR', amount: 9.99, is_high_value: false },
      ...{
        amount_robust_z: null,
        sender_transactions_1h: 3,
        sender_amount_usd_7d: 7,
        seconds_since_last: 90.5,
      },
      ...{
        is_new_counterparty: true,
        counterparties_24h: 4,
        senders_24h: null,
        counterparty_fraud_rate: 0.001,
      },
      ...{ is_country_change: false, is_new_device: null, is_new_address: true, failed_logins_24h: 2 },
      ...{ missing: 6, is_blacklisted: false, sanctions_match: null, shadow_version: 3, shadow_risk: 0.5 },
    });
    expect(() => readFeatures('99|transfer')).toThrow('99');
    expect(readFeatures(null)).toEqual({});
  });

  it('keep cents of large amounts and four digits of small numbers', () => {
    expect([1_234_567.89, 9_999.996, 1.23456, 0.123456, 0.000123456, -0.00123456, 3].map(shortened)).toEqual([
      1_234_567.89, 9_999.996, 1.2346, 0.1235, 0.0001235, -0.001235, 3,
    ]);
    expect(shortened('1.23456')).toBe('1.23456');
  });

  it('are spelt out for what is flagged, and take no more than they must otherwise', () => {
    const verdict = {
      transaction_id: '7',
      model_version: 2,
      features: { type: 'transfer' },
      rules: [],
      reasons: [],
    };
    const [safe, flagged] = JSON.parse(
      verdictsAsJson([
        { ...verdict, risk_score: 0.4999 },
        { ...verdict, risk_score: 0.5, rules: [{ rule: 'velocity', version: 1 }] },
      ]),
    );
    expect(safe).toEqual(['7', 2, 0.4999, null, null, 0, packFeatures({ type: 'transfer' })]);
    expect(flagged).toEqual([
      '7',
      2,
      0.5,
      null,
      null,
      0,
      '{"type":"transfer"}',
      [{ rule: 'velocity', version: 1 }],
    ]);
  });
});
