import { Injectable } from '@nestjs/common';
import { Database } from '../database';

export interface TransactionRow {
  transaction_id: string | null;
  reference_id: string;
  hold_id: string | null;
  type: string;
  currency: string;
  amount_minor: string;
  description: string | null;
  effective_at: string;
  posted_at: string;
  reversal_of: string | null;
  reversed_by: string | null;
}

export interface EntryRow {
  account_id: string;
  user_id: string | null;
  amount_minor: string;
  balance_after_minor: string;
  available_after_minor: string;
}

export interface HoldRow {
  hold_id: string;
  reference_id: string;
  account_id: string;
  user_id: string;
  currency: string;
  hold_amount_minor: string;
  description: string | null;
  event: string;
  event_amount_minor: string;
  balance_after_minor: string;
  available_after_minor: string;
  occurred_at: string;
}

@Injectable()
export class TransactionsRepository {
  constructor(private readonly database: Database) {}

  async find(transactionId: string): Promise<TransactionRow | undefined> {
    const [row] = await this.database.query<TransactionRow>(
      `SELECT t.transaction_id, t.reference_id, t.hold_id, t.type, t.currency, t.amount_minor, t.description, t.effective_at,
         t.posted_at, o.original_transaction_id AS reversal_of, r.reversal_transaction_id AS reversed_by
       FROM transactions t
       LEFT JOIN reversals o ON o.reversal_transaction_id = t.transaction_id
       LEFT JOIN reversals r ON r.original_transaction_id = t.transaction_id
       WHERE t.transaction_id = ?`,
      [transactionId],
    );
    return row;
  }

  entries(transactionId: string): Promise<EntryRow[]> {
    return this.database.query<EntryRow>(
      `SELECT e.account_id, a.user_id, e.amount_minor, e.balance_after_minor, e.available_after_minor
       FROM ledger_entries e JOIN accounts a ON a.account_id = e.account_id
       WHERE e.transaction_id = ? ORDER BY e.leg`,
      [transactionId],
    );
  }

  /** A hold as it was right after `event`. */
  async holdAfter(holdId: string, event: 'created' | 'voided' | 'expired'): Promise<HoldRow | undefined> {
    const [row] = await this.database.query<HoldRow>(
      `SELECT h.hold_id, h.reference_id, h.account_id, a.user_id, h.currency, h.amount_minor AS hold_amount_minor, h.description,
         v.event, v.amount_minor AS event_amount_minor, v.balance_after_minor, v.available_after_minor, v.occurred_at
       FROM holds h
       JOIN accounts a ON a.account_id = h.account_id
       JOIN hold_events v ON v.hold_id = h.hold_id AND v.event = ?
       WHERE h.hold_id = ?`,
      [event, holdId],
    );
    return row;
  }

  /** Whether a request with this key, in its stored form, was decided. */
  async isKeyKnown(key: string): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT 1 FROM idempotency_keys WHERE idempotency_key = UNHEX(?)',
      [key],
    );
    return rows.length > 0;
  }

  /** Of these keys, in their stored form, those that a request was decided by. */
  async knownKeys(keys: readonly string[]): Promise<Set<string>> {
    if (keys.length === 0) return new Set();
    const rows = await this.database.query<{ k: string }>(
      `SELECT LOWER(HEX(idempotency_key)) AS k FROM idempotency_keys
       WHERE idempotency_key IN (${keys.map(() => 'UNHEX(?)').join(', ')})`,
      [...keys],
    );
    return new Set(rows.map(({ k }) => k));
  }

  /** Whether an open alert has this hold. */
  async isKeptByAlert(holdId: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM alerts WHERE hold_id = ? AND is_open LIMIT 1', [
      holdId,
    ]);
    return rows.length > 0;
  }

  /** Whether a reserve stands and will stand for some time. */
  async isReserveUsable(holdId: string, secondsLeft: number): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM holds
       WHERE hold_id = ? AND status = 'active' AND expires_at > UTC_TIMESTAMP(6) + INTERVAL ? SECOND`,
      [holdId, secondsLeft],
    );
    return rows.length > 0;
  }

  /** The setting from which worth on amounts are judged before they post; undefined: there is none. */
  async prejudgeOver(): Promise<string | undefined> {
    const [row] = await this.database.query<{ setting_value: string }>(
      "SELECT setting_value FROM bank_settings WHERE setting_key = 'prejudge_over_usd'",
    );
    return row?.setting_value;
  }

  /** Currency of a hold; `ownerUserId` null finds anyone's. */
  async holdIdentity(holdId: string, ownerUserId: string | null): Promise<{ currency: string } | undefined> {
    const [row] = await this.database.query<{ currency: string }>(
      `SELECT h.currency FROM holds h JOIN accounts a ON a.account_id = h.account_id
       WHERE h.hold_id = ? AND (? IS NULL OR a.user_id = ?)`,
      [holdId, ownerUserId, ownerUserId],
    );
    return row;
  }
}
