import {
  DAY,
  HOUR,
  MINUTE,
  daysOf,
  isWeekend,
  isoDay,
  monthName,
  monthsOf,
  workdayOf,
  type Period,
} from './calendar';
import { SPENDING, billerOf, shopsOf, type Biller, type SpendingKind } from './merchants';
import { accountName, cardName, minor, type AccountType, type DemoCustomer } from './people';
import { certain, type Candidate } from './plan';
import { Random } from './random';

/** How a customer lives. Amounts are major units of the home currency. */
interface Habits {
  employer: string;
  /** Net, a month. */
  income: number;
  /** Day of the month it arrives. */
  payday: number;
  rent?: number;
  bills: Partial<Record<Biller, number>>;
  /** Moved to savings a month. */
  saving?: number;
  /** Moved from checking to the wallet a month. */
  wallet_top_up?: number;
  /** Cash from the machine at a time, about twice a month. */
  cash: number;
  /** Visits a week. */
  spending: Partial<Record<SpendingKind, number>>;
}

const HABITS: Record<string, Habits> = {
  alice: {
    employer: 'Northgate Biosciences',
    income: 5_420,
    payday: 25,
    rent: 1_850,
    bills: { utilities: 118.4, phone: 45, streaming: 15.99, music: 10.99, gym: 49 },
    saving: 600,
    wallet_top_up: 150,
    cash: 80,
    spending: {
      groceries: 2.4,
      coffee: 4,
      restaurant: 1.8,
      commute: 8,
      taxi: 0.5,
      pharmacy: 0.4,
      clothes: 0.4,
      books: 0.5,
      electronics: 0.1,
      cinema: 0.4,
    },
  },
  bob: {
    employer: 'Great Lakes Logistics',
    income: 4_980,
    payday: 28,
    rent: 1_420,
    bills: { utilities: 142.75, phone: 60, streaming: 15.99, gym: 35 },
    saving: 200,
    cash: 100,
    spending: {
      groceries: 2.2,
      coffee: 3,
      restaurant: 2.2,
      fuel: 1.4,
      pharmacy: 0.3,
      department: 0.5,
      clothes: 0.2,
      electronics: 0.15,
      cinema: 0.3,
      doctor: 0.1,
    },
  },
  chloe: {
    employer: 'Studio Confluence SAS',
    income: 3_350,
    payday: 27,
    rent: 920,
    bills: { utilities: 84.2, phone: 24.99, streaming: 13.49, music: 10.99 },
    saving: 350,
    cash: 60,
    spending: {
      groceries: 3,
      coffee: 5,
      restaurant: 1.6,
      commute: 7,
      taxi: 0.2,
      pharmacy: 0.4,
      clothes: 0.4,
      books: 0.6,
      department: 0.3,
      cinema: 0.5,
      doctor: 0.1,
    },
  },
  priya: {
    employer: 'Kaveri Software Pvt Ltd',
    income: 128_000,
    payday: 28,
    rent: 26_000,
    bills: { utilities: 2_150, phone: 599, streaming: 499, music: 119 },
    saving: 12_000,
    wallet_top_up: 3_000,
    cash: 3_000,
    spending: {
      groceries: 3,
      coffee: 4,
      restaurant: 2,
      commute: 8,
      taxi: 1.5,
      pharmacy: 0.5,
      clothes: 0.4,
      books: 0.3,
      electronics: 0.1,
      cinema: 0.4,
    },
  },
  arjun: {
    employer: 'Konkan Shipping Ltd',
    income: 156_000,
    payday: 26,
    rent: 34_000,
    bills: { utilities: 3_400, phone: 799, streaming: 649, gym: 2_400 },
    saving: 15_000,
    cash: 5_000,
    spending: {
      groceries: 2.6,
      coffee: 3,
      restaurant: 2.6,
      fuel: 1.2,
      taxi: 1,
      pharmacy: 0.4,
      clothes: 0.3,
      department: 0.4,
      electronics: 0.15,
      doctor: 0.1,
    },
  },
  mei: {
    employer: 'Pacific Teachers Pension Fund',
    income: 4_120,
    payday: 2,
    bills: { utilities: 131.1, phone: 35, streaming: 15.99 },
    saving: 250,
    cash: 120,
    spending: {
      groceries: 3,
      coffee: 2,
      restaurant: 1.2,
      commute: 3,
      pharmacy: 1,
      department: 0.4,
      books: 0.5,
      cinema: 0.2,
      doctor: 0.4,
    },
  },
  seun: {
    employer: 'Gulf Coast Energy Services',
    income: 4_060,
    payday: 15,
    rent: 1_180,
    bills: { utilities: 96.3, phone: 55, streaming: 15.99, music: 10.99 },
    wallet_top_up: 200,
    cash: 100,
    spending: {
      groceries: 2,
      coffee: 2.5,
      restaurant: 2.4,
      fuel: 1.5,
      taxi: 0.4,
      clothes: 0.4,
      electronics: 0.1,
      cinema: 0.4,
    },
  },
  jose: {
    employer: 'Bayside Events',
    income: 1_760,
    payday: 20,
    bills: { phone: 30, music: 10.99 },
    wallet_top_up: 60,
    cash: 40,
    spending: { groceries: 1.4, coffee: 2, restaurant: 0.8, commute: 3, clothes: 0.2 },
  },
};

