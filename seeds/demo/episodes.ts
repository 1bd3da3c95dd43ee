import { DAY, MINUTE, daysOf, isoDay, monthName, type Period } from './calendar';
import { account, biller, clockOf, hold, payment, reversal, shop, transfer, type Clock } from './items';
import type { Biller, SpendingKind } from './merchants';
import { accountName, minor, type AccountType, type Currency } from './people';
import { certain, type Candidate, type PlannedItem } from './plan';
import { Random } from './random';

/** What is not everyday: gifts between people, large purchases, refunds, reversals, holds and declines. */
export function episodes(period: Period): Candidate[] {
  const clock = clockOf(period);
  return [
    ...amongPeople(period),
    ...largeMoves(clock),
    ...refunds(clock),
    ...reversals(clock, period),
    ...settledHolds(clock, period),
    ...openHolds(clock, period),
    ...declines(clock),
  ];
}

const NOTES = [
  'Dinner 🍕',
  'Concert tickets 🎶',
  'Thanks for the ride',
  'Birthday gift 🎁',
  'Groceries, your half',
  'Book club',
  'Wochenende in Köln',
  'Café y tapas',
  'Train tickets 🚆',
];
const INDIAN_NOTES = [
  'खाना',
  'Cricket tickets 🏏',
  'Chai and samosas ☕',
  'Cab share',
  'Diwali gift 🪔',
  'Movie tickets',
];
const PAIRS: readonly (readonly [from: string, to: string])[] = [
  ['alice', 'bob'],
  ['bob', 'alice'],
  ['alice', 'mei'],
  ['mei', 'alice'],
  ['bob', 'seun'],
  ['seun', 'bob'],
  ['jose', 'alice'],
];

function amongPeople(period: Period): Candidate[] {
  const random = new Random('among people');
  const candidates: Candidate[] = [];
  for (const day of daysOf(period).slice(2)) {
    const at = day + random.integer(9 * 60, 22 * 60) * MINUTE;
    if (random.chance(0.3)) {
      const [from, to] = random.pick(PAIRS);
      const amount = random.spending(minor(8), minor(95), 50n);
      candidates.push(gift(`gift ${isoDay(day)}`, at, [from, to], 'USD', amount, random.pick(NOTES)));
    }
    if (random.chance(0.12)) {
      const pair = random.pick([['priya', 'arjun'] as const, ['arjun', 'priya'] as const]);
      candidates.push(
        gift(
          `gift INR ${isoDay(day)}`,
          at,
          pair,
          'INR',
          random.spending(minor(250), minor(4_200), 1_000n),
          random.pick(INDIAN_NOTES),
        ),
      );
    }
    if (random.chance(0.06)) {
      const item = transfer(
        `flat ${isoDay(day)}`,
        at,
        account('chloe', 'checking'),
        account('alice', 'wallet', 'EUR'),
        random.spending(minor(60), minor(180), 500n),
      );
      candidates.push(
        certain({ ...item, description: 'Merci pour l’appartement ❤️' }, { reserve: minor(300) }),
      );
    }
  }
  return candidates;
}

function gift(
  name: string,
  at: number,
  [from, to]: readonly [string, string],
  currency: Currency,
  amount: bigint,
  description: string,
): Candidate {
  const item = transfer(
    name,
    at,
    account(from, 'checking', currency),
    account(to, 'checking', currency),
    amount,
  );
  return certain({ ...item, description }, { reserve: minor(currency === 'INR' ? 6_000 : 200) });
}

