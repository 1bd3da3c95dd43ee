/**
 * Everything a rule may ask about a transaction and a verdict keeps in features_used: one table for worker, API and documents.
 * docs/fraud-model.md explains how each is computed; null means missing.
 */
export type FactKind = 'number' | 'boolean' | 'text';
export type FactValue = number | boolean | string | null;

interface Fact {
  kind: FactKind;
  /** In words, for messages and documents. */
  unit: string;
  definition: string;
  /** How a reason says it: {} is the value, {%} in percent. Of a truth, what it says when true and when false. */
  words: string | readonly [string, string];
}

const number = (unit: string, definition: string, words: string): Fact => ({
  kind: 'number',
  unit,
  definition,
  words,
});
/** How rare something is among what the customer did in the 30 days before. */
const rarity = (definition: string, words: string): Fact =>
  number('0 as usual as it gets, to 1 never seen', definition, words);
const truth = (definition: string, yes: string, no: string): Fact => ({
  kind: 'boolean',
  unit: 'true or false',
  definition,
  words: [yes, no],
});
const text = (unit: string, definition: string, words: string): Fact => ({
  kind: 'text',
  unit,
  definition,
  words,
});

const table = {
  type: text('kind of transaction', 'deposit, withdrawal, transfer, payment, …', 'a {}'),
  channel: text('channel', 'where it was asked for, such as api, card or atm', 'over the channel {}'),
  currency: text('ISO 4217 code', 'currency of the transaction', 'in {}'),
  mcc: text('merchant category code', 'what the merchant sells', 'at a merchant of category {}'),
  merchant_country: text('ISO 3166 code of two letters', 'where the merchant is', 'at a merchant in {}'),
  amount: number('major units of the currency', 'amount of the transaction', 'an amount of {}'),
  amount_usd: number('USD', 'coarse worth of the amount in US dollars', 'worth about {} US dollars'),
  log_amount: number(
    'natural logarithm',
    'ln(1 + amount_usd)',
    'an amount whose worth has the natural logarithm {}',
  ),
  hour_of_day: number('hour, 0 to 23, UTC', 'hour of effective_at', 'in hour {} of the day (UTC)'),
  day_of_week: number('1 Monday to 7 Sunday, UTC', 'weekday of effective_at', 'on weekday {} (1 is Monday)'),
  is_high_value: truth(
    "above the currency's threshold for high values",
    'above the threshold for high values',
    'below the threshold for high values',
  ),
  amount_over_30d_mean: number(
    'ratio',
    "amount over the account's own mean of 30 days",
    '{} times the 30-day mean',
  ),
  amount_robust_z: number(
    'robust standard deviations',
    "distance of the amount from the account's own median",
    '{} robust deviations from the usual amount',
  ),
  share_of_balance: number('ratio', 'amount over the balance before', '{%} of the balance'),
  drains_account: truth(
    'leaves next to nothing on the account',
    'drains the account',
    'leaves money on the account',
  ),
  sender_transactions_10m: number(
    'transactions',
    'in the 10 minutes before',
    '{} transactions in the 10 minutes before',
  ),
  sender_transactions_1h: number('transactions', 'in the hour before', '{} transactions in the hour before'),
  sender_transactions_24h: number(
    'transactions',
    'in the 24 hours before',
    '{} transactions in the 24 hours before',
  ),
  sender_transactions_7d: number(
    'transactions',
    'in the 7 days before',
    '{} transactions in the 7 days before',
  ),
  sender_amount_usd_1h: number('USD', 'sum of the hour before', '{} US dollars moved in the hour before'),
  sender_amount_usd_24h: number(
    'USD',
    'sum of the 24 hours before',
    '{} US dollars moved in the 24 hours before',
  ),
  sender_amount_usd_7d: number('USD', 'sum of the 7 days before', '{} US dollars moved in the 7 days before'),
  count_24h_over_30d: number(
    'ratio',
    'transactions of 24 hours over the daily mean of 30 days',
    '{} times as many transactions in 24 hours as on a usual day',
  ),
  amount_24h_over_30d: number(
    'ratio',
    'sum of 24 hours over the daily mean of 30 days',
    '{} times as much money in 24 hours as on a usual day',
  ),
  seconds_since_last: number('seconds', 'since the last transaction', '{} seconds after the last one'),
  hour_rarity: rarity('how rare this hour is for the customer', 'the hour is {%} rarer than the usual one'),
  weekday_rarity: rarity(
    'how rare this weekday is for the customer',
    'the weekday is {%} rarer than the usual one',
  ),
  is_new_counterparty: truth(
    'the account never dealt with this counterparty before',
    'a new counterparty',
    'a known counterparty',
  ),
  counterparties_24h: number(
    'counterparties',
    'distinct ones in 24 hours, this one included',
    '{} counterparties in 24 hours',
  ),
  senders_24h: number(
    'customers',
    "distinct payers into the receiving customer's account in 24 hours, this one included",
    '{} payers into one account in 24 hours',
  ),
  counterparty_fraud_rate: number(
    'share, 0 to 1',
    'of confirmed frauds among what the counterparty took part in, by labels known before this transaction',
    '{%} confirmed fraud at the counterparty',
  ),
  account_age_days: number('days', 'since the account was opened', 'an account {} days old'),
  days_dormant: number('days', 'without any movement before this one', 'after {} days without a movement'),
  pass_through_24h: number(
    'ratio',
    "the last 24 hours' incoming and outgoing money, this one included: the smaller over the larger",
    '{%} of the money that came in within 24 hours goes out again',
  ),
  channel_rarity: rarity(
    'how rare this channel is for the customer',
    'the channel is {%} rarer than the usual one',
  ),
  mcc_rarity: rarity(
    'how rare this category of merchants is for the customer',
    'the category of merchants is {%} rarer than the usual one',
  ),
  is_country_change: truth(
    'another country than the movement at a merchant before',
    'another country than the last time',
    'the same country as the last time',
  ),
  is_new_device: truth('a device the customer never logged in from', 'a new device', 'a known device'),
  is_new_address: truth(
    'an IP address the customer never logged in from',
    'a new network address',
    'a known network address',
  ),
  failed_logins_24h: number(
    'logins',
    'failed ones of the customer in 24 hours',
    '{} failed logins in 24 hours',
  ),
  cash_deposits_near_limit_7d: number(
    'deposits',
    'cash deposits worth 8,000 to 10,000 US dollars within 7 days, this one included; 0 when this one is none',
    '{} cash deposits just below 10,000 US dollars within 7 days',
  ),
  round_thousands_7d: number(
    'transactions',
    'amounts of whole thousands within 7 days, this one included; 0 when this one is none',
    '{} amounts of whole thousands within 7 days',
  ),
  is_blacklisted: truth(
    'somebody or something of it is on the block-list',
    'on the block-list',
    'on no block-list',
  ),
  sanctions_match: number(
    'similarity, 0 to 1',
    'best match of a name with the sanctions lists',
    '{%} similar to a name on a sanctions list',
  ),
  missing: number('facts', 'how many of the model’s facts are missing', '{} facts are missing'),
} as const satisfies Record<string, Fact>;

