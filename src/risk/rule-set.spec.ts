import { sayFact, sayValue, type FactValues } from './facts';
import { sayRule, templateProblems } from './rule-reason';
import { judgeByRules, type LiveRule } from './rule-set';
import { BUILT_IN_RULES, SEEDED_RULES } from './seeded-rules';

/** Sets of facts that meet each seeded rule at its limit, and one that stays just outside. */
const NIGHT = { amount: 15_000, amount_usd: 15_000, currency: 'USD', is_high_value: 1, hour_of_day: 3 };
const CASES: [string, FactValues, string[]][] = [
  ['an ordinary payment', { type: 'payment', amount_usd: 50, is_high_value: 0, hour_of_day: 3 }, []],
  ['what is on the block-list', { is_blacklisted: true }, ['blacklist']],
  ['a name at the limit', { sanctions_match: 0.9 }, ['sanctions_name']],
  ['a name below it', { sanctions_match: 0.899 }, []],
  ['a high value by day', { ...NIGHT, hour_of_day: 14 }, ['high_value']],
  ['a rent in rupees', { ...NIGHT, amount: 34_000, amount_usd: 680, currency: 'INR' }, []],
  [
    'a high value at night',
    { ...NIGHT, amount_over_30d_mean: 10 },
    ['high_value', 'unusual_high_value_at_night'],
  ],
  ['a high value at night without a history', NIGHT, ['high_value', 'unusual_high_value_at_night']],
  ['a usual high value at night', { ...NIGHT, amount_over_30d_mean: 9.9 }, ['high_value']],
  ['six in ten minutes', { sender_transactions_10m: 6 }, ['velocity']],
  ['five in ten minutes', { sender_transactions_10m: 5 }, []],
  ['ten in the hour', { sender_transactions_1h: 10 }, ['velocity_hour']],
  ['nine in the hour', { sender_transactions_1h: 9 }, []],
  [
    'the third near the limit',
    { type: 'deposit', amount_usd: 9_500, cash_deposits_near_limit_7d: 3 },
    ['structuring'],
  ],
  ['a coffee after three', { type: 'payment', amount_usd: 3, cash_deposits_near_limit_7d: 3 }, []],
  ['waking up large', { days_dormant: 90, amount_usd: 5_000 }, ['dormant_then_large']],
  [
    'waking up and emptied',
    { days_dormant: 90, amount_usd: 1_000, share_of_balance: 0.5 },
    ['dormant_then_large'],
  ],
  ['waking up small', { days_dormant: 400, amount_usd: 900, share_of_balance: 1 }, []],
  ['passing through', { amount_usd: 500, pass_through_24h: 0.9 }, ['pass_through']],
  ['ten payers', { senders_24h: 10 }, ['fan_in']],
  ['ten payees', { type: 'transfer', counterparties_24h: 10 }, ['fan_out']],
  ['ten shops', { type: 'payment', counterparties_24h: 10 }, []],
  ['three round thousands', { amount_usd: 2_000, round_thousands_7d: 3 }, ['round_thousands']],
  [
    'taken over',
    { is_new_device: 1, is_new_counterparty: 1, amount_usd: 1_000 },
    ['new_device_new_payee_large'],
  ],
  [
    'a usual amount from a new telephone',
    { is_new_device: 1, is_new_counterparty: 1, amount_usd: 1_000, amount_over_30d_mean: 2 },
    [],
  ],
];

describe('the seeded rules', () => {
  it.each(CASES)('%s', (_name, facts, names) => {
    const { floor, rules, reasons } = judgeByRules(BUILT_IN_RULES, facts);
    expect(rules.map((rule) => rule.rule)).toEqual(names);
    expect(reasons.map((reason) => reason.name)).toEqual(names);
    const floors = SEEDED_RULES.filter((rule) => names.includes(rule.name)).map((rule) => rule.floor);
    expect(floor).toBe(Math.max(0, ...floors));
  });

  it('have templates that speak of what they ask', () => {
    for (const { reason_template, condition } of SEEDED_RULES)
      expect(templateProblems(reason_template, condition)).toEqual([]);
    expect(SEEDED_RULES.every((rule) => CASES.some(([, , names]) => names.includes(rule.name)))).toBe(true);
  });
});

describe('a judgement by rules', () => {
  const velocity = BUILT_IN_RULES.find((rule) => rule.name === 'velocity') as LiveRule;
  const block: LiveRule = { ...velocity, name: 'blocked', version: 4, floor: 0.95, action: 'block' };
  const facts = { sender_transactions_10m: 6 };

  it('records a rule in shadow and gives it no floor', () => {
    expect(judgeByRules([{ ...velocity, is_shadow: true }], facts)).toEqual({
      floor: 0,
      rules: [{ rule: 'velocity', version: 1, shadow: true }],
      reasons: [],
    });
  });

  it('records what was allowed, and allows no block', () => {
    expect(judgeByRules([velocity, block], facts, {}, () => '77')).toEqual({
      floor: 0.95,
      rules: [
        { rule: 'velocity', version: 1, suppressed_by: '77' },
        { rule: 'blocked', version: 4, action: 'block' },
      ],
      reasons: [{ kind: 'rule', name: 'blocked', text: '6 transactions in the 10 minutes before, limit 5' }],
    });
  });
});

describe('reasons', () => {
  const condition = BUILT_IN_RULES.find((rule) => rule.name === 'velocity')?.condition ?? { all: [] };

  it('say facts with their numbers', () => {
    expect(sayFact('amount_over_30d_mean', 3.41)).toBe('3.41 times the 30-day mean');
    expect(sayFact('share_of_balance', 0.954)).toBe('95.4 % of the balance');
    expect(sayFact('amount_usd', 1_234_567.8)).toBe('worth about 1,234,568 US dollars');
    expect(sayFact('is_new_device', 1)).toBe('a new device');
    expect(sayFact('mcc', null)).toBe('mcc is unknown');
    expect(sayValue('type', 'transfer')).toBe('transfer');
  });

  it('come from the condition where a rule has no template', () => {
    expect(sayRule(null, condition, { sender_transactions_10m: 6 })).toBe(
      '6 transactions in the 10 minutes before',
    );
    expect(sayRule(null, { not: condition }, {})).toBe('the condition is met by what is missing');
  });

  it('name the details that a fact cannot hold', () => {
    expect(sayRule('like {sanctions_name}', condition, {}, { sanctions_name: 'Ivan Grozny' })).toBe(
      'like Ivan Grozny',
    );
    expect(sayRule('{blacklist_subject}', condition, {})).toBe('unknown');
  });

  it.each([
    ['{x} and more', ["{x} at character 1: there is no fact 'x'"]],
    ['a {limit:mcc}', ["{limit:mcc} at character 3: the condition compares 'mcc' with no number"]],
    ['open {', ['the brace at character 6 has no other half']],
    ['{amount} of {limit:sender_transactions_10m}', []],
  ])('%s is checked', (template, problems) => {
    expect(templateProblems(template, condition)).toEqual(problems);
  });
});
