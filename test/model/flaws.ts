import type { Flaw, Item, Type } from './types';

type FlawOf = (item: Item) => Flaw;

const field = (name: string, ...values: unknown[]): FlawOf[] =>
  values.map((value) => () => ({ field: name, value }));

/** For every kind of item. undefined: the field is left out. */
const ANY: FlawOf[] = [
  ...field('key', undefined, null, 'abc', 'g'.repeat(32), 'a'.repeat(33), 5),
  ...field('hash', undefined, null, '', 'x'.repeat(32)),
  ...field('type', undefined, null, 7, '', 'gift', 'transfertransfertransfer', ['transfer']),
  (item) => ({ field: 'type', value: item.type.toUpperCase() }),
  (item) => ({ field: 'type', value: item.type.slice(0, 1).toUpperCase() + item.type.slice(1) }),
  (item) => ({ field: 'type', value: `${item.type} ` }),
  (item) => ({ field: 'type', value: ` ${item.type}` }),
  (item) => ({ field: 'type', value: `${item.type}\u0000` }),
  ...field('description', 'x'.repeat(256), 'x'.repeat(5_000), '\u{1F4B0}'.repeat(256)),
  ...field('channel', 'c'.repeat(17), 'c'.repeat(99)),
  ...field('effective_us', 1e30, -2_300_000_000_000_000, 7_300_000_000_000_000),
  ...field('declined_reason', 'x'.repeat(256), 'x'.repeat(5_000)),
];

const AMOUNT = field(
  'amount',
  undefined,
  null,
  0,
  -1,
  1.5,
  0.000_000_4,
  '0.5',
  'much',
  '',
  1_000_000_000_001,
  1e40,
  '1e40',
);
const CURRENCY = field('currency', undefined, null, '', 'US', 'USDX', 'x'.repeat(99));
const DEBIT = field('debit', undefined, null, 0, -5, 'me', '');
const CREDIT = field('credit', undefined, null, 0, -5, 'you', '');
const HOLD = field('hold', undefined, null, 0, -1, 'that one', '');

const BY_TYPE: Record<Type, FlawOf[]> = {
  deposit: [...AMOUNT, ...CURRENCY, ...CREDIT],
  refund: [...AMOUNT, ...CURRENCY, ...CREDIT],
  withdrawal: [...AMOUNT, ...CURRENCY, ...DEBIT],
  payment: [...AMOUNT, ...CURRENCY, ...DEBIT],
  transfer: [
    ...AMOUNT,
    ...CURRENCY,
    ...DEBIT,
    ...CREDIT,
    ({ debit }) => ({ field: 'credit', value: { same: debit } }),
  ],
  hold: [...AMOUNT, ...CURRENCY, ...DEBIT, ...field('expires_us', -1, 1e30, 7_300_000_000_000_000)],
  capture: [...HOLD, ...field('amount', 0, -1, 1.5, 'all', 1e40)],
  void: HOLD,
  expire: HOLD,
  reversal: field('original', undefined, null, 0, -1, 'that one', ''),
  journal: [
    ...CURRENCY,
    ...field('legs', undefined, null, [], {}, 'legs', [1, 2], [{}, {}]),
    (item) => ({ field: 'legs', value: legsWith(item, { account: undefined }) }),
    (item) => ({ field: 'legs', value: legsWith(item, { account: 0 }) }),
    (item) => ({ field: 'legs', value: legsWith(item, { amount: undefined }) }),
    (item) => ({ field: 'legs', value: legsWith(item, { amount: 1.5 }) }),
    (item) => ({ field: 'legs', value: legsWith(item, { amount: 'some' }) }),
  ],
};

/** One of the ways in which an item of this kind may be malformed. */
export function flawOf(item: Item, pick: number): Flaw {
  // What its kind needs goes wrong as often as what all have.
  const kind = BY_TYPE[item.type];
  const table = pick % 2 === 0 ? ANY : kind;
  return (table[Math.floor(pick / 2) % table.length] as FlawOf)(item);
}

/** The item's legs, the first of them changed. */
function legsWith(item: Item, change: object): unknown[] {
  return (item.legs ?? []).map((leg, index) => ({
    ...leg,
    amount: Number(leg.amount),
    ...(index === 0 ? change : {}),
  }));
}
