import * as fc from 'fast-check';
import type { When } from './types';

/**
 * A history as fast-check makes and shrinks it: choices by number, which item-writer.ts turns into items against whatever exists by
 * then. The first choice of everything is the plainest, so that what is left after shrinking is what matters.
 */
export interface History {
  accounts: AccountChoice[];
  rounds: Round[];
}

export interface AccountChoice {
  owner: 'u0' | 'u1';
  currency: 'USD' | 'EUR' | 'JPY';
  status: 'active' | 'frozen' | 'closed';
  /** Minor units. */
  balance: number;
  overdraft: number;
}

export type Round = { kind: 'batch'; requests: RequestChoice[] } | BankAct;

/** What staff does between batches. */
export type BankAct =
  | { kind: 'status'; account: number; status: 'active' | 'frozen' | 'closed' }
  | { kind: 'overdraft'; account: number; limit: number }
  | { kind: 'review'; account: number }
  /** US cents; null: none. 'class': those of everybody like him, of which there are none. */
  | {
      kind: 'limits';
      account: number;
      own: boolean;
      transaction: number | null;
      day: number | null;
      party: number | null;
    }
  | { kind: 'block'; account: number; subject: 'account' | 'user' }
  | { kind: 'block ends'; pick: number; how: 'removed' | 'ran out' };

export type RequestChoice =
  | { kind: 'new'; linked: boolean; steps: Step[] }
  /** A request of before again, whole: as it was, with other contents under its keys, or with an item more. */
  | { kind: 'again'; pick: number; change: 'none' | 'all other' | 'one other' | 'one more'; step: Step }
  /** A single item of before again. */
  | { kind: 'item again'; pick: number; isOther: boolean; step: Step };

export interface Step {
  type: (typeof STEP_TYPES)[number];
  from: number;
  to: number;
  /** Prefers accounts of the sender's currency. */
  near: boolean;
  amount: AmountChoice;
  pick: number;
  owner: 'none' | 'right' | 'wrong';
  twist: Twist;
  style: 'numbers' | 'strings' | 'capitals';
}

/** Minor units; or what is available on the debited account, or held, give or take one. */
export type AmountChoice =
  { kind: 'small'; minor: number } | { kind: 'all'; more: number } | { kind: 'most' };

export type Twist =
  | { kind: 'none' }
  | { kind: 'flaw'; pick: number }
  | { kind: 'currency'; currency: 'other' | 'XXX' | 'usd' | 'USd' }
  | { kind: 'when'; when: When }
  | { kind: 'expires'; expires: 'gone' | 'later' }
  | { kind: 'declined'; byRules: boolean }
  | { kind: 'merchant'; merchant: 'fair' | 'shady' }
  | { kind: 'channel'; channel: 'risk' | 'online' | 'abcdefghijklmnop' }
  | { kind: 'side'; side: 'debit' | 'credit'; account: 'nobody' | 'bank' }
  | { kind: 'description'; description: string }
  | { kind: 'nothing there' }
  | { kind: 'legs'; legs: 'unbalanced' | 'one' | 'none' | 'zero' | 'twice' | 'many' | 'too many' | 'huge' };

/** Kinds of item, as often as they are wanted. */
const STEP_TYPES = [
  'deposit',
  'withdrawal',
  'transfer',
  'transfer',
  'transfer',
  'payment',
  'refund',
  'hold',
  'hold',
  'capture',
  'void',
  'expire',
  'reversal',
  'journal',
] as const;

/** 255 code points of four bytes each: the longest description there is. */
const LONGEST = '\u{1F3E6}'.repeat(255);