/** Above the high-value threshold, and nothing wrong with them. */
function largeMoves(clock: Clock): Candidate[] {
  const move = (name: string, at: number, from: string, to: string, major: number, description: string) =>
    certain({ ...transfer(name, at, from, to, minor(major)), description });
  return [
    move(
      'car',
      clock(47, '11:20'),
      account('mei', 'savings'),
      account('bob', 'checking'),
      18_500,
      'Used car, title and two keys 🚗',
    ),
    move(
      'car saved',
      clock(45, '19:05'),
      account('bob', 'checking'),
      account('bob', 'savings'),
      15_000,
      'Car money put aside',
    ),
    move(
      'kitchen funds',
      clock(54, '09:10'),
      account('chloe', 'savings'),
      account('chloe', 'checking'),
      13_000,
      'Nouvelle cuisine',
    ),
    certain({
      ...payment('kitchen', clock(53, '15:45'), 'chloe', shop('chloe', 'department'), 12_640),
      description: 'Cuisine équipée, facture 2207',
    }),
    certain(payment('ring', clock(36, '16:30'), 'mei', biller('mei', 'jeweller'), 2_350)),
    certain({
      ...payment('flight mei', clock(61, '20:12'), 'mei', biller('mei', 'airline'), 684.4),
      channel: 'online',
    }),
    certain({
      ...payment('flight arjun', clock(58, '21:40'), 'arjun', biller('arjun', 'airline'), 14_820),
      channel: 'online',
    }),
    certain({
      ...payment('flight priya', clock(27, '13:25'), 'priya', biller('priya', 'airline'), 9_460),
      channel: 'online',
    }),
    certain({
      ...payment('hotel lyon', clock(12, '17:20'), 'alice', biller('chloe', 'hotel'), 96),
      ...eurWallet,
      channel: 'online',
    }),
    certain({
      ...payment('lunch lyon', clock(11, '12:50'), 'alice', shop('chloe', 'restaurant'), 24.5),
      ...eurWallet,
      channel: 'contactless',
    }),
  ];
}

const eurWallet = { currency: 'EUR', debit: accountName('alice', 'wallet', 'EUR'), card: undefined } as const;

function refunds(clock: Clock): Candidate[] {
  const bought: [username: string, kind: SpendingKind, days: number, major: number][] = [
    ['alice', 'electronics', 70, 249],
    ['chloe', 'clothes', 49, 118.9],
    ['priya', 'clothes', 33, 2_799],
    ['bob', 'department', 21, 86.35],
    ['seun', 'clothes', 13, 64.5],
    ['arjun', 'electronics', 8, 6_490],
  ];
  return bought.flatMap(([username, kind, days, major]) => {
    const paid = payment(
      `returned ${username} ${kind}`,
      clock(days, '15:10'),
      username,
      shop(username, kind),
      major,
    );
    const { debit, actor: _actor, ...shared } = paid;
    const refund: PlannedItem = {
      ...shared,
      name: `refund ${username} ${kind}`,
      at: clock(days - 4, '11:35'),
      type: 'refund',
      credit: debit,
      description: 'Returned goods',
    };
    return [certain(paid), certain(refund)];
  });
}

function reversals(clock: Clock, period: Period): Candidate[] {
  const dinner = payment('dinner bob', clock(24, '21:14'), 'bob', shop('bob', 'restaurant'), 73.8);
  const twice = { ...dinner, name: 'dinner bob again', at: clock(24, '21:15') };
  return [
    certain(dinner),
    certain(twice),
    certain(reversal('dinner bob reversed', clock(22, '10:05'), twice.name, 'Charged twice')),
    certain(
      reversal(
        'fee waived',
        clock(6, '14:40'),
        `fee alice ${monthName(period.start)}`,
        'Account fee waived as a courtesy',
      ),
    ),
  ];
}

