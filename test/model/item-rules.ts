import type { Account, Hold, Item, Leg, Transaction } from './types';

const MAX_AMOUNT_MINOR = 1_000_000_000_000n;
const MAX_LEGS = 100;

/** What an item does to one account, and what that account must be. Minor units. */
export interface Side {
  account: string;
  amount: bigint;
  /** Change of what is held. */
  held: bigint;
  /** It must be a customer's. */
  is_customer: boolean;
  /** It must be the owner's, where the item names one. */
  is_owned: boolean;
}

/** The code of an item that is not of the documented form, null when it is. */
export function malformed(item: Item): 'INVALID_ITEM' | 'JOURNAL_UNBALANCED' | null {
  const { type, flaw, amount, debit, credit, legs = [] } = item;
  if (flaw) return 'INVALID_ITEM';
  if (amount !== undefined && (amount < 1n || amount > MAX_AMOUNT_MINOR)) return 'INVALID_ITEM';
  if (type === 'transfer' && debit === credit) return 'INVALID_ITEM';
  if (type !== 'journal') return null;
  if (legs.length < 2 || legs.length > MAX_LEGS) return 'INVALID_ITEM';
  if (new Set(legs.map((leg) => leg.account)).size < legs.length) return 'INVALID_ITEM';
  if (legs.some((leg) => leg.amount === 0n || size(leg.amount) > MAX_AMOUNT_MINOR)) return 'INVALID_ITEM';
  return sum(legs) === 0n ? null : 'JOURNAL_UNBALANCED';
}

/** The sides of an item, debit first; `hold` and `original` are what it refers to. */
export function sidesOf(
  item: Item,
  hold: Hold | undefined,
  original: Transaction | undefined,
  accountOf: (name: string) => Account | undefined,
): Side[] {
  const { type, amount = 0n, debit = '', credit = '', currency = '' } = item;
  switch (type) {
    case 'deposit':
      return [banks(`cash ${currency}`, -amount), customers(credit, amount)];
    case 'refund':
      return [banks(`card_settlement ${currency}`, -amount), customers(credit, amount)];
    case 'withdrawal':
      return [customers(debit, -amount), banks(`cash ${currency}`, amount)];
    case 'payment':
      return [customers(debit, -amount), banks(`card_settlement ${currency}`, amount)];
    case 'transfer':
      return [customers(debit, -amount), { ...customers(credit, amount), is_owned: false }];
    case 'hold':
      return [{ ...customers(debit, 0n), held: amount }];
    case 'journal':
      return (item.legs ?? []).map((leg) => banks(leg.account, leg.amount));
    case 'reversal':
      return (original?.legs ?? []).map((leg) => banks(leg.account, -leg.amount));
    default: {
      if (!hold) return [];
      const released = { ...customers(hold.account, 0n), held: -hold.amount };
      if (type !== 'capture') return [released];
      const taken = item.amount ?? hold.amount;
      const settlement = `card_settlement ${accountOf(hold.account)?.currency}`;
      return [{ ...released, amount: -taken }, banks(settlement, taken)];
    }
  }
}

function customers(account: string, amount: bigint): Side {
  return { account, amount, held: 0n, is_customer: true, is_owned: true };
}

function banks(account: string, amount: bigint): Side {
  return { account, amount, held: 0n, is_customer: false, is_owned: false };
}

function sum(legs: Leg[]): bigint {
  return legs.reduce((total, leg) => total + leg.amount, 0n);
}

function size(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}