const plainTwist = fc.constant<Twist>({ kind: 'none' });
const twist: fc.Arbitrary<Twist> = fc.oneof(
  { weight: 24, arbitrary: plainTwist },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('flaw'), pick: fc.nat(10_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('currency'),
      currency: fc.constantFrom('other', 'XXX', 'usd', 'USd'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('when'),
      when: fc.constantFrom('past', 'closed', 'soon', 'far'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('expires'), expires: fc.constantFrom('gone', 'later') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('declined'), byRules: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('merchant'), merchant: fc.constantFrom('fair', 'shady') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('channel'),
      channel: fc.constantFrom('risk', 'online', 'abcdefghijklmnop'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('side'),
      side: fc.constantFrom('debit', 'credit'),
      account: fc.constantFrom('nobody', 'bank'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('description'),
      description: fc.constantFrom('Rent', '', 'a "quoted" \\ one\n', LONGEST),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Twist>({ kind: 'nothing there' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('legs'),
      legs: fc.constantFrom('unbalanced', 'one', 'none', 'zero', 'twice', 'many', 'too many', 'huge'),
    }),
  },
);

const amount: fc.Arbitrary<AmountChoice> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('small'), minor: fc.nat(120) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('all'), more: fc.integer({ min: -1, max: 1 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'most' }) },
);

const step: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom(...STEP_TYPES),
  from: fc.nat(20),
  to: fc.nat(20),
  near: fc.constantFrom(true, true, true, false),
  amount,
  pick: fc.nat(1_000),
  owner: fc.constantFrom('none', 'none', 'right', 'right', 'right', 'wrong'),
  twist,
  style: fc.constantFrom('numbers', 'numbers', 'strings', 'capitals'),
});

const request: fc.Arbitrary<RequestChoice> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('new'),
      linked: fc.constant(false),
      steps: fc.array(step, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('new'),
      linked: fc.constant(true),
      steps: fc.array(step, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('again'),
      pick: fc.nat(1_000),
      change: fc.constantFrom('none', 'none', 'all other', 'one other', 'one more'),
      step,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('item again'),
      pick: fc.nat(1_000),
      isOther: fc.constantFrom(false, false, false, true),
      step,
    }),
  },
);

const batch = fc.oneof(
  { weight: 6, arbitrary: fc.array(request, { minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: fc.array(request, { minLength: 1, maxLength: 20, size: 'max' }) },
);

const act: fc.Arbitrary<BankAct> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('status'),
      account: fc.nat(20),
      status: fc.constantFrom('active', 'frozen', 'closed'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('overdraft'), account: fc.nat(20), limit: fc.nat(300) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('review'), account: fc.nat(20) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('limits'),
      account: fc.nat(20),
      own: fc.constantFrom(true, true, true, false),
      transaction: fc.option(fc.nat(200)),
      day: fc.option(fc.nat(300)),
      party: fc.option(fc.nat(120)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('block'),
      account: fc.nat(20),
      subject: fc.constantFrom('account', 'user'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('block ends'),
      pick: fc.nat(20),
      how: fc.constantFrom('removed', 'ran out'),
    }),
  },
);

const account: fc.Arbitrary<AccountChoice> = fc.record({
  owner: fc.constantFrom('u0', 'u0', 'u1'),
  currency: fc.constantFrom('USD', 'USD', 'USD', 'USD', 'EUR', 'JPY'),
  status: fc.oneof(
    { weight: 14, arbitrary: fc.constant<'active'>('active') },
    { weight: 1, arbitrary: fc.constantFrom('frozen', 'closed') },
  ),
  balance: fc.oneof(fc.nat(300), fc.constant(0)),
  overdraft: fc.constantFrom(0, 0, 60),
});

const history: fc.Arbitrary<History> = fc.record({
  accounts: fc.array(account, { minLength: 1, maxLength: 6 }),
  rounds: fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant<'batch'>('batch'), requests: batch }) },
      { weight: 3, arbitrary: act },
    ),
    { minLength: 1, maxLength: 6 },
  ),
});

/**
 * Histories that are played at once: each with users and accounts of its own, but their rounds share batches, so that a case costs a
 * fraction of a commit and batches are large and mixed. Half of them are played alone.
 */
export const histories: fc.Arbitrary<History[]> = fc.oneof(
  fc.array(history, { minLength: 1, maxLength: 1 }),
  fc.array(history, { minLength: 1, maxLength: 12, size: 'max' }),
);