/** Set aside and then taken, in whole or in part, given back, or left to expire. */
function settledHolds(clock: Clock, period: Period): Candidate[] {
  const held: [username: string, biller: Biller, days: number, major: number, taken: number | null][] = [
    ['alice', 'hotel', 60, 220, 204.6],
    ['bob', 'hotel', 43, 310, 310],
    ['chloe', 'hotel', 39, 240, 221.4],
    ['priya', 'hotel', 25, 9_200, 8_650],
    ['arjun', 'hotel', 55, 12_500, 12_500],
    ['seun', 'hotel', 17, 180, 164.75],
    ['mei', 'hotel', 29, 450, null],
    ['chloe', 'airline', 14, 205, null],
  ];
  const settled = held.flatMap(([username, at, days, major, taken]) => {
    const placed = hold(
      `hold ${username} ${at} ${days}`,
      clock(days, '14:20'),
      username,
      biller(username, at),
      major,
    );
    // Far enough ahead that a first run which was interrupted can still be completed weeks later.
    const lasting = { ...placed, expires_at: period.end + 30 * DAY };
    const end = {
      name: `${placed.name} settled`,
      at: clock(days - 3, '10:30'),
      hold: placed.name,
      currency: placed.currency,
    };
    const settlement: PlannedItem =
      taken === null
        ? { ...end, type: 'void', actor: 'admin', description: 'Booking cancelled' }
        : { ...end, type: 'capture', amount: minor(taken), description: 'Final bill' };
    return [certain(lasting), certain(settlement)];
  });
  const lapsed = ([username, days]: [string, number]): Candidate[] => {
    const placed = hold(
      `hold ${username} lapsed`,
      clock(days, '19:50'),
      username,
      biller(username, 'hotel'),
      username === 'arjun' ? 7_000 : 260,
    );
    const expiry: PlannedItem = {
      name: `${placed.name} expired`,
      at: clock(days - 7, '20:00'),
      type: 'expire',
      hold: placed.name,
      currency: placed.currency,
    };
    return [certain({ ...placed, expires_at: clock(days - 7, '19:50') }), certain(expiry)];
  };
  return [...settled, ...lapsed(['alice', 31]), ...lapsed(['arjun', 20])];
}

/** Still set aside when the bank opens. */
function openHolds(clock: Clock, period: Period): Candidate[] {
  const open: [username: string, biller: Biller, major: number][] = [
    ['alice', 'hotel', 420],
    ['bob', 'airline', 138.6],
    ['chloe', 'hotel', 180],
    ['priya', 'hotel', 8_500],
  ];
  return open.map(([username, at, major]) => {
    const placed = hold(`hold ${username} open`, clock(1, '16:15'), username, biller(username, at), major);
    return certain({ ...placed, expires_at: period.end + 6 * DAY });
  });
}

function declines(clock: Clock): Candidate[] {
  const short: [username: string, from: AccountType, days: number, time: string, major: number][] = [
    ['jose', 'wallet', 44, '16:45', 899],
    ['jose', 'wallet', 44, '16:47', 499],
    ['seun', 'wallet', 37, '22:10', 640],
    ['alice', 'wallet', 19, '12:32', 1_150],
    ['jose', 'wallet', 5, '18:20', 320],
  ];
  const beyondFunds = short.map(([username, from, days, time, major]): Candidate => {
    const item = payment(
      `short ${username} ${days} ${time}`,
      clock(days, time),
      username,
      shop(username, 'electronics'),
      major,
    );
    const debit = account(username, from);
    return {
      at: item.at,
      wanted: 'INSUFFICIENT_FUNDS',
      make: (books) => ({
        ...item,
        debit,
        card: undefined,
        amount: larger(item.amount, books.available(debit) + 2_500n),
      }),
    };
  });
  const refused: [username: string, kind: SpendingKind, days: number, major: number, reason: string][] = [
    ['bob', 'fuel', 66, 48.2, 'Wrong card PIN'],
    ['bob', 'fuel', 66, 48.2, 'Wrong card PIN'],
    ['priya', 'electronics', 41, 7_990, 'Card expired'],
    ['mei', 'groceries', 23, 88.15, 'Technical glitch'],
    ['chloe', 'clothes', 10, 139, 'Wrong card verification code'],
    ['arjun', 'department', 3, 3_250, 'Issuer not available'],
  ];
  const elsewhere = refused.map(([username, kind, days, major, declined_reason], index) => {
    const item = payment(
      `refused ${username} ${days} ${index}`,
      clock(days, `17:${10 + index}`),
      username,
      shop(username, kind),
      major,
    );
    return certain({ ...item, declined_reason }, { wanted: 'EXTERNALLY_DECLINED' });
  });
  return [...beyondFunds, ...elsewhere];
}

function larger(amount: bigint | undefined, other: bigint): bigint {
  return amount !== undefined && amount > other ? amount : other;
}
