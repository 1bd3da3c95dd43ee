import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from 'mysql2/promise';
import type { Answer, Item, LegAnswer, When } from './types';

const MINUTE_US = 60_000_000;
const UNKNOWN_ID = '18446744073709551000';
const IDS = ['debit', 'credit', 'owner', 'actor', 'hold', 'original', 'merchant'] as const;

/** What a column of an answer holds. */
type Cell = string | number | null;
type Row = Record<string, Cell>;

/** Which id the bank gave to what the model calls by a name, both ways. */
export class Names {
  private readonly ids = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private readonly nonce = randomBytes(8).toString('hex');

  /** Names of one kind ("account", "hold", …) are kept apart from the others. */
  bind(kind: string, name: string, id: string): void {
    this.ids.set(`${kind} ${name}`, id);
    this.names.set(`${kind} ${id}`, name);
  }

  idOf(kind: string, name: string): string {
    return this.ids.get(`${kind} ${name}`) ?? UNKNOWN_ID;
  }

  /** All ids of a kind. */
  idsOf(kind: string): string[] {
    return [...this.ids].flatMap(([name, id]) => (name.startsWith(`${kind} `) ? [id] : []));
  }

  nameOf(kind: string, id: Cell | undefined): string | null {
    if (id === null || id === undefined) return null;
    return this.names.get(`${kind} ${String(id)}`) ?? `unknown ${kind} ${String(id)}`;
  }

  isBound(kind: string, name: string): boolean {
    return this.ids.has(`${kind} ${name}`);
  }

  knowsId(kind: string, id: Cell): boolean {
    return this.names.has(`${kind} ${String(id)}`);
  }

  /** Keys and hashes, 32 hex digits that no other history uses. */
  hexOf(name: string): string {
    return createHash('md5').update(`${this.nonce} ${name}`).digest('hex');
  }
}

const KIND_OF: Record<(typeof IDS)[number], string> = {
  debit: 'account',
  credit: 'account',
  owner: 'user',
  actor: 'user',
  hold: 'hold',
  original: 'transaction',
  merchant: 'merchant',
};

/** The item as sp_post_batch reads it. */
export function toWire(item: Item, names: Names): Record<string, unknown> {
  const { style, flaw, when, expires, ...rest } = item;
  const number = (value: string | bigint): string | number =>
    style === 'strings' || BigInt(value) > BigInt(Number.MAX_SAFE_INTEGER) ? String(value) : Number(value);
  const hex = (name: string) => (style === 'capitals' ? names.hexOf(name).toUpperCase() : names.hexOf(name));
  const wire: Record<string, unknown> = { ...rest, key: hex(item.key), hash: hex(item.hash) };
  for (const field of IDS) {
    const name = item[field];
    if (name !== undefined) wire[field] = number(names.idOf(KIND_OF[field], name));
  }
  if (item.amount !== undefined) wire.amount = number(item.amount);
  if (item.legs !== undefined) wire.legs = item.legs.map((leg) => toLeg(leg, names));
  if (when !== undefined) wire.effective_us = timeOf(when);
  if (expires !== undefined)
    wire.expires_us = Date.now() * 1_000 + (expires === 'gone' ? -1 : 60) * MINUTE_US;
  if (flaw) wire[flaw.field] = flawValue(flaw.value, names);
  return wire;
}

function toLeg(leg: unknown, names: Names): unknown {
  if (typeof leg !== 'object' || leg === null) return leg;
  const { account, amount, ...rest } = leg as { account?: unknown; amount?: unknown };
  const strangers = typeof account === 'string' && account.startsWith('nobody ');
  return {
    ...rest,
    account: strangers
      ? `${UNKNOWN_ID.slice(0, -3)}${account.slice('nobody '.length).padStart(3, '0')}`
      : typeof account === 'string'
        ? names.idOf('account', account)
        : account,
    amount: typeof amount === 'bigint' ? Number(amount) : amount,
  };
}

function flawValue(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((part) => toLeg(part, names));
  if (typeof value === 'object' && value !== null && 'same' in value)
    return names.idOf('account', String(value.same));
  return value;
}

function timeOf(when: When): number {
  const now = Date.now() * 1_000;
  if (when === 'past') return Date.UTC(2023, 4, 6) * 1_000;
  if (when === 'closed') return Date.UTC(2019, 11, 31, 23, 59, 59) * 1_000;
  return now + (when === 'soon' ? 2 : 60) * MINUTE_US;
}

export interface RawAnswer {
  items: Row[];
  legs: Row[];
}

/** One CALL sp_post_batch of whatever JSON. */
export async function callPostBatch(pool: Pool, batch: unknown): Promise<RawAnswer> {
  const [answer] = await pool.query('CALL sp_post_batch(?)', [JSON.stringify(batch)]);
  const [items = [], legs = []] = answer as unknown as Row[][];
  return { items, legs };
}

/** What the bank answered, in the model's words. Ids it gave now are bound to the names that `expected` has for them. */
export function fromWire({ items, legs }: RawAnswer, expected: readonly Answer[], names: Names): Answer[] {
  return items.map((row, index) => {
    const mine = legs.filter((leg) => leg.seq === row.seq);
    const wanted = expected[index];
    for (const kind of ['transaction', 'hold'] as const) {
      const [name, id] = [wanted?.[kind], row[`${kind}_id`] ?? null];
      if (name && id !== null && !names.isBound(kind, name) && !names.knowsId(kind, id))
        names.bind(kind, name, String(id));
    }
    const isNew = row.code === 'OK' && row.is_replayed === 0;
    return {
      code: String(row.code),
      is_replayed: row.is_replayed === 1,
      transaction: names.nameOf('transaction', row.transaction_id),
      // What was declined says nothing of the hold it was about.
      hold: row.code === 'OK' ? names.nameOf('hold', row.hold_id) : null,
      amount: isNew ? BigInt(row.amount_minor ?? 0) : null,
      currency: isNew ? String(row.currency) : null,
      legs: mine.map((leg) => toLegAnswer(leg, names)),
    };
  });
}

function toLegAnswer(leg: Row, names: Names): LegAnswer {
  return {
    account: names.nameOf('account', leg.account_id) ?? '',
    is_entry: leg.is_entry === 1,
    amount: BigInt(leg.amount_minor ?? 0),
    balance: BigInt(leg.balance_after_minor ?? 0),
    available: BigInt(leg.available_after_minor ?? 0),
  };
}