/** What compares a fact with what the customer is used to, where the fact itself does not. */
const NORMALS: Readonly<Partial<Record<keyof typeof table, keyof typeof table>>> = {
  amount: 'amount_over_30d_mean',
  amount_usd: 'amount_over_30d_mean',
  log_amount: 'amount_over_30d_mean',
  amount_robust_z: 'amount_over_30d_mean',
  hour_of_day: 'hour_rarity',
  day_of_week: 'weekday_rarity',
  sender_transactions_10m: 'count_24h_over_30d',
  sender_transactions_1h: 'count_24h_over_30d',
  sender_transactions_24h: 'count_24h_over_30d',
  sender_transactions_7d: 'count_24h_over_30d',
  sender_amount_usd_1h: 'amount_24h_over_30d',
  sender_amount_usd_24h: 'amount_24h_over_30d',
  sender_amount_usd_7d: 'amount_24h_over_30d',
};

export type FactName = keyof typeof table;
export const FACTS: Readonly<Record<FactName, Fact>> = table;
export const FACT_NAMES = Object.keys(FACTS) as FactName[];

/** What is known of a transaction; absent and null alike are missing. */
export type FactValues = Readonly<Partial<Record<FactName, FactValue>>>;

export function isFactName(name: string): name is FactName {
  return Object.hasOwn(FACTS, name);
}

/** A number as people read it: at most three digits behind the point, thousands apart. */
export function sayNumber(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  const [whole = '', decimals] = String(rounded).split('.');
  const grouped = /e/.test(whole) ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

/** The value alone, as it stands in a sentence: shares in percent. */
export function sayValue(name: FactName, value: FactValue | undefined): string {
  const { words } = FACTS[name];
  if (value === null || value === undefined) return 'unknown';
  if (typeof words !== 'string') return value ? words[0] : words[1];
  if (typeof value === 'string') return value;
  return words.includes('{%}') ? `${sayNumber(Number(value) * 100)} %` : sayNumber(Number(value));
}

/** A fact in words with its number: "3.4 times the 30-day mean", "a new device". */
export function sayFact(name: FactName, value: FactValue | undefined): string {
  const { words } = FACTS[name];
  if (value === null || value === undefined) return `${name} is unknown`;
  const said = sayValue(name, value);
  return typeof words === 'string' ? words.replace(/\{%?\}/, said) : said;
}

/** A fact in words, and beside it what the customer is used to, where that is another fact and known. */
export function sayWithNormal(name: FactName, facts: FactValues): string {
  // A logarithm tells nobody anything.
  const shown = name === 'log_amount' ? 'amount_usd' : name;
  const said = sayFact(shown, facts[shown]);
  const normal = NORMALS[name];
  const known = normal === undefined ? null : (facts[normal] ?? null);
  return normal === undefined || known === null ? said : `${said}, ${sayFact(normal, known)}`;
}
