import { idOrNull, type Queries } from '../database';
import type { PostingCode } from '../posting';
import { earlyHoldOf } from './early-hold';

export type ActionsState = 'none' | 'pending' | 'done' | 'releasing' | 'confirming';

/** An alert with what its actions need to know of the transaction. Amounts are minor units. */
export interface AlertToAct {
  alert_id: string;
  /** Empty: the alert is about what was declined, of which there is no money to hold or to bring back. */
  transaction_id: string;
  reference_id: string;
  currency: string;
  amount_minor: bigint;
  actions_state: ActionsState;
  /** Whether the alert calls for a hold and a block. */
  is_acting: boolean;
  debit_account_id: string | null;
  credit_account_id: string | null;
  /** What the receiving customer's account was credited; 0 without one. */
  credited_minor: bigint;
  hold_id: string | null;
  is_reversal_wanted: boolean;
  determined_by: string | null;
}

type AlertRow = Record<
  | 'alert_id'
  | 'reference_id'
  | 'currency'
  | 'amount_minor'
  | 'actions_state'
  | 'is_acting'
  | 'is_reversal_wanted',
  string
> &
  Record<
    | 'transaction_id'
    | 'debit_account_id'
    | 'credit_account_id'
    | 'credited_minor'
    | 'hold_id'
    | 'determined_by',
    string | null
  >;

/** The answer that a key was given, whoever asked. */
export interface KnownAnswer {
  code: PostingCode;
  transaction_id: string | null;
  hold_id: string | null;
}

/** What the actions on alerts read. Decisions are made by the posting procedure: nothing here needs a lock. */
export class AlertLedger {
  constructor(private readonly queries: Queries) {}

  async alert(alertId: string): Promise<AlertToAct | undefined> {
    const [row] = await this.queries.query<AlertRow>(
      `SELECT a.alert_id, a.transaction_id, COALESCE(t.reference_id, '') AS reference_id, COALESCE(t.currency, '') AS currency,
         COALESCE(t.amount_minor, 0) AS amount_minor, a.actions_state, a.is_acting,
         a.debit_account_id, a.credit_account_id, e.amount_minor AS credited_minor, a.hold_id, a.is_reversal_wanted, a.determined_by
       FROM alerts a
       LEFT JOIN transactions t ON t.transaction_id = a.transaction_id
       LEFT JOIN ledger_entries e ON e.transaction_id = a.transaction_id AND e.account_id = a.credit_account_id AND e.amount_minor > 0
       WHERE a.alert_id = ?`,
      [alertId],
    );
    return row && toAlert(row);
  }

  async answerTo(key: string): Promise<KnownAnswer | undefined> {
    const [row] = await this.queries.query<KnownAnswer>(
      'SELECT code, transaction_id, hold_id FROM idempotency_keys WHERE idempotency_key = UNHEX(?)',
      [key],
    );
    return row && { ...row, transaction_id: idOrNull(row.transaction_id), hold_id: idOrNull(row.hold_id) };
  }

  /** What the customer owns and has free, below zero in an overdraft, which is the bank's money. */
  async ownFundsOf(accountId: string): Promise<bigint> {
    const [row] = await this.queries.query<{ own_minor: string }>(
      'SELECT balance_minor - held_minor AS own_minor FROM accounts WHERE account_id = ?',
      [accountId],
    );
    return BigInt(row?.own_minor ?? 0);
  }

  /** The hold that came with the alert's transaction, as long as it stands. */
  async earlyHold({ transaction_id }: AlertToAct): Promise<KnownAnswer | undefined> {
    const hold_id = await earlyHoldOf(this.queries, transaction_id);
    return hold_id === null ? undefined : { code: 'OK', transaction_id: null, hold_id };
  }

  /** What a hold has set aside; 0 when it stands no more. */
  async heldBy(holdId: string | null): Promise<bigint> {
    if (holdId === null) return 0n;
    const [row] = await this.queries.query<{ amount_minor: string }>(
      "SELECT amount_minor FROM holds WHERE hold_id = ? AND status = 'active'",
      [holdId],
    );
    return BigInt(row?.amount_minor ?? 0);
  }

  async amountOf(transactionId: string | null): Promise<bigint> {
    const [row] = await this.queries.query<{ amount_minor: string }>(
      'SELECT amount_minor FROM transactions WHERE transaction_id = ?',
      [transactionId],
    );
    return BigInt(row?.amount_minor ?? 0);
  }

  /** The account that the money came from: a customer's, or the bank's own. */
  async sourceOf(transactionId: string): Promise<string | undefined> {
    const [row] = await this.queries.query<{ account_id: string }>(
      'SELECT account_id FROM ledger_entries WHERE transaction_id = ? AND amount_minor < 0 ORDER BY amount_minor, leg LIMIT 1',
      [transactionId],
    );
    return row && String(row.account_id);
  }
}

function toAlert(row: AlertRow): AlertToAct {
  return {
    alert_id: String(row.alert_id),
    transaction_id: idOrNull(row.transaction_id) ?? '',
    reference_id: row.reference_id,
    currency: row.currency,
    amount_minor: BigInt(row.amount_minor),
    actions_state: row.actions_state as ActionsState,
    is_acting: Number(row.is_acting) === 1,
    debit_account_id: idOrNull(row.debit_account_id),
    credit_account_id: idOrNull(row.credit_account_id),
    credited_minor: BigInt(row.credited_minor ?? 0),
    hold_id: idOrNull(row.hold_id),
    is_reversal_wanted: Number(row.is_reversal_wanted) === 1,
    determined_by: idOrNull(row.determined_by),
  };
}
