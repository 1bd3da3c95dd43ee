import { idOrNull, type Queries } from '../../src/database';
import { microsecondsOf } from './microseconds';
import { counterpartyCode, kindCode, type Movement, placeCode } from './movement';

/** One for each entry of a transaction. */
export interface FactRow {
  transaction_id: string;
  type: string;
  channel: string | null;
  currency: string;
  exponent: number;
  minor_per_major: string;
  amount_minor: string;
  is_high_value: number | string;
  merchant_id: string | null;
  mcc: string | null;
  merchant_country: string | null;
  card_id: string | null;
  initiated_by: string | null;
  effective_at: string;
  posted_at: string;
  account_id: string;
  account_seq: string;
  entry_minor: string;
  balance_after_minor: string;
  user_id: string | null;
  opened_at: string;
}

const FACTS_SQL = `
  SELECT t.transaction_id, t.type, t.channel, t.currency, c.exponent, c.minor_per_major, t.amount_minor, t.is_high_value,
    t.merchant_id, m.mcc, m.country AS merchant_country, t.card_id, t.initiated_by, t.effective_at, t.posted_at,
    e.account_id, e.account_seq, e.amount_minor AS entry_minor, e.balance_after_minor, a.user_id, a.opened_at
  FROM transactions t
  JOIN currencies c ON c.currency = t.currency
  JOIN ledger_entries e ON e.transaction_id = t.transaction_id
  JOIN accounts a ON a.account_id = e.account_id
  LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
  WHERE t.transaction_id IN (?)`;

/** A customer's side of a transaction. */
export interface Leg {
  account_id: string;
  account_seq: number;
  user_id: string;
  movement: Movement;
  /** Minor units right before the transaction. */
  balance_before_minor: number;
  /** Microseconds since 1970. */
  opened_us: number;
}

/** A transaction with the customers' accounts that take part. */
export interface TransactionFacts {
  transaction_id: string;
  type: string;
  channel: string | null;
  currency: string;
  exponent: number;
  minor_per_major: number;
  /** As the database gives it: more digits than a number may hold. */
  amount_minor: string;
  is_high_value: boolean;
  merchant_id: string | null;
  mcc: string | null;
  merchant_country: string | null;
  has_card: boolean;
  initiated_by: string | null;
  /** Microseconds since 1970. */
  effective_us: number;
  posted_us: number;
  /**
   * The customer whose account is debited (the most, when there are several); with none, as in deposits and refunds, the
   * credited customer stands in; null: no customer takes part.
   */
  sender: Leg | null;
  /** The customer whom a transfer credits. */
  receiver: Leg | null;
}

export function readFacts(queries: Queries, transactionIds: readonly string[]): Promise<FactRow[]> {
  return queries.query<FactRow>(FACTS_SQL, [transactionIds as unknown as string]);
}

/** One for each transaction, in ascending order. */
export function factsOf(rows: readonly FactRow[]): TransactionFacts[] {
  const entries = new Map<string, FactRow[]>();
  for (const row of rows) {
    const id = String(row.transaction_id);
    const before = entries.get(id);
    if (before) before.push(row);
    else entries.set(id, [row]);
  }
  return [...entries.values()].map(toFacts).sort((a, b) => compareIds(a.transaction_id, b.transaction_id));
}

function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

function toFacts(rows: readonly FactRow[]): TransactionFacts {
  const row = rows[0] as FactRow;
  const effective_us = microsecondsOf(row.effective_at);
  const posted_us = row.posted_at === row.effective_at ? effective_us : microsecondsOf(row.posted_at);
  const customers = rows.filter(({ user_id }) => user_id !== null);
  const senderRow = customers.reduce<FactRow | null>(
    (chosen, other) => (chosen === null || isSenderRather(other, chosen) ? other : chosen),
    null,
  );
  const receiverRow =
    row.type === 'transfer'
      ? customers.find((other) => other !== senderRow && Number(other.entry_minor) > 0)
      : null;
  const toLeg = (own: FactRow): Leg => {
    const other = rows.find((candidate) => candidate !== own)?.account_id ?? null;
    return {
      account_id: String(own.account_id),
      account_seq: Number(own.account_seq),
      user_id: String(own.user_id),
      movement: {
        transaction_id: Number(own.transaction_id),
        effective_us,
        posted_us,
        amount_minor: Number(own.entry_minor),
        counterparty: counterpartyCode(row.type, other, row.merchant_id),
        kind: kindCode(row.type, row.channel),
        place: placeCode(row.mcc, row.merchant_country),
      },
      balance_before_minor: Number(own.balance_after_minor) - Number(own.entry_minor),
      opened_us: microsecondsOf(own.opened_at),
    };
  };
  return {
    transaction_id: String(row.transaction_id),
    type: row.type,
    channel: row.channel,
    currency: row.currency,
    exponent: Number(row.exponent),
    minor_per_major: Number(row.minor_per_major),
    amount_minor: String(row.amount_minor),
    is_high_value: Number(row.is_high_value) === 1,
    merchant_id: idOrNull(row.merchant_id),
    mcc: row.mcc,
    merchant_country: row.merchant_country,
    has_card: row.card_id !== null,
    initiated_by: idOrNull(row.initiated_by),
    effective_us,
    posted_us,
    sender: senderRow ? toLeg(senderRow) : null,
    receiver: receiverRow ? toLeg(receiverRow) : null,
  };
}

function isSenderRather(row: FactRow, before: FactRow): boolean {
  const amount = Number(row.entry_minor);
  const amountBefore = Number(before.entry_minor);
  return amountBefore < 0 ? amount < amountBefore : amount < 0 || amount > amountBefore;
}