/** Spending that would leave less than this available does not happen, so that rent can always be paid. Major units. */
const RESERVE = { USD: 300, EUR: 300, INR: 6_000 } as const;

/** Pay, rent, bills, savings, cash and shopping of one customer. */
export function everydayLife(customer: DemoCustomer, period: Period): Candidate[] {
  const habits = HABITS[customer.username];
  if (!habits) return [];
  const life = new Life(customer, habits);
  return [
    life.opening(period.start),
    monthsOf(period).flatMap((month) => life.month(month)),
    daysOf(period).flatMap((day) => life.day(day)),
  ].flat();
}

class Life {
  private readonly random: Random;
  private readonly reserve: bigint;

  constructor(
    private readonly customer: DemoCustomer,
    private readonly habits: Habits,
  ) {
    this.random = new Random(`everyday ${customer.username}`);
    this.reserve = minor(RESERVE[customer.home_currency]);
  }

  /** The money that customers bring along, on the first morning. */
  opening(start: number): Candidate[] {
    const { username } = this.customer;
    return this.customer.accounts
      .filter((account) => account.opening > 0)
      .map(({ type, currency, opening }, index) =>
        certain({
          name: `${username} opening ${type} ${currency}`,
          at: start + 9 * HOUR + (index * 4 + this.random.integer(0, 3)) * MINUTE,
          type: 'deposit',
          currency,
          amount: minor(opening),
          credit: accountName(username, type, currency),
          description: 'Opening transfer from previous bank',
          actor: username,
        }),
      );
  }

  month(month: number): Candidate[] {
    const { income, payday, employer, rent, bills, saving, wallet_top_up } = this.habits;
    const label = monthName(month);
    const candidates = [
      certain({
        ...this.own(
          `salary ${label}`,
          workdayOf(month, payday) + 6 * HOUR + this.random.integer(0, 50) * MINUTE,
          income,
        ),
        type: 'deposit',
        credit: this.account('checking'),
        description: `${employer.includes('Pension') ? 'Pension' : 'Salary'} ${label}, ${employer}`,
      }),
    ];
    if (rent) candidates.push(this.bill(`Rent ${label}`, 'rent', workdayOf(month, 3), rent, false));
    let day = 5;
    for (const [biller, amount] of Object.entries(bills)) {
      candidates.push(
        this.bill(`${capitalise(biller)} ${label}`, biller as Biller, month + day * DAY, amount, true),
      );
      day += 4;
    }
    if (saving)
      candidates.push(
        this.between(`savings ${label}`, 'Monthly saving', month + 28 * DAY - DAY, saving, 'savings'),
      );
    if (wallet_top_up)
      candidates.push(
        this.between(`wallet ${label}`, 'Wallet top-up', month + 16 * DAY, wallet_top_up, 'wallet'),
      );
    for (const dayOfMonth of [this.random.integer(4, 12), this.random.integer(16, 26)])
      candidates.push(this.withdrawal(month, dayOfMonth));
    return candidates;
  }

