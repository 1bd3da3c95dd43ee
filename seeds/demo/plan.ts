import { createHash } from 'node:crypto';
import type { PostingCode, PostingType } from '../../src/posting';
import type { Currency } from './people';

/** One item of the history, by names: accounts, cards, merchants and users get their ids when it is posted. */
export interface PlannedItem {
  /** Unique within the plan, and the idempotency key: a second run meets what the first one posted. */
  name: string;
  /** When it happened, ms UTC. */
  at: number;
  type: PostingType;
  currency?: Currency;
  /** Minor units. */
  amount?: bigint;
  debit?: string;
  credit?: string;
  legs?: { account: string; amount: bigint }[];
  /** Name of the planned hold that is captured, voided or expires. */
  hold?: string;
  /** Name of the planned item that is reversed. */
  original?: string;
  expires_at?: number;
  merchant?: string;
  card?: string;
  channel?: string;
  description?: string;
  declined_reason?: string;
  /** Username of who asked; absent: the bank itself. */
  actor?: string;
  /** Known as fraud afterwards. */
  is_fraud?: boolean;
}

/** An administrator freezes an account between two items. */
export interface PlannedFreeze {
  freeze: string;
  actor: string;
}

export interface PlannedPosting extends PlannedItem {
  /** What sp_post_batch will answer. */
  expected: PostingCode;
}

export type PlanStep = PlannedPosting | PlannedFreeze;

/** Something that may happen at a time. What exactly, it decides when its turn comes and balances are known. */
export interface Candidate {
  at: number;
  make: (books: Books) => PlannedItem | PlannedFreeze | null;
  /** The decline that is meant to happen; anything else that cannot be paid for is left out of the history. */
  wanted?: PostingCode;
  /** Minor units that must stay available on the paying account, or the spending is left out. */
  reserve?: bigint;
}

interface Leg {
  account: string;
  amount: bigint;
  held: bigint;
}

interface BookedItem {
  item: PlannedItem;
  legs: Leg[];
}

/** The bank on paper: follows balances and holds while a plan is made, deciding as sp_post_batch will. */
export class Books {
  private readonly balances = new Map<string, bigint>();
  private readonly held = new Map<string, bigint>();
  private readonly frozen = new Set<string>();
  private readonly booked = new Map<string, BookedItem>();

  /** @param overdrafts minor units, by account name; accounts without one have none */
  constructor(private readonly overdrafts: ReadonlyMap<string, bigint> = new Map()) {}

  /** Minor units, credit positive. */
  balance(account: string): bigint {
    return this.balances.get(account) ?? 0n;
  }

  available(account: string): bigint {
    return this.balance(account) - (this.held.get(account) ?? 0n) + (this.overdrafts.get(account) ?? 0n);
  }

  /** Whether an item of this name was booked. */
  has(name: string): boolean {
    return this.booked.has(name);
  }

  freeze(account: string): void {
    this.frozen.add(account);
  }

  /** What the item would be answered, in the order of sp_post_batch; null when it refers to what never happened. */
  decide(item: PlannedItem): PostingCode | null {
    const legs = this.legsOf(item);
    if (!legs) return null;
    if (item.declined_reason !== undefined) return 'EXTERNALLY_DECLINED';
    const ignoresFreeze = ['reversal', 'journal', 'void', 'expire'].includes(item.type);
    if (!ignoresFreeze && legs.some((leg) => this.frozen.has(leg.account))) return 'ACCOUNT_FROZEN';
    const isShort = legs.some(
      (leg) =>
        isCustomers(leg.account) &&
        leg.amount < leg.held &&
        this.available(leg.account) + leg.amount - leg.held < 0n,
    );
    return isShort ? 'INSUFFICIENT_FUNDS' : 'OK';
  }

