import { unitsPerDollar } from '../../src/money/worth';
import type { History } from './account-profile';
import {
  amountStanding,
  type AmountStanding,
  type Company,
  companyOf,
  DAY_US,
  distinctOfDay,
  type Habits,
  habitsOf,
  hourOf,
  type Pace,
  paceOf,
  type Schemes,
  schemesOf,
  weekdayOf,
} from './behaviour';
import { type Experience, fraudRate } from './fraud-experience';
import { type Judged, Recollection } from './recollection';

/**
 * What is known about one transaction when it is judged, by the names that are stored in features_used and that rules ask for.
 * null: missing, neither odd nor ordinary. src/risk/facts.ts and docs/fraud-model.md define each with its unit.
 */
export interface Features {
  type: string;
  channel: string | null;
  currency: string;
  mcc: string | null;
  merchant_country: string | null;
  /** Major units of the transaction's currency. */
  amount: number;
  amount_usd: number;
  log_amount: number;
  /** 0 to 23, UTC, of effective_at. */
  hour_of_day: number;
  /** 1 Monday to 7 Sunday, UTC, of effective_at. */
  day_of_week: number;
  is_high_value: boolean;
  amount_over_30d_mean: number | null;
  amount_robust_z: number | null;
  share_of_balance: number | null;
  drains_account: boolean | null;
  sender_transactions_10m: number | null;
  sender_transactions_1h: number | null;
  sender_transactions_24h: number | null;
  sender_transactions_7d: number | null;
  sender_amount_usd_1h: number | null;
  sender_amount_usd_24h: number | null;
  sender_amount_usd_7d: number | null;
  count_24h_over_30d: number | null;
  amount_24h_over_30d: number | null;
  seconds_since_last: number | null;
  hour_rarity: number | null;
  weekday_rarity: number | null;
  is_new_counterparty: boolean | null;
  counterparties_24h: number | null;
  senders_24h: number | null;
  counterparty_fraud_rate: number | null;
  account_age_days: number | null;
  days_dormant: number | null;
  pass_through_24h: number | null;
  channel_rarity: number | null;
  mcc_rarity: number | null;
  is_country_change: boolean | null;
  is_new_device: boolean | null;
  is_new_address: boolean | null;
  failed_logins_24h: number | null;
  cash_deposits_near_limit_7d: number | null;
  round_thousands_7d: number | null;
}

export { unitsPerDollar };

export type FeatureName = keyof Features;

const MAX_SHARE_OF_BALANCE = 10;
/** Who sends this share of what is there leaves next to nothing. */
const DRAINING_SHARE = 0.95;

/** The customer's account whose behaviour is judged. */
export interface SenderView {
  judged: Judged;
  history: History;
  /** Minor units right before the transaction. */
  balance_before_minor: number;
  /** Microseconds since 1970. */
  opened_us: number;
}

/** The other customer's account, which a transfer credits. */
export interface ReceiverView {
  judged: Judged;
  history: History;
}

/** What the logins of the person say who asked for the transaction. */
export interface LoginView {
  is_new_device: boolean | null;
  is_new_address: boolean | null;
  failed_logins_24h: number;
}

export interface Occasion {
  type: string;
  channel: string | null;
  currency: string;
  mcc: string | null;
  merchant_country: string | null;
  /** Minor units, above zero. */
  amount_minor: number;
  minor_per_major: number;
  is_high_value: boolean;
  /** Microseconds since 1970. */
  effective_us: number;
  /** null: no customer's account takes part. */
  sender: SenderView | null;
  receiver: ReceiverView | null;
  /** null: no counterparty, or nobody has confirmed a fraud yet. */
  experience: Experience | null;
  /** null: the account's owner did not ask for it over the API. */
  logins: LoginView | null;
}

const ofSender = new Recollection();
const ofReceiver = new Recollection();

/** The parts that describe the sender; nothing of them is known when there is none. */
type OfSender = { [name in keyof (Pace & AmountStanding & Habits & Company & Schemes)]: Features[name] };