  day(day: number): Candidate[] {
    const candidates: Candidate[] = [];
    for (const [kind, perWeek] of Object.entries(this.habits.spending) as [SpendingKind, number][]) {
      const busy = kind === 'commute' ? (isWeekend(day) ? 0.2 : 1.32) : isWeekend(day) ? 1.3 : 0.88;
      const visits = Math.floor((perWeek / 7) * busy + this.random.next());
      for (let visit = 1; visit <= visits; visit += 1) candidates.push(this.visit(kind, day, visit));
    }
    return candidates;
  }

  private visit(kind: SpendingKind, day: number, visit: number): Candidate {
    const { customer, random } = this;
    const { hours } = SPENDING[kind];
    const [min, max] = SPENDING[kind][customer.home_currency];
    const step = customer.home_currency === 'INR' ? 100n : 1n;
    const fromWallet = kind === 'coffee' && customer.cards[1] !== undefined && random.chance(0.4);
    const isOnline =
      ['clothes', 'electronics', 'books', 'taxi', 'cinema'].includes(kind) && random.chance(0.55);
    const item = {
      ...this.own(
        `${kind} ${isoDay(day)} ${visit}`,
        day + random.integer(hours[0] * 60, hours[1] * 60 - 1) * MINUTE + random.integer(0, 59) * 1_000,
      ),
      type: 'payment' as const,
      amount: random.spending(minor(min), minor(max), step),
      debit: this.account(fromWallet ? 'wallet' : 'checking'),
      merchant: random.pick(shopsOf(customer, kind)),
      card: cardName(customer.username, fromWallet ? 1 : 0),
      channel: isOnline
        ? 'online'
        : random.pick(['chip', 'chip', 'contactless', 'contactless', 'card_present']),
      actor: customer.username,
    };
    return certain(item, { reserve: fromWallet ? 0n : this.reserve });
  }

  private bill(description: string, biller: Biller, day: number, amount: number, byCard: boolean): Candidate {
    return certain({
      ...this.own(`bill ${description}`, day + 10 * HOUR + this.random.integer(0, 180) * MINUTE, amount),
      type: 'payment',
      debit: this.account('checking'),
      merchant: billerOf(this.customer, biller),
      ...(byCard ? { card: cardName(this.customer.username, 0) } : {}),
      channel: byCard ? 'online' : undefined,
      description,
      actor: this.customer.username,
    });
  }

  private between(
    name: string,
    description: string,
    day: number,
    amount: number,
    to: AccountType,
  ): Candidate {
    return certain({
      ...this.own(name, day + 18 * HOUR + this.random.integer(0, 120) * MINUTE, amount),
      type: 'transfer',
      debit: this.account('checking'),
      credit: this.account(to),
      channel: 'online',
      description,
      actor: this.customer.username,
    });
  }

  private withdrawal(month: number, dayOfMonth: number): Candidate {
    const item = {
      ...this.own(
        `cash ${isoDay(month)} ${dayOfMonth}`,
        month + (dayOfMonth - 1) * DAY + this.random.integer(9 * 60, 21 * 60) * MINUTE,
      ),
      type: 'withdrawal' as const,
      amount: minor(this.habits.cash * this.random.integer(1, 2)),
      debit: this.account('checking'),
      merchant: billerOf(this.customer, 'atm'),
      card: cardName(this.customer.username, 0),
      channel: 'atm',
      description: 'Cash withdrawal',
      actor: this.customer.username,
    };
    return certain(item, { reserve: this.reserve });
  }

  private own(name: string, at: number, amount = 0) {
    return {
      name: `${this.customer.username} ${name}`,
      at,
      currency: this.customer.home_currency,
      amount: minor(amount),
    };
  }

  private account(type: AccountType): string {
    return accountName(this.customer.username, type, this.customer.home_currency);
  }
}

function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
