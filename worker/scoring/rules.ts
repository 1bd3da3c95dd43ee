import type { ScorableTransaction } from '../features/feature-reader';

/** A plain rule: a transaction that meets it has at least this risk, whatever the model says. */
export interface Rule {
  name: string;
  floor: number;
  applies(transaction: ScorableTransaction): boolean;
}

/** Stored with every verdict that a rule had a part in. Goes up when a rule, a floor or a limit changes. */
export const RULES_REVISION = 2;

/** Transactions of one sender in the hour before the one that is judged. */
const VELOCITY_LIMIT = 10;
/** The last hour of the night, UTC: from 00:00 to 05:59. */
const NIGHT_UNTIL_HOUR = 5;
/** How many times the account's own mean is far above it. */
const FAR_ABOVE_MEAN = 10;

/**
 * What a high value is worth at least, in units worth about one US dollar. The thresholds of the currencies are all ten thousand
 * units: in rupees that flags every rent.
 */
const HIGH_VALUE_WORTH = 5_000;

function isOfHighValue({ is_high_value, features }: ScorableTransaction): boolean {
  return is_high_value && features.log_amount >= Math.log1p(HIGH_VALUE_WORTH);
}

/** docs/fraud-model.md lists the same. */
export const RULES: readonly Rule[] = [
  { name: 'high_value', floor: 0.55, applies: isOfHighValue },
  {
    name: 'velocity',
    floor: 0.6,
    applies: ({ features }) => (features.sender_transactions_1h ?? 0) >= VELOCITY_LIMIT,
  },
  {
    name: 'unusual_high_value_at_night',
    floor: 0.85,
    // An account without a history has a mean of nothing, which any high value is far above.
    applies: (transaction) =>
      isOfHighValue(transaction) &&
      transaction.features.hour_of_day <= NIGHT_UNTIL_HOUR &&
      (transaction.features.amount_over_30d_mean ?? Infinity) >= FAR_ABOVE_MEAN,
  },
];

/** The highest floor among the rules that apply, 0 when none does, and their names. */
export function judgeByRules(transaction: ScorableTransaction): { floor: number; rules: string[] } {
  const met = RULES.filter((rule) => rule.applies(transaction));
  return {
    floor: met.reduce((highest, rule) => Math.max(highest, rule.floor), 0),
    rules: met.map((rule) => rule.name),
  };
}