const NO_SENDER: OfSender = {
  amount_over_30d_mean: null,
  amount_robust_z: null,
  sender_transactions_10m: null,
  sender_transactions_1h: null,
  sender_transactions_24h: null,
  sender_transactions_7d: null,
  sender_amount_usd_1h: null,
  sender_amount_usd_24h: null,
  sender_amount_usd_7d: null,
  count_24h_over_30d: null,
  amount_24h_over_30d: null,
  seconds_since_last: null,
  hour_rarity: null,
  weekday_rarity: null,
  is_new_counterparty: null,
  counterparties_24h: null,
  days_dormant: null,
  pass_through_24h: null,
  channel_rarity: null,
  mcc_rarity: null,
  is_country_change: null,
  cash_deposits_near_limit_7d: null,
  round_thousands_7d: null,
};

/**
 * Computes every feature, as of the moment before the transaction itself counts. Pure: live scoring, training, the baseline and
 * the simulator all come through here. Field by field, as spreading objects takes longer than computing what is in them.
 */
export function computeFeatures(occasion: Occasion): Features {
  const { sender, logins } = occasion;
  const amount = occasion.amount_minor / occasion.minor_per_major;
  const amount_usd = amount / unitsPerDollar(occasion.currency);
  const judged = sender?.judged ?? null;
  const past = sender && ofSender.recall(sender.history, sender.judged);
  const pace = past && judged ? paceOf(past, judged) : NO_SENDER;
  const standing = past && judged ? amountStanding(past, judged) : NO_SENDER;
  const habits = past && judged ? habitsOf(past, judged) : NO_SENDER;
  const company = past && judged ? companyOf(past, judged) : NO_SENDER;
  const schemes = past && judged ? schemesOf(past, judged) : NO_SENDER;
  const share = sender ? shareOf(sender) : null;
  return {
    type: occasion.type,
    channel: occasion.channel,
    currency: occasion.currency,
    mcc: occasion.mcc,
    merchant_country: occasion.merchant_country,
    amount,
    amount_usd,
    log_amount: Math.log1p(amount_usd),
    hour_of_day: hourOf(occasion.effective_us),
    day_of_week: 1 + weekdayOf(occasion.effective_us),
    is_high_value: occasion.is_high_value,
    amount_over_30d_mean: standing.amount_over_30d_mean,
    amount_robust_z: standing.amount_robust_z,
    share_of_balance: share === null ? null : Math.min(share, MAX_SHARE_OF_BALANCE),
    drains_account: share === null ? null : share >= DRAINING_SHARE,
    sender_transactions_10m: pace.sender_transactions_10m,
    sender_transactions_1h: pace.sender_transactions_1h,
    sender_transactions_24h: pace.sender_transactions_24h,
    sender_transactions_7d: pace.sender_transactions_7d,
    sender_amount_usd_1h: pace.sender_amount_usd_1h,
    sender_amount_usd_24h: pace.sender_amount_usd_24h,
    sender_amount_usd_7d: pace.sender_amount_usd_7d,
    count_24h_over_30d: pace.count_24h_over_30d,
    amount_24h_over_30d: pace.amount_24h_over_30d,
    seconds_since_last: pace.seconds_since_last,
    hour_rarity: habits.hour_rarity,
    weekday_rarity: habits.weekday_rarity,
    is_new_counterparty: company.is_new_counterparty,
    counterparties_24h: company.counterparties_24h,
    senders_24h: sendersOf(occasion.receiver),
    counterparty_fraud_rate: occasion.experience ? fraudRate(occasion.experience) : null,
    account_age_days: sender ? ageOf(sender) : null,
    days_dormant: pace.days_dormant,
    pass_through_24h: schemes.pass_through_24h,
    channel_rarity: habits.channel_rarity,
    mcc_rarity: habits.mcc_rarity,
    is_country_change: habits.is_country_change,
    is_new_device: logins?.is_new_device ?? null,
    is_new_address: logins?.is_new_address ?? null,
    failed_logins_24h: logins?.failed_logins_24h ?? null,
    cash_deposits_near_limit_7d: schemes.cash_deposits_near_limit_7d,
    round_thousands_7d: schemes.round_thousands_7d,
  };
}

