import { type FactValue, FACTS, isFactName } from './facts';

/** What a verdict rests on, by name: facts, and what is noted beside them (the model's risk before rules, the shadow model's, …). */
export type FeatureValues = Readonly<Record<string, FactValue | undefined>>;

/** Behind the places stands what a record has beside them, as JSON by name. */
const SEPARATOR = '|';

/**
 * The names of a record's values, by the form that its first value tells. A list is never changed once records were written by it:
 * what it lacks is written by name, until a new form has a place for it.
 */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  '1': [
    ...['type', 'channel', 'currency', 'mcc', 'merchant_country', 'amount', 'amount_usd', 'log_amount'],
    ...['hour_of_day', 'day_of_week', 'is_high_value', 'amount_over_30d_mean', 'amount_robust_z'],
    ...['share_of_balance', 'drains_account', 'sender_transactions_10m', 'sender_transactions_1h'],
    ...[
      'sender_transactions_24h',
      'sender_transactions_7d',
      'sender_amount_usd_1h',
      'sender_amount_usd_24h',
      'sender_amount_usd_7d',
    ],
    ...['count_24h_over_30d', 'amount_24h_over_30d', 'seconds_since_last', 'hour_rarity', 'weekday_rarity'],
    ...['is_new_counterparty', 'counterparties_24h', 'senders_24h', 'counterparty_fraud_rate'],
    ...['account_age_days', 'days_dormant', 'pass_through_24h', 'channel_rarity', 'mcc_rarity'],
    ...['is_country_change', 'is_new_device', 'is_new_address', 'failed_logins_24h'],
    ...['cash_deposits_near_limit_7d', 'round_thousands_7d', 'missing', 'is_blacklisted', 'sanctions_match'],
    ...['model_risk', 'shadow_version', 'shadow_risk'],
  ],
};
const NEWEST_FORM = '1';
const NEWEST_NAMES = FORMS[NEWEST_FORM] ?? [];
const HAS_PLACE: ReadonlySet<string> = new Set(NEWEST_NAMES);

/** Below this, decimals are counted from the first that is not zero. */
const SMALL = 0.1;

/**
 * The values in about a hundred characters, for the verdicts that hardly anybody looks at: the form, then each value at its place,
 * empty where it is missing, truths as 1 and 0.
 */
export function packFeatures(values: FeatureValues): string {
  let record = NEWEST_FORM;
  for (const name of NEWEST_NAMES) record += SEPARATOR + pack(values[name]);
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (HAS_PLACE.has(name) || value === undefined) continue;
    record += `${SEPARATOR}${name}=${JSON.stringify(shortened(value)).replaceAll(SEPARATOR, '\\u007c')}`;
  }
  return record;
}

/** The values with their names, missing ones as null: for the verdicts that people look at, also in SQL. */
export function spellFeatures(values: FeatureValues): string {
  const named = Object.keys(values)
    .filter((name) => values[name] !== undefined)
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(shortened(values[name]))}`);
  return `{${named.join()}}`;
}

/**
 * What is stored in features_used, whichever way and however long ago it was written. Facts that had no place yet are absent.
 * @throws Error when it is no such record
 */
export function readFeatures(column: unknown): Record<string, FactValue> {
  if (typeof column !== 'string') return (column ?? {}) as Record<string, FactValue>;
  if (column.startsWith('{')) return JSON.parse(column) as Record<string, FactValue>;
  const [form = '', ...values] = column.split(SEPARATOR);
  const names = FORMS[form];
  if (!names) throw new Error(`features of the form ${form.slice(0, 8)} are not known`);
  const features: Record<string, FactValue> = {};
  names.forEach((name, place) => {
    const value = unpack(name, values[place] ?? '');
    if (value !== null || isFactName(name)) features[name] = value;
  });
  for (const named of values.slice(names.length)) {
    const end = named.indexOf('=');
    features[named.slice(0, end)] = JSON.parse(named.slice(end + 1)) as FactValue;
  }
  return features;
}

/** Four decimals, or four digits of what is small: cents stay exact, and no row is longer for digits that say nothing. */
export function shortened<T>(value: T): T | number {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Math.abs(value) >= SMALL ? Math.round(value * 10_000) / 10_000 : Number(value.toPrecision(4));
}

function pack(value: FactValue | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(shortened(value));
  if (typeof value === 'boolean') return value ? '1' : '0';
  return value.replaceAll('%', '%25').replaceAll(SEPARATOR, '%7C');
}

function unpack(name: string, packed: string): FactValue {
  if (packed === '') return null;
  const kind = isFactName(name) ? FACTS[name].kind : 'number';
  if (kind === 'boolean') return packed === '1';
  return kind === 'number' ? Number(packed) : packed.replaceAll('%7C', SEPARATOR).replaceAll('%25', '%');
}
