import { Injectable } from '@nestjs/common';
import { type Actor, Database, type Queries } from '../database';

export interface AccountRow {
  account_id: string;
  account_number: string;
  user_id: string | null;
  account_type: string;
  currency: string;
  balance_minor: string;
  held_minor: string;
  overdraft_limit_minor: string;
  available_minor: string;
  status: string;
  opened_at: string;
}

export interface BalanceRow {
  account_id: string;
  account_number: string;
  currency: string;
  balance_minor: string;
  held_minor: string | null;
  available_minor: string | null;
  as_of: string;
}

export interface StatementRow {
  transaction_id: string;
  reference_id: string;
  account_seq: string;
  type: string;
  description: string | null;
  merchant_name: string | null;
  amount_minor: string;
  balance_after_minor: string;
  effective_at: string;
  posted_at: string;
  counterparty_account_number: string | null;
  counterparty_name: string | null;
  /** null: an account of the bank itself. */
  counterparty_user_id: string | null;
  reversed_by: string | null;
}

export type Clock = 'effective' | 'posted';

const ACCOUNT_COLUMNS = `account_id, account_number, user_id, account_type, currency, balance_minor, held_minor, overdraft_limit_minor,
  balance_minor - held_minor + overdraft_limit_minor AS available_minor, status, opened_at`;

const STATEMENT_COLUMNS = `
  e.transaction_id, t.reference_id, e.account_seq, t.type, t.description, m.name AS merchant_name, e.amount_minor, e.balance_after_minor,
  e.effective_at, e.posted_at, a2.account_number AS counterparty_account_number,
  COALESCE(u2.full_name, m.name, g2.name) AS counterparty_name, a2.user_id AS counterparty_user_id,
  r.reversal_transaction_id AS reversed_by`;

/** The other side of a two-sided transaction; one with more legs names no counterparty. Legs are unsigned: no 1 - leg. */
const STATEMENT_JOINS = `
  STRAIGHT_JOIN transactions t ON t.transaction_id = e.transaction_id
  LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
  LEFT JOIN ledger_entries e2 ON e2.transaction_id = e.transaction_id AND e.leg < 2 AND e2.leg = IF(e.leg = 0, 1, 0)
    AND NOT EXISTS (SELECT 1 FROM ledger_entries e3 WHERE e3.transaction_id = e.transaction_id AND e3.leg = 2)
  LEFT JOIN accounts a2 ON a2.account_id = e2.account_id
  LEFT JOIN users u2 ON u2.user_id = a2.user_id
  LEFT JOIN chart_of_accounts g2 ON g2.account_type = a2.account_type
  LEFT JOIN reversals r ON r.original_transaction_id = e.transaction_id`;

@Injectable()
export class AccountsRepository {
  constructor(private readonly database: Database) {}

  async open(
    actor: Actor,
    userId: string,
    accountType: string,
    currency: string,
  ): Promise<AccountRow | undefined> {
    const [rows] = await this.database.onConnection(actor, (queries: Queries) =>
      queries.call<AccountRow>('sp_open_account', [userId, accountType, currency]),
    );
    return rows?.[0];
  }

  async listOf(userId: string): Promise<AccountRow[]> {
    const [rows = []] = await this.database.call<AccountRow>('sp_list_accounts', [userId]);
    return rows;
  }

  /** `ownerUserId` null reads any customer's account. */
  async find(accountId: string, ownerUserId: string | null): Promise<AccountRow | undefined> {
    const [row] = await this.database.query<AccountRow>(
      `SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE account_id = ? AND (? IS NULL OR user_id = ?)`,
      [accountId, ownerUserId, ownerUserId],
    );
    return row;
  }

  async findByNumber(accountNumber: string): Promise<{ account_id: string; currency: string } | undefined> {
    const [row] = await this.database.query<{ account_id: string; currency: string }>(
      'SELECT account_id, currency FROM accounts WHERE account_number = ? AND user_id IS NOT NULL',
      [accountNumber],
    );
    return row;
  }

  async balance(accountId: string, at: string | null, clock: Clock): Promise<BalanceRow | undefined> {
    const [rows] = await this.database.call<BalanceRow>('sp_get_balance', [accountId, at, clock]);
    return rows?.[0];
  }

  /** Highest sequence number now: what a statement is pinned to, so that later entries do not shift its pages. */
  async lastSequence(accountId: string): Promise<string> {
    const [row] = await this.database.query<{ last_account_seq: string }>(
      'SELECT last_account_seq FROM accounts WHERE account_id = ?',
      [accountId],
    );
    return String(row?.last_account_seq ?? 0);
  }

