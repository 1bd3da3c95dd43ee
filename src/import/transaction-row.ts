import {
  FieldProblem,
  parseId,
  parseMcc,
  parseMoney,
  parseOptionalText,
  parseTimeUs,
  quoteValue,
} from './fields';

/** Columns of transactions_*.csv that are read. The zip code is not kept. */
export const TRANSACTION_COLUMNS = [
  'id',
  'date',
  'client_id',
  'card_id',
  'amount',
  'use_chip',
  'merchant_id',
  'merchant_city',
  'merchant_state',
  'mcc',
  'errors',
] as const;

export type Channel = 'card_present' | 'chip' | 'online';

/** Where a card was used: the merchant's number in the data set with what the bank keeps of it. */
export interface MerchantRow {
  number: string;
  mcc: string;
  /** null: on the internet. */
  city: string | null;
  /** A US state's two letters, or a country's name. */
  state: string | null;
}

/** One card transaction of the data set. */
export interface TransactionRow {
  id: string;
  clientId: string;
  cardId: string;
  /** Microseconds since 1970-01-01 UTC. */
  effectiveUs: number;
  /** Cents; negative: a refund. Never zero. */
  amountMinor: bigint;
  channel: Channel;
  merchant: MerchantRow;
  /** Why the card network declined it; null: it was good. */
  errors: string | null;
}

const CHANNELS: Record<string, Channel> = {
  'swipe transaction': 'card_present',
  'chip transaction': 'chip',
  'online transaction': 'online',
};

/** Times further ahead than this are mistakes. The posting procedure allows five minutes. */
const FUTURE_US = 60_000_000;

/**
 * Reads a row's values, in the order of TRANSACTION_COLUMNS.
 * @throws FieldProblem naming the column
 */
export function parseTransaction(values: readonly string[], nowUs: number): TransactionRow {
  const [
    id = '',
    date = '',
    client = '',
    card = '',
    amount = '',
    useChip = '',
    merchant = '',
    city = '',
    state = '',
    mcc = '',
    errors = '',
  ] = values;
  const amountMinor = parseMoney('amount', amount);
  if (amountMinor === 0n) throw new FieldProblem('amount is zero: no money moves');
  const effectiveUs = parseTimeUs('date', date);
  if (effectiveUs > nowUs + FUTURE_US) throw new FieldProblem(`date ${quoteValue(date)} lies in the future`);
  const channel = CHANNELS[useChip.toLowerCase()];
  if (!channel)
    throw new FieldProblem(`use_chip ${quoteValue(useChip)} is not Swipe, Chip or Online Transaction`);
  return {
    id: parseId('id', id),
    clientId: parseId('client_id', client),
    cardId: parseId('card_id', card),
    effectiveUs,
    amountMinor,
    channel,
    merchant: {
      number: parseId('merchant_id', merchant),
      mcc: parseMcc('mcc', mcc),
      city: city.toUpperCase() === 'ONLINE' ? null : parseOptionalText('merchant_city', city, 80),
      state: parseOptionalText('merchant_state', state, 80),
    },
    errors: parseOptionalText('errors', errors.replace(/,+$/, ''), 255),
  };
}