  apply(item: PlannedItem): void {
    const legs = this.legsOf(item) ?? [];
    for (const leg of legs) {
      this.balances.set(leg.account, this.balance(leg.account) + leg.amount);
      this.held.set(leg.account, (this.held.get(leg.account) ?? 0n) + leg.held);
    }
    this.booked.set(item.name, { item, legs });
  }

  private legsOf(item: PlannedItem): Leg[] | null {
    const { amount = 0n, currency = 'USD' } = item;
    const move = (debit = '', credit = ''): Leg[] => [
      { account: debit, amount: -amount, held: 0n },
      { account: credit, amount, held: 0n },
    ];
    switch (item.type) {
      case 'deposit':
        return move(bankAccount('cash', currency), item.credit);
      case 'withdrawal':
        return move(item.debit, bankAccount('cash', currency));
      case 'transfer':
        return move(item.debit, item.credit);
      case 'payment':
        return move(item.debit, bankAccount('card_settlement', currency));
      case 'refund':
        return move(bankAccount('card_settlement', currency), item.credit);
      case 'hold':
        return [{ account: item.debit ?? '', amount: 0n, held: amount }];
      case 'journal':
        return (item.legs ?? []).map((leg) => ({ ...leg, held: 0n }));
      case 'reversal':
        return (
          this.booked.get(item.original ?? '')?.legs.map((leg) => ({ ...leg, amount: -leg.amount })) ?? null
        );
      default:
        return this.releaseLegs(item);
    }
  }

  private releaseLegs(item: PlannedItem): Leg[] | null {
    const hold = this.booked.get(item.hold ?? '')?.item;
    if (!hold?.debit || hold.amount === undefined) return null;
    const taken = item.type === 'capture' ? (item.amount ?? hold.amount) : 0n;
    const release = { account: hold.debit, amount: -taken, held: -hold.amount };
    if (taken === 0n) return [release];
    return [
      release,
      { account: bankAccount('card_settlement', hold.currency ?? 'USD'), amount: taken, held: 0n },
    ];
  }
}

/** How plans name an account of the bank itself. */
export function bankAccount(code: string, currency: Currency): string {
  return `bank ${code} ${currency}`;
}

export function isFreeze(step: PlanStep | PlannedItem | PlannedFreeze): step is PlannedFreeze {
  return 'freeze' in step;
}

/** A candidate that is decided already. */
export function certain(item: PlannedItem, options: Pick<Candidate, 'wanted' | 'reserve'> = {}): Candidate {
  return { at: item.at, make: () => item, ...options };
}

export interface Plan {
  steps: PlanStep[];
  /** Names of what was left out because it could not be paid for. */
  left_out: string[];
}

/** Puts candidates in the order of time and keeps those that fit the balances of their moment. */
export function makePlan(candidates: readonly Candidate[], books: Books): Plan {
  const steps: PlanStep[] = [];
  const left_out: string[] = [];
  const inOrder = candidates.map((candidate, index) => ({ candidate, index }));
  inOrder.sort((a, b) => a.candidate.at - b.candidate.at || a.index - b.index);
  for (const { candidate } of inOrder) {
    const step = candidate.make(books);
    if (!step) continue;
    if (isFreeze(step)) {
      books.freeze(step.freeze);
      steps.push(step);
      continue;
    }
    const expected = books.decide(step);
    const keepsReserve =
      candidate.reserve === undefined ||
      books.available(step.debit ?? '') - (step.amount ?? 0n) >= candidate.reserve;
    if (expected === null || expected !== (candidate.wanted ?? 'OK') || !keepsReserve) {
      left_out.push(step.name);
      continue;
    }
    if (expected === 'OK') books.apply(step);
    steps.push({ ...step, expected });
  }
  return { steps, left_out };
}

/** The same plan gives the same digest: a test's way to see that nothing random slipped in. */
export function planDigest({ steps }: Plan): string {
  const text = JSON.stringify(steps, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

function isCustomers(account: string): boolean {
  return !account.startsWith('bank ');
}
