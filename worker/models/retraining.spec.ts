import { judgeShadow, reasonToTrain, type Situation } from './retraining';

const DAY_S = 86_400;
const CALM: Situation = {
  trained_on: 'history',
  learned_from: 5_000,
  confirmed_frauds: 40,
  trained_ago_s: 2 * DAY_S,
  transactions: 5_000,
  known_frauds: 25,
  measures: { transactions: 3_000, alert_rate: 0.011, psi: 0.05, drifted: [] },
  asked: null,
};
const because = (change: Partial<Situation>) => reasonToTrain({ ...CALM, ...change });

describe('a new version of the model is trained', () => {
  it('not while all is calm', () => {
    expect(because({})).toBeNull();
    expect(because({ measures: null })).toBeNull();
  });

  it('once a week', () => {
    expect(because({ trained_ago_s: 7 * DAY_S })).toBe('a week has passed');
  });

  it('when scores or features have drifted, once a day at most', () => {
    const measures = { ...CALM.measures, drifted: [{ name: 'log_amount', psi: 0.314 }] };
    expect(because({ measures: measures as never })).toBe('log_amount has drifted: PSI 0.31, limit 0.2');
    expect(because({ measures: measures as never, trained_ago_s: DAY_S - 1 })).toBeNull();
    expect(because({ measures: { ...measures, transactions: 499 } as never })).toBeNull();
  });

  it('when the alert rate is off its budget by more than half', () => {
    const at = (alert_rate: number) => because({ measures: { ...CALM.measures, alert_rate } as never });
    expect(at(0.014)).toBeNull();
    expect(at(0.02)).toBe('the alert rate is 2.00 %, the budget 1.00 %');
    expect(at(0.004)).toBe('the alert rate is 0.40 %, the budget 1.00 %');
  });

  it('when analysts have confirmed enough frauds to learn from', () => {
    expect(because({ confirmed_frauds: 0 })).toBe('25 confirmed frauds are known');
    expect(because({ confirmed_frauds: 0, known_frauds: 24 })).toBeNull();
  });

  it('when a young bank has grown, at once', () => {
    expect(because({ trained_on: 'baseline', learned_from: 0, transactions: 999 })).toBeNull();
    expect(because({ trained_on: 'baseline', learned_from: 0, transactions: 1_000, trained_ago_s: 5 })).toBe(
      'the bank has a history now',
    );
    expect(because({ learned_from: 1_000, transactions: 4_999, trained_ago_s: 5 })).toBeNull();
    expect(because({ learned_from: 1_000, trained_ago_s: 5 })).toBe(
      'the history has grown to 5000 transactions',
    );
  });

  it('when somebody asked for it', () => {
    expect(because({ asked: 'many labels', trained_ago_s: 5 })).toBe('asked for: many labels');
  });
});

describe('a version in shadow', () => {
  const OPTIONS = { transactions: 2_000, time_s: 3 * DAY_S };
  const decide = (transactions: number, alerts: number, age_s = 3_600) =>
    judgeShadow({ transactions, alerts, age_s }, OPTIONS);

  it('waits until it has shown enough, or long enough', () => {
    expect(decide(1_999, 20)).toEqual({ action: 'wait' });
    expect(decide(499, 5, 10 * DAY_S)).toEqual({ action: 'wait' });
    expect(decide(500, 5, 3 * DAY_S).action).toBe('activate');
  });

  it('takes over within the budget of alerts', () => {
    expect(decide(2_000, 24)).toEqual({
      action: 'activate',
      reason: 'alert rate 1.20 % in 2000 transactions, budget 1.00 %',
      alert_rate: 0.012,
    });
  });

  it('is refused with too many alerts, or too few', () => {
    expect(decide(2_000, 64)).toMatchObject({
      action: 'refuse',
      reason: 'alert rate 3.20 % in 2000 transactions, budget 1.00 %: off by more than half',
    });
    expect(decide(2_000, 2).action).toBe('refuse');
  });
});