  /**
   * Sum of the entries up to `upToSequence` that lie before `before` on the clock (all of them when undefined). Only a moment on
   * the effective clock needs a sum: entries are numbered in the order of posting, so anything else is a running balance.
   */
  async sumBefore(
    accountId: string,
    clock: Clock,
    before: string | undefined,
    upToSequence: string,
  ): Promise<bigint> {
    if (before === undefined) return this.balanceAfter(accountId, upToSequence);
    if (clock === 'posted') {
      return this.balanceAfter(accountId, await this.lastPostedBefore(accountId, before, upToSequence));
    }
    const [rows] = await this.database.call<{ total_minor: string }>('sp_get_balance_before', [
      accountId,
      before,
      upToSequence,
    ]);
    return BigInt(rows?.[0]?.total_minor ?? 0);
  }

  private async balanceAfter(accountId: string, sequence: string): Promise<bigint> {
    const [row] = await this.database.query<{ balance_after_minor: string }>(
      'SELECT balance_after_minor FROM ledger_entries WHERE account_id = ? AND account_seq = ?',
      [accountId, sequence],
    );
    return BigInt(row?.balance_after_minor ?? 0);
  }

  /** Number of the last entry posted before a moment, found by halving: posted_at never falls along the sequence. */
  private async lastPostedBefore(accountId: string, before: string, upToSequence: string): Promise<string> {
    let low = 0n;
    let high = BigInt(upToSequence);
    while (low < high) {
      const middle = (low + high + 1n) / 2n;
      const [row] = await this.database.query<{ posted_at: string }>(
        'SELECT posted_at FROM ledger_entries WHERE account_id = ? AND account_seq = ?',
        [accountId, middle],
      );
      if (row && row.posted_at < before) low = middle;
      else high = middle - 1n;
    }
    return low.toString();
  }

  /**
   * Entries in the clock's order, oldest first, after a position of (time, sequence). Each clock has an index that gives the rows
   * in this order. The page's keys are read from it first, and only then the rows: whatever the server guesses about the length
   * of the history, a page costs the same at any depth.
   */
  async statement(filter: StatementRange & { clock: Clock }): Promise<StatementRow[]> {
    const { index, conditions, parameters, order } =
      filter.clock === 'posted' ? await this.postedRange(filter) : effectiveRange(filter);
    return this.database.query<StatementRow>(
      `SELECT ${STATEMENT_COLUMNS}
       FROM (
         SELECT e.transaction_id, e.leg FROM ledger_entries e FORCE INDEX (${index})
         WHERE e.account_id = ? AND e.account_seq <= ? ${conditions} ORDER BY ${order} LIMIT ?
       ) k
       STRAIGHT_JOIN ledger_entries e ON e.transaction_id = k.transaction_id AND e.leg = k.leg ${STATEMENT_JOINS}
       ORDER BY ${order}`,
      [filter.account_id, filter.up_to_sequence, ...parameters, filter.limit],
    );
  }

  private async postedRange(filter: StatementRange): Promise<SqlRange> {
    const { account_id, from, to, up_to_sequence, after, limit } = filter;
    const bound = (moment: string) => this.lastPostedBefore(account_id, moment, up_to_sequence);
    const start = after?.sequence ?? (from === undefined ? '0' : await bound(from));
    const end = BigInt(to === undefined ? up_to_sequence : await bound(to));
    // The sequence has no gaps, so a page ends at a known number: MariaDB reads the whole history for an open range.
    const pageEnd = BigInt(start) + BigInt(limit);
    return {
      index: 'uq_ledger_entries_account_seq',
      conditions: 'AND e.account_seq > ? AND e.account_seq <= ?',
      parameters: [start, String(pageEnd < end ? pageEnd : end)],
      order: 'e.account_seq',
    };
  }
}

interface StatementRange {
  account_id: string;
  from: string | undefined;
  to: string | undefined;
  up_to_sequence: string;
  after: { time: string; sequence: string } | undefined;
  limit: number;
}

interface SqlRange {
  index: string;
  conditions: string;
  parameters: string[];
  order: string;
}

function effectiveRange({ from, to, after }: StatementRange): SqlRange {
  const conditions: string[] = [];
  const parameters: string[] = [];
  if (after) {
    // Two ranges of the index, so that the server goes there at once.
    conditions.push('AND ((e.effective_at = ? AND e.account_seq > ?) OR e.effective_at > ?)');
    parameters.push(after.time, after.sequence, after.time);
  } else if (from !== undefined) {
    conditions.push('AND e.effective_at >= ?');
    parameters.push(from);
  }
  if (to !== undefined) {
    conditions.push('AND e.effective_at < ?');
    parameters.push(to);
  }
  return {
    index: 'ix_ledger_entries_effective',
    conditions: conditions.join(' '),
    parameters,
    order: 'e.effective_at, e.account_seq',
  };
}