/** Of money that leaves an account on which there is some. */
function shareOf({ judged, balance_before_minor }: SenderView): number | null {
  return judged.amount_minor < 0 && balance_before_minor > 0
    ? -judged.amount_minor / balance_before_minor
    : null;
}

/** Loaded history happened before the account was opened here. */
function ageOf({ judged, opened_us }: SenderView): number | null {
  return judged.effective_us >= opened_us ? (judged.effective_us - opened_us) / DAY_US : null;
}

function sendersOf(receiver: ReceiverView | null): number | null {
  if (!receiver) return null;
  const { judged, history } = receiver;
  return distinctOfDay(ofReceiver.recall(history, judged), judged.counterparty);
}

type Scale = (value: number) => number;
const asIs: Scale = (value) => value;
const logarithm: Scale = (value) => Math.log(Math.max(value, 1e-6));
/** Like a logarithm on both sides of zero. */
const signedLogarithm: Scale = (value) => Math.asinh(value);
/**
 * Between a share and its logarithm: one fraud among fifty payments happens to any shop where a stolen card was used, seven among
 * fourteen do not.
 */
const shareOfFraud: Scale = (value) => Math.log1p(10 * value);

/** The columns of the model, in order: a feature each, on a scale where steps mean the same everywhere. */
const MODEL_INPUTS: readonly { name: FeatureName; scale: Scale }[] = [
  { name: 'log_amount', scale: asIs },
  { name: 'amount_over_30d_mean', scale: logarithm },
  { name: 'amount_robust_z', scale: signedLogarithm },
  { name: 'share_of_balance', scale: asIs },
  { name: 'drains_account', scale: asIs },
  { name: 'sender_transactions_1h', scale: Math.log1p },
  { name: 'sender_transactions_24h', scale: Math.log1p },
  { name: 'sender_transactions_7d', scale: Math.log1p },
  { name: 'sender_amount_usd_1h', scale: Math.log1p },
  { name: 'sender_amount_usd_24h', scale: Math.log1p },
  { name: 'sender_amount_usd_7d', scale: Math.log1p },
  { name: 'count_24h_over_30d', scale: Math.log1p },
  { name: 'amount_24h_over_30d', scale: Math.log1p },
  { name: 'seconds_since_last', scale: Math.log1p },
  { name: 'hour_rarity', scale: asIs },
  { name: 'weekday_rarity', scale: asIs },
  { name: 'is_new_counterparty', scale: asIs },
  { name: 'counterparties_24h', scale: Math.log1p },
  { name: 'senders_24h', scale: Math.log1p },
  { name: 'counterparty_fraud_rate', scale: shareOfFraud },
  { name: 'account_age_days', scale: Math.log1p },
  { name: 'days_dormant', scale: Math.log1p },
  { name: 'pass_through_24h', scale: asIs },
  { name: 'channel_rarity', scale: asIs },
  { name: 'mcc_rarity', scale: asIs },
  { name: 'is_country_change', scale: asIs },
  { name: 'is_new_device', scale: asIs },
  { name: 'is_new_address', scale: asIs },
  { name: 'failed_logins_24h', scale: Math.log1p },
  { name: 'cash_deposits_near_limit_7d', scale: Math.log1p },
  { name: 'round_thousands_7d', scale: Math.log1p },
];

/** The list that a saved model must have been fitted on to be used. */
export const MODEL_FEATURES: readonly FeatureName[] = MODEL_INPUTS.map((input) => input.name);

/** The model's row: NaN where a feature is missing, 0 and 1 for false and true. */
export function toModelRow(features: Features): Float32Array {
  const row = new Float32Array(MODEL_INPUTS.length);
  MODEL_INPUTS.forEach(({ name, scale }, column) => {
    const value = features[name];
    row[column] = value === null ? Number.NaN : scale(Number(value));
  });
  return row;
}

/** How many of the model's features are missing. */
export function countMissing(features: Features): number {
  return MODEL_FEATURES.filter((name) => features[name] === null).length;
}
