import { Injectable } from '@nestjs/common';
import { Database, type Parameter } from '../database';
import { containing } from '../database/conditions';
import type { SORTS, TRANSACTION_TYPES } from './dto/money-answer.dto';

export interface HistoryFilter {
  account_ids: string[];
  type?: (typeof TRANSACTION_TYPES)[number] | undefined;
  status?: 'posted' | 'reversed' | undefined;
  from?: string | undefined;
  to?: string | undefined;
  min_amount?: string | undefined;
  max_amount?: string | undefined;
  q?: string | undefined;
  sort: (typeof SORTS)[number];
  /** Sort value and transaction id of the last row given. */
  after?: { value: string; transaction_id: string } | undefined;
  limit: number;
}

export interface HistoryRow {
  transaction_id: string;
  reference_id: string;
  type: (typeof TRANSACTION_TYPES)[number];
  reversed_by: string | null;
  account_id: string;
  amount_minor: string;
  balance_after_minor: string;
  currency: string;
  description: string | null;
  merchant_name: string | null;
  mcc: string | null;
  channel: string | null;
  effective_at: string;
  posted_at: string;
  sort_value: string;
}

const COLUMNS = `k.transaction_id, t.reference_id, t.type, r.reversal_transaction_id AS reversed_by, e.account_id,
  e.amount_minor, e.balance_after_minor, t.currency, t.description, m.name AS merchant_name, m.mcc, t.channel, e.effective_at,
  e.posted_at, k.sort_value`;

/** Amounts of different currencies compare in major units; decimal, never floating. */
const MAJOR_AMOUNT = 'CAST(ABS(e.amount_minor) / c.minor_per_major AS DECIMAL(24, 4))';

/** From here on one scan over all of the accounts is less work than a branch for each. */
const BRANCHES_MAX = 50;

interface SqlPart {
  sql: string;
  parameters: Parameter[];
}

@Injectable()
export class HistoryRepository {
  constructor(private readonly database: Database) {}

  /**
   * A page of the transactions on some accounts. Each account gives the keys of its own first rows from its index, the few that
   * come are merged, and only the page's rows are read in full: the cost grows neither with the length of the history nor with
   * the depth of the cursor. A filter costs what it passes over until the page is full; sorting by amount reads the index of
   * each account once. A transaction between several of the accounts counts once, on its debit side.
   */
  page(filter: HistoryFilter): Promise<HistoryRow[]> {
    const { account_ids: ids, limit } = filter;
    const direction = directionOf(filter);
    const branches = (ids.length > BRANCHES_MAX ? [ids] : ids.map((id) => [id])).map((accountIds) =>
      keysOf(filter, accountIds),
    );
    const merged = branches.map(({ sql }) => `(${sql})`).join(' UNION ALL ');
    return this.database.query<HistoryRow>(
      `SELECT ${COLUMNS}
       FROM (
         SELECT transaction_id, leg, sort_value FROM (${isMergedOnce(filter) ? onceEach(merged) : merged}) b
         ORDER BY sort_value ${direction}, transaction_id ${direction} LIMIT ?
       ) k
       STRAIGHT_JOIN ledger_entries e ON e.transaction_id = k.transaction_id AND e.leg = k.leg
       STRAIGHT_JOIN transactions t ON t.transaction_id = k.transaction_id
       LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
       LEFT JOIN reversals r ON r.original_transaction_id = k.transaction_id
       ORDER BY k.sort_value ${direction}, k.transaction_id ${direction}`,
      [...branches.flatMap(({ parameters }) => parameters), limit],
    );
  }
}

/**
 * Whether the sides of a transaction between the accounts meet when these are merged: they do when all that decides about the page
 * is the same on every side. Then each side is among the first rows of its account, and an account that only ever gets money
 * from the others is not read to its end for rows of its own.
 */
function isMergedOnce(filter: HistoryFilter): boolean {
  const { account_ids, min_amount, max_amount } = filter;
  const asksAmount = isByAmount(filter) || min_amount !== undefined || max_amount !== undefined;
  return account_ids.length > 1 && account_ids.length <= BRANCHES_MAX && !asksAmount;
}

function onceEach(merged: string): string {
  return `SELECT transaction_id, leg, sort_value FROM (
      SELECT s.*, ROW_NUMBER() OVER (PARTITION BY transaction_id ORDER BY amount_minor, leg) AS side FROM (${merged}) s
    ) o WHERE side = 1`;
}

function directionOf({ sort }: HistoryFilter): 'ASC' | 'DESC' {
  return sort.startsWith('-') ? 'DESC' : 'ASC';
}

function isByAmount({ sort }: HistoryFilter): boolean {
  return sort.endsWith('amount');
}

function places(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}

