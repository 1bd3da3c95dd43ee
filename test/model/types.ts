/**
 * The language of the model: accounts, users, holds, transactions and keys go by names ("a0", "u1", "h3", "t7", "k12"), never by the
 * ids that a database gave them, so that a history says the same wherever it is run.
 */
export const TYPES = [
  'deposit',
  'withdrawal',
  'transfer',
  'payment',
  'refund',
  'hold',
  'capture',
  'void',
  'expire',
  'reversal',
  'journal',
] as const;
export type Type = (typeof TYPES)[number];

/** When it happened: in open books, in closed ones, two minutes ahead (a clock may be), an hour ahead. */
export type When = 'past' | 'closed' | 'soon' | 'far';

/** A departure from the form that sp_post_batch documents: `field` is sent as `value`. */
export interface Flaw {
  field: string;
  value: unknown;
}

export interface Leg {
  account: string;
  amount: bigint;
}

/** An item of a batch. */
export interface Item {
  key: string;
  hash: string;
  type: Type;
  debit?: string | undefined;
  credit?: string | undefined;
  /** Minor units. */
  amount?: bigint | undefined;
  currency?: string | undefined;
  owner?: string | undefined;
  actor: string;
  when?: When | undefined;
  /** Of a hold: its time is over already, or comes in an hour. Absent: in seven days. */
  expires?: 'gone' | 'later' | undefined;
  hold?: string | undefined;
  original?: string | undefined;
  legs?: Leg[] | undefined;
  merchant?: string | undefined;
  channel?: string | undefined;
  description?: string | undefined;
  declined_reason?: string | undefined;
  declined_rules?: string[] | undefined;
  request: number;
  linked: 0 | 1;
  flaw?: Flaw | undefined;
  /** Ids and amounts as JSON numbers or strings, hex digits in capitals: forms that mean the same. */
  style: 'numbers' | 'strings' | 'capitals';
}

/** A line of what an accepted item did, with the account's funds right after it. Minor units. */
export interface LegAnswer {
  account: string;
  is_entry: boolean;
  amount: bigint;
  balance: bigint;
  available: bigint;
}

export interface Answer {
  code: string;
  is_replayed: boolean;
  transaction: string | null;
  hold: string | null;
  /** Of what was accepted now; null otherwise. */
  amount: bigint | null;
  currency: string | null;
  legs: LegAnswer[];
}

export interface Account {
  /** null: one of the bank's own. */
  owner: string | null;
  currency: string;
  status: 'active' | 'frozen' | 'closed';
  balance: bigint;
  held: bigint;
  overdraft: bigint;
  /** Its entries, oldest first. */
  entries: { transaction: string; amount: bigint; balance: bigint; available: bigint }[];
  under_review: boolean;
  /** A block-list entry names the account or its owner. Entries that ran out no longer forbid anything. */
  blocked: boolean;
}

export interface Hold {
  account: string;
  amount: bigint;
  captured: bigint;
  status: 'active' | 'captured' | 'voided' | 'expired';
  has_expired: boolean;
  merchant: string | undefined;
  channel: string | undefined;
}

export interface Transaction {
  type: Type;
  currency: string;
  amount: bigint;
  legs: Leg[];
  reversed_by: string | null;
}

/** What is remembered of a key. */
export interface Known {
  hash: string;
  code: string;
  transaction: string | null;
  hold: string | null;
}

/** A line of the list of declined requests. */
export interface Declined {
  type: Type;
  code: string;
  account: string | null;
  actor: string;
}
