import type { Condition, Operator } from './rule-condition';
import type { LiveRule, RuleAction } from './rule-set';
import type { FactName } from './facts';

/** A rule that every bank starts with. docs/fraud-model.md says what each reads as. */
export interface SeededRule {
  name: string;
  condition: Condition;
  floor: number;
  action: RuleAction;
  reason_template: string;
  /** Why the bank has it. */
  reason: string;
}

const is = (fact: FactName, op: Operator, value: number | boolean | string): Condition => ({
  fact,
  op,
  value,
});

/**
 * The worth matters because the currencies' thresholds are ten thousand units each, as the bank is delivered, and ten thousand
 * rupees are an ordinary rent.
 */
const HIGH_VALUE: Condition[] = [is('is_high_value', 'eq', true), is('amount_usd', 'gte', 5_000)];

const MONEY_AND_NAMES: SeededRule[] = [
  {
    name: 'blacklist',
    condition: is('is_blacklisted', 'eq', true),
    floor: 0.95,
    action: 'block',
    reason_template: '{blacklist_subject} is on the block-list',
    reason: 'The bank decided to have no dealings with what is on the block-list',
  },
  {
    name: 'sanctions_name',
    condition: is('sanctions_match', 'gte', 0.9),
    floor: 0.7,
    action: 'hold',
    reason_template: 'A name is {sanctions_match} similar to {sanctions_name}',
    reason: 'Money must not reach people and organisations under sanctions before somebody looked',
  },
  {
    name: 'high_value',
    condition: { all: HIGH_VALUE },
    floor: 0.55,
    action: 'score',
    reason_template: 'An amount of {amount} {currency}, above the threshold for high values',
    reason: 'Amounts over 10,000 are looked at',
  },
  {
    name: 'unusual_high_value_at_night',
    // An account without a history has a mean of nothing, which any high value is far above: so not below, in place of above.
    condition: {
      all: [...HIGH_VALUE, is('hour_of_day', 'lte', 5), { not: is('amount_over_30d_mean', 'lt', 10) }],
    },
    floor: 0.85,
    action: 'score',
    reason_template:
      'A high value of {amount} {currency} in hour {hour_of_day} of the night (UTC), far above what is usual',
    reason: 'Accounts are emptied while their owners sleep',
  },
];

const PACE: SeededRule[] = [
  {
    name: 'velocity',
    condition: is('sender_transactions_10m', 'gt', 5),
    floor: 0.6,
    action: 'score',
    reason_template:
      '{sender_transactions_10m} transactions in the 10 minutes before, limit {limit:sender_transactions_10m}',
    reason: 'Stolen credentials are used up fast',
  },
  {
    name: 'velocity_hour',
    condition: is('sender_transactions_1h', 'gte', 10),
    floor: 0.6,
    action: 'score',
    reason_template:
      '{sender_transactions_1h} transactions in the hour before, limit {limit:sender_transactions_1h}',
    reason: 'Who knows the limit of ten minutes stays just below it',
  },
  {
    name: 'structuring',
    condition: {
      all: [
        is('type', 'eq', 'deposit'),
        is('amount_usd', 'gte', 8_000),
        is('amount_usd', 'lte', 10_000),
        is('cash_deposits_near_limit_7d', 'gte', 3),
      ],
    },
    floor: 0.75,
    action: 'score',
    reason_template:
      '{cash_deposits_near_limit_7d} cash deposits just below 10,000 US dollars within 7 days, limit {limit:cash_deposits_near_limit_7d}',
    reason: 'Cash is split to stay below the amount that must be reported',
  },
  {
    name: 'dormant_then_large',
    condition: {
      all: [
        is('days_dormant', 'gte', 90),
        {
          any: [
            is('amount_usd', 'gte', 5_000),
            { all: [is('amount_usd', 'gte', 1_000), is('share_of_balance', 'gte', 0.5)] },
          ],
        },
      ],
    },
    floor: 0.65,
    action: 'score',
    reason_template: 'An amount of {amount} {currency} after {days_dormant} days without a movement',
    reason: 'Sleeping accounts are taken over because nobody looks at them',
  },
];

const FLOWS: SeededRule[] = [
  {
    name: 'pass_through',
    condition: { all: [is('amount_usd', 'gte', 500), is('pass_through_24h', 'gte', 0.9)] },
    floor: 0.7,
    action: 'score',
    reason_template: '{pass_through_24h} of the money that came in within 24 hours goes out again',
    reason: 'Mules pass on what they get',
  },
  {
    name: 'fan_in',
    condition: is('senders_24h', 'gte', 10),
    floor: 0.65,
    action: 'score',
    reason_template: '{senders_24h} payers into one account in 24 hours, limit {limit:senders_24h}',
    reason: 'Collecting accounts gather from many victims',
  },
  {
    name: 'fan_out',
    condition: { all: [is('type', 'eq', 'transfer'), is('counterparties_24h', 'gte', 10)] },
    floor: 0.65,
    action: 'score',
    reason_template: '{counterparties_24h} counterparties in 24 hours, limit {limit:counterparties_24h}',
    reason: 'Money is scattered to hide where it went',
  },
  {
    name: 'round_thousands',
    condition: { all: [is('amount_usd', 'gte', 1_000), is('round_thousands_7d', 'gte', 3)] },
    floor: 0.5,
    action: 'score',
    reason_template:
      '{round_thousands_7d} amounts of whole thousands within 7 days, limit {limit:round_thousands_7d}',
    reason: 'Invented business has round prices',
  },
  {
    name: 'new_device_new_payee_large',
    condition: {
      all: [
        is('is_new_device', 'eq', true),
        is('is_new_counterparty', 'eq', true),
        is('amount_usd', 'gte', 1_000),
        { not: is('amount_over_30d_mean', 'lt', 3) },
      ],
    },
    floor: 0.82,
    action: 'score',
    reason_template: 'A new device sends {amount} {currency} to a new counterparty',
    reason: 'So an account looks that was just taken over',
  },
];

export const SEEDED_RULES: readonly SeededRule[] = [...MONEY_AND_NAMES, ...PACE, ...FLOWS];

/** What a worker judges by as long as it could not read the rules of the database. */
export const BUILT_IN_RULES: readonly LiveRule[] = SEEDED_RULES.map((rule) => ({
  rule_id: null,
  name: rule.name,
  version: 1,
  is_shadow: false,
  condition: rule.condition,
  floor: rule.floor,
  action: rule.action,
  reason_template: rule.reason_template,
}));
