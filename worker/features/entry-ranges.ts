import type { Queries } from '../../src/database';
import { microsecondsOf } from './microseconds';
import { counterpartyCode, kindCode, type Movement, placeCode } from './movement';

/** Entries of an account by their numbers, both ends included. */
export interface EntryRange {
  account_id: string;
  first: number;
  last: number;
}

export interface NumberedMovement {
  account_id: string;
  account_seq: number;
  movement: Movement;
}

interface EntryRow {
  account_id: string;
  account_seq: string;
  transaction_id: string;
  amount_minor: string;
  effective_at: string;
  posted_at: string;
  type: string;
  channel: string | null;
  merchant_id: string | null;
  mcc: string | null;
  country: string | null;
  other_account_id: string | null;
}

/**
 * With what is known of their transactions. The bounds are literals: only so do both engines read just the ranges, in place of
 * the accounts' whole lives. Debit and credit of a transfer are its legs 0 and 1.
 */
const ENTRIES_SQL = `
  SELECT e.account_id, e.account_seq, e.transaction_id, e.amount_minor, e.effective_at, e.posted_at, t.type, t.channel,
    t.merchant_id, m.mcc, m.country, o.account_id AS other_account_id
  FROM ledger_entries e FORCE INDEX (uq_ledger_entries_account_seq)
  JOIN transactions t ON t.transaction_id = e.transaction_id
  LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
  LEFT JOIN ledger_entries o
    ON t.type = 'transfer' AND o.transaction_id = e.transaction_id AND o.leg = IF(e.leg = 0, 1, 0)
  WHERE `;
const RANGE_SQL = '(e.account_id = ? AND e.account_seq BETWEEN ? AND ?)';
const RANGES_IN_QUERY = 400;

/** The entries of the ranges, in no particular order. */
export async function readRanges(
  queries: Queries,
  ranges: readonly EntryRange[],
): Promise<NumberedMovement[]> {
  const found: NumberedMovement[] = [];
  for (let start = 0; start < ranges.length; start += RANGES_IN_QUERY) {
    const part = ranges.slice(start, start + RANGES_IN_QUERY);
    const rows = await queries.query<EntryRow>(
      ENTRIES_SQL + part.map(() => RANGE_SQL).join(' OR '),
      part.flatMap(({ account_id, first, last }) => [account_id, first, last]),
    );
    for (const row of rows) {
      found.push({
        account_id: String(row.account_id),
        account_seq: Number(row.account_seq),
        movement: toMovement(row),
      });
    }
  }
  return found;
}

function toMovement(row: EntryRow): Movement {
  return {
    transaction_id: Number(row.transaction_id),
    effective_us: microsecondsOf(row.effective_at),
    posted_us: microsecondsOf(row.posted_at),
    amount_minor: Number(row.amount_minor),
    counterparty: counterpartyCode(row.type, row.other_account_id, row.merchant_id),
    kind: kindCode(row.type, row.channel),
    place: placeCode(row.mcc, row.country),
  };
}
