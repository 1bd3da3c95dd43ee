/**
 * What is known about one transaction when it is judged, by the names that are stored in features_used. null: missing, neither
 * odd nor ordinary. docs/fraud-model.md defines each with its unit.
 */
export interface Features {
  /** Major units of the transaction's currency. */
  amount: number;
  /** Natural logarithm of 1 + amount in units worth about one US dollar. */
  log_amount: number;
  /** 0 to 23, UTC, of effective_at. */
  hour_of_day: number;
  /** 1 Monday to 7 Sunday, UTC, of effective_at. */
  day_of_week: number;
  sender_transactions_1h: number | null;
  seconds_since_last: number | null;
  amount_over_30d_mean: number | null;
  /** Amount over the balance before; only money that leaves has one. */
  share_of_balance: number | null;
}

export type FeatureName = keyof Features;

/** What the sender's account did before, newest first up to HISTORY_ENTRIES entries of HISTORY_DAYS days. */
export interface Behaviour {
  transactions_1h: number;
  /** Milliseconds since 1970; null when there is none in the window. */
  last_at_ms: number | null;
  /** Major units; null when there is none in the window. */
  mean_amount: number | null;
}

export const HISTORY_DAYS = 30;
export const HISTORY_ENTRIES = 100;
const MAX_SHARE_OF_BALANCE = 10;

/** How many units buy about what one US dollar buys: coarse, so that amounts of all currencies lie on one scale. */
const UNITS_PER_DOLLAR: Readonly<Record<string, number>> = {
  USD: 1,
  EUR: 1,
  GBP: 1,
  INR: 50,
  JPY: 100,
  KWD: 0.3,
};

export interface Occasion {
  /** Major units, above zero. */
  amount: number;
  currency: string;
  /** Milliseconds since 1970. */
  effective_at_ms: number;
  /** Major units before the transaction, when money leaves the sender; otherwise null. */
  balance_before: number | null;
  /** null: no customer's account takes part. */
  behaviour: Behaviour | null;
}

/** Computes every feature. Pure: the history, the baseline and live scoring all come through here. */
export function computeFeatures(occasion: Occasion): Features {
  const { amount, behaviour, balance_before: balance } = occasion;
  const at = new Date(occasion.effective_at_ms);
  return {
    amount,
    log_amount: Math.log1p(amount / (UNITS_PER_DOLLAR[occasion.currency] ?? 1)),
    hour_of_day: at.getUTCHours(),
    day_of_week: at.getUTCDay() || 7,
    sender_transactions_1h: behaviour?.transactions_1h ?? null,
    seconds_since_last:
      behaviour?.last_at_ms == null
        ? null
        : Math.max(0, (occasion.effective_at_ms - behaviour.last_at_ms) / 1000),
    amount_over_30d_mean: behaviour?.mean_amount ? amount / behaviour.mean_amount : null,
    share_of_balance:
      balance !== null && balance > 0 ? Math.min(amount / balance, MAX_SHARE_OF_BALANCE) : null,
  };
}

/** The columns of the model, in order: a feature each, on a scale where steps mean the same everywhere. */
const MODEL_INPUTS: readonly { name: FeatureName; scale: (value: number) => number }[] = [
  { name: 'log_amount', scale: (value) => value },
  { name: 'hour_of_day', scale: (value) => value },
  { name: 'day_of_week', scale: (value) => value },
  { name: 'sender_transactions_1h', scale: Math.log1p },
  { name: 'seconds_since_last', scale: Math.log1p },
  { name: 'amount_over_30d_mean', scale: (value) => Math.log(Math.max(value, 1e-6)) },
  { name: 'share_of_balance', scale: (value) => value },
];

/** The list that a saved model must have been fitted on to be used. */
export const MODEL_FEATURES: readonly FeatureName[] = MODEL_INPUTS.map((input) => input.name);

/** The model's row: NaN where a feature is missing. */
export function toModelRow(features: Features): Float32Array {
  return Float32Array.from(MODEL_INPUTS, ({ name, scale }) => {
    const value = features[name];
    return value === null ? Number.NaN : scale(value);
  });
}

/** How many of the model's features are missing. */
export function countMissing(features: Features): number {
  return MODEL_FEATURES.filter((name) => features[name] === null).length;
}
