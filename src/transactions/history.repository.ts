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

const COLUMNS = `e.transaction_id, t.reference_id, t.type, r.reversal_transaction_id AS reversed_by, e.account_id,
  e.amount_minor, e.balance_after_minor, t.currency, t.description, m.name AS merchant_name, m.mcc, t.channel, e.effective_at,
  e.posted_at`;

/** Amounts of different currencies compare in major units; decimal, never floating. */
const MAJOR_AMOUNT = 'CAST(ABS(e.amount_minor) / c.minor_per_major AS DECIMAL(24, 4))';

/** From here on one scan over all of the accounts is less work than a branch for each. */
const BRANCHES_MAX = 50;

@Injectable()
export class HistoryRepository {
  constructor(private readonly database: Database) {}

  /**
   * A page of the transactions on some accounts. Each account gives its own first rows through its index, and the few that
   * come are merged: the cost does not grow with the length of the history. A transaction between several of the accounts
   * counts once, on its debit side.
   */
  page(filter: HistoryFilter): Promise<HistoryRow[]> {
    const isByAmount = filter.sort.endsWith('amount');
    const direction = filter.sort.startsWith('-') ? 'DESC' : 'ASC';
    const sortColumn = isByAmount ? MAJOR_AMOUNT : 'e.effective_at';
    const { sql: conditions, parameters } = this.conditions(
      filter,
      sortColumn,
      direction === 'DESC' ? '<' : '>',
    );
    const branches =
      filter.account_ids.length > BRANCHES_MAX ? [filter.account_ids] : filter.account_ids.map((id) => [id]);
    // On one account entries and transactions are numbered in the same order, and the index goes by the entries.
    const tieColumn =
      isByAmount || filter.account_ids.length > BRANCHES_MAX ? 'e.transaction_id' : 'e.account_seq';
    const branch = (accountIds: string[]) => `(SELECT ${COLUMNS}, ${sortColumn} AS sort_value
      FROM ledger_entries e
      JOIN transactions t ON t.transaction_id = e.transaction_id
      JOIN currencies c ON c.currency = t.currency
      LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
      LEFT JOIN reversals r ON r.original_transaction_id = e.transaction_id
      WHERE e.account_id IN (${accountIds.map(() => '?').join(', ')}) ${conditions}
      ORDER BY ${sortColumn} ${direction}, ${tieColumn} ${direction} LIMIT ?)`;
    const sql = branches.map(branch).join(' UNION ALL ');
    const all = branches.flatMap((accountIds) => [...accountIds, ...parameters, filter.limit]);
    return this.database.query<HistoryRow>(
      `SELECT * FROM (${sql}) h ORDER BY sort_value ${direction}, transaction_id ${direction} LIMIT ?`,
      [...all, filter.limit],
    );
  }

  private conditions(
    filter: HistoryFilter,
    sortColumn: string,
    after: '<' | '>',
  ): { sql: string; parameters: Parameter[] } {
    const parts: string[] = [];
    const parameters: Parameter[] = [];
    const add = (sql: string, ...values: Parameter[]) => {
      parts.push(`AND ${sql}`);
      parameters.push(...values);
    };
    if (filter.account_ids.length > 1) {
      const others = filter.account_ids.map(() => '?').join(', ');
      add(
        `NOT EXISTS (SELECT 1 FROM ledger_entries d
          WHERE d.transaction_id = e.transaction_id AND d.account_id IN (${others})
            AND (d.amount_minor < e.amount_minor OR (d.amount_minor = e.amount_minor AND d.leg < e.leg)))`,
        ...filter.account_ids,
      );
    }
    if (filter.type) add('t.type = ?', filter.type);
    if (filter.status) add(`r.original_transaction_id IS ${filter.status === 'reversed' ? 'NOT ' : ''}NULL`);
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
    if (filter.after) {
      const { value, transaction_id } = filter.after;
      add(
        // The first half tells the server where in the index to begin; the keyset alone would not.
        `${sortColumn} ${after}= ? AND (${sortColumn} ${after} ? OR e.transaction_id ${after} ?)`,
        value,
        value,
        transaction_id,
      );
    }
    return { sql: parts.join(' '), parameters };
  }
}
