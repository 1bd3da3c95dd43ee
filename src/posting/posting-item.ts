import { hash } from 'node:crypto';
import type { ErrorCode } from '../errors';

export type PostingType =
  | 'deposit'
  | 'withdrawal'
  | 'transfer'
  | 'payment'
  | 'refund'
  | 'hold'
  | 'capture'
  | 'void'
  | 'expire'
  | 'reversal'
  | 'journal';

/** One item of sp_post_batch, by the names of its JSON. The header of procedures/posting/sp_post_batch.sql says what each means. */
export interface PostingItem {
  /** 32 hex digits; see idempotencyKey. */
  key: string;
  /** 32 hex digits; see requestHash. */
  hash: string;
  type: PostingType;
  debit?: string | undefined;
  credit?: string | undefined;
  /** Minor units. */
  amount?: bigint | undefined;
  currency?: string | undefined;
  /** user_id that must own the customer's side; absent for the bank's staff. */
  owner?: string | undefined;
  /** user_id that asked. */
  actor?: string | undefined;
  /** Microseconds since 1970-01-01 UTC. */
  effective_us?: number | undefined;
  expires_us?: number | undefined;
  hold?: string | undefined;
  original?: string | undefined;
  legs?: { account: string; amount: bigint }[] | undefined;
  merchant?: string | undefined;
  card?: string | undefined;
  channel?: string | undefined;
  description?: string | undefined;
  declined_reason?: string | undefined;
  /** Beside declined_reason: the bank's own fraud engine refused it, by these rules. */
  declined_rules?: readonly string[] | undefined;
  /** Beside declined_rules: its risk, 0 to 1, and why, for the analyst. */
  declined_risk?: number | undefined;
  declined_reasons?: readonly object[] | undefined;
}

export type PostingCode = 'OK' | Extract<ErrorCode, string>;

export interface PostingLeg {
  leg: number;
  account_id: string;
  /** null: an account of the bank itself. */
  user_id: string | null;
  /** false: a hold or its release, which moves no money. */
  is_entry: boolean;
  amount_minor: bigint;
  balance_after_minor: bigint;
  available_after_minor: bigint;
}

/** What became of one item. Legs are there only when it was posted now: a replay is read from the ledger. */
export interface PostingOutcome {
  code: PostingCode;
  is_replayed: boolean;
  transaction_id: string | null;
  reference_id: string | null;
  hold_id: string | null;
  type: PostingType;
  currency: string;
  amount_minor: bigint;
  description: string | null;
  effective_at: string;
  posted_at: string;
  legs: PostingLeg[];
}

/** The stored form of a client's Idempotency-Key: `scope` keeps the keys of different users and sources apart. */
export function idempotencyKey(scope: string, key: string): string {
  return hex32(`${scope}\u0000${key}`);
}

/** The stored form of a request, to tell a repeat from another request under the same key. Give it nothing secret. */
export function requestHash(request: unknown): string {
  return hex32(JSON.stringify(withoutBigints(request)));
}

/** A copy with decimal strings in their place: half of what a replacer function costs. */
function withoutBigints(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutBigints);
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) copy[name] = withoutBigints(part);
  return copy;
}

function hex32(text: string): string {
  return hash('sha256', text).slice(0, 32);
}