/** Finds the first rows of one account, or of very many at once: the key of each and what it is sorted by. */
function keysOf(filter: HistoryFilter, accountIds: string[]): SqlPart {
  const direction = directionOf(filter);
  const sortColumn = isByAmount(filter) ? MAJOR_AMOUNT : 'e.effective_at';
  // On one account entries and transactions are numbered in the same order, and the index goes by the entries.
  const tieColumn = isByAmount(filter) || accountIds.length > 1 ? 'e.transaction_id' : 'e.account_seq';
  const others = isMergedOnce(filter) ? [] : elsewhere(filter.account_ids);
  const conditions = [
    { sql: `e.account_id IN (${places(accountIds)})`, parameters: accountIds },
    ...(others.length > 0 ? [{ sql: 'd.transaction_id IS NULL', parameters: [] }] : []),
    ...chosen(filter),
    ...behind(filter, sortColumn),
  ];
  const tables = [...entriesOf(filter), ...others];
  return {
    sql: `SELECT e.transaction_id, e.leg, e.amount_minor, ${sortColumn} AS sort_value
      FROM ${tables.map(({ sql }) => sql).join(' ')}
      WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}
      ORDER BY ${sortColumn} ${direction}, ${tieColumn} ${direction} LIMIT ?`,
    parameters: [...[...tables, ...conditions].flatMap(({ parameters }) => parameters), filter.limit],
  };
}

/**
 * The entries and what the filter asks about besides; without a filter their index alone holds all that is needed. The order is
 * given, because a server that begins with the transactions, or sorts, reads the whole ledger for a page.
 */
function entriesOf(filter: HistoryFilter): SqlPart[] {
  const { type, status, q, min_amount, max_amount } = filter;
  const tables: string[] = [];
  if (isByAmount(filter) || min_amount !== undefined || max_amount !== undefined)
    tables.push('accounts a STRAIGHT_JOIN currencies c ON c.currency = a.currency STRAIGHT_JOIN');
  // The other index is for the few reversals of a bank: they may be found before the entries of a long history.
  const indexes =
    status === 'reversed' ? 'ix_ledger_entries_effective, PRIMARY' : 'ix_ledger_entries_effective';
  tables.push(`ledger_entries e FORCE INDEX (${indexes})`);
  if (tables.length > 1) tables.push('ON e.account_id = a.account_id');
  if (status)
    tables.push(
      `${status === 'reversed' ? '' : 'LEFT '}JOIN reversals r ON r.original_transaction_id = e.transaction_id`,
    );
  if (type || q) tables.push('STRAIGHT_JOIN transactions t ON t.transaction_id = e.transaction_id');
  if (q) tables.push('LEFT JOIN merchants m ON m.merchant_id = t.merchant_id');
  return tables.map((sql) => ({ sql, parameters: [] }));
}

/** The same transaction on another of the accounts, which is the one to show when it is the debit side. */
function elsewhere(accountIds: string[]): SqlPart[] {
  if (accountIds.length < 2) return [];
  const sql = `LEFT JOIN ledger_entries d ON d.transaction_id = e.transaction_id AND d.account_id IN (${places(accountIds)})
    AND (d.amount_minor < e.amount_minor OR (d.amount_minor = e.amount_minor AND d.leg < e.leg))`;
  return [{ sql, parameters: accountIds }];
}

/** What the caller asked for. */
function chosen(filter: HistoryFilter): SqlPart[] {
  const parts: SqlPart[] = [];
  const add = (sql: string, ...parameters: Parameter[]) => parts.push({ sql, parameters });
  if (filter.type) add('t.type = ?', filter.type);
  if (filter.status === 'posted') add('r.original_transaction_id IS NULL');
  if (filter.from) add('e.effective_at >= ?', filter.from);
  if (filter.to) add('e.effective_at < ?', filter.to);
  if (filter.min_amount !== undefined) add(`${MAJOR_AMOUNT} >= ?`, filter.min_amount);
  if (filter.max_amount !== undefined) add(`${MAJOR_AMOUNT} <= ?`, filter.max_amount);
  if (filter.q) {
    const pattern = containing(filter.q);
    // References are ASCII: MariaDB refuses to compare them with text that is not.
    const reference = /^FL[0-9A-Z]{14}$/i.test(filter.q) ? filter.q.toUpperCase() : '';
    add(
      "(t.description LIKE ? ESCAPE '!' OR m.name LIKE ? ESCAPE '!' OR t.reference_id = ?)",
      pattern,
      pattern,
      reference,
    );
  }
  return parts;
}

/** Where the page begins: two ranges of the index, so that the server goes there at once. */
function behind(filter: HistoryFilter, sortColumn: string): SqlPart[] {
  if (!filter.after) return [];
  const { value, transaction_id } = filter.after;
  const beyond = directionOf(filter) === 'DESC' ? '<' : '>';
  return [
    {
      sql: `((${sortColumn} = ? AND e.transaction_id ${beyond} ?) OR ${sortColumn} ${beyond} ?)`,
      parameters: [value, transaction_id, value],
    },
  ];
}
