import { Chance } from './chance';
import { DAY_US, HOUR_US, type Plan, type SimulatedLogin } from './history';
import { type Person, popular, shopsAtHome, type World } from './world';

/** How busy each hour of the day is, UTC, from midnight. */
const HOURS = [12, 7, 4, 3, 3, 6, 15, 34, 52, 58, 62, 70, 82, 74, 66, 66, 72, 86, 92, 84, 66, 48, 33, 21];
const BUSYNESS = HOURS.reduce((sum, weight) => sum + weight, 0);
const MONTH_DAYS = 30;
const JOURNEY_DAYS = 8;
/** 1970 began on a Thursday. */
const EPOCH_WEEKDAY = 3;

/** What one honest customer does in the whole period. Mostly ordinary; now and then what looks like fraud and is none. */
export function honestLife(world: World, person: Person): Plan[] {
  return new Life(world, person).plans();
}

class Life {
  private readonly chance: Chance;
  private readonly shops: number;
  private readonly result: Plan[] = [];
  private day = 0;

  constructor(
    private readonly world: World,
    private readonly person: Person,
  ) {
    this.chance = new Chance(`life ${world.options.seed} ${person.number}`);
    this.shops = shopsAtHome(world);
  }

  plans(): Plan[] {
    const { person, world } = this;
    this.result.push({
      at_us: person.opening_us,
      type: 'deposit',
      amount: person.opening_balance,
      to: person.number,
      description: 'Opening transfer from previous bank',
    });
    if (person.way === 'dormant') {
      this.maybeWakesUp();
      return this.result;
    }
    for (this.day = 0; this.day < world.options.days; this.day += 1) {
      this.monthly();
      this.everyday();
      this.seldom();
      if (person.way === 'shopkeeper') this.takings();
    }
    return this.result;
  }

  private monthly(): void {
    const { person, chance, day, world } = this;
    const dayOfMonth = day % MONTH_DAYS;
    const isPaid = person.way === 'employee' || chance.chance(0.4);
    if (dayOfMonth === person.payday && isPaid)
      this.deposit(
        chance.around(person.income, 0.02),
        'Salary',
        this.midnight + chance.between(6, 10) * HOUR_US,
      );
    if (person.way !== 'employee') return;
    if (dayOfMonth === person.rent_day) this.payRent();
    // Bills of the month, one after the other in an evening.
    if (dayOfMonth === (person.rent_day + 9) % MONTH_DAYS) {
      let at = this.time();
      for (let bill = chance.integer(1, 6); bill > 0; bill -= 1, at += chance.between(20, 300) * 1e6)
        this.transfer(
          chance.pick(chance.chance(0.85) ? person.billers : world.companies),
          chance.around(55, 0.7),
          'Bill',
          at,
        );
    }
  }

  /** In some flats one collects the parts of the others, and pays on the same day. */
  private payRent(): void {
    const { person, chance } = this;
    const rent = person.income * chance.between(0.24, 0.27) * (1 + person.flatmates.length);
    const at = this.midnight + chance.between(15, 21) * HOUR_US;
    for (const mate of person.flatmates) {
      const part = rent / (1 + person.flatmates.length);
      const when = at - chance.between(0.2, 9) * HOUR_US;
      this.plan({
        type: 'transfer',
        from: mate,
        to: person.number,
        channel: 'mobile',
        amount: part,
        at_us: when,
        description: 'Part of the rent',
        login: this.login(),
      });
    }
    this.transfer(person.landlord, rent, 'Rent', at);
  }

  private everyday(): void {
    const { person, chance, day } = this;
    const isAway = day >= person.journey_day && day < person.journey_day + JOURNEY_DAYS;
    const busy = this.weekday >= 5 ? 1.3 : 0.9;
    const visits = chance.times(person.purchases_a_day * busy * (isAway ? 1.5 : 1));
    for (let visit = 0; visit < visits; visit += 1) {
      if (isAway && chance.chance(0.85)) this.buy(this.shopAbroad());
      else this.buy(chance.chance(0.72) ? chance.pick(person.usual) : popular(chance, this.shops));
    }
    if (chance.chance(0.04)) this.withdraw(20 * chance.integer(1, 10));
    if (chance.chance(0.06)) this.transfer(this.someFriend(0.8), chance.around(70, 0.9), 'For you');
    if (chance.chance(0.02)) this.deposit(20 * chance.integer(1, 30), 'Cash', undefined, 'branch');
  }

  /** What happens to everybody some day, and is odd without being wrong. */
  private seldom(): void {
    const { person, chance, world } = this;
    if (chance.chance(0.01)) this.refund(popular(chance, this.shops));
    if (chance.chance(0.012))
      this.buy(chance.pick(world.online), (balance) =>
        Math.min(balance * 0.8, person.income * chance.between(0.2, 0.9)),
      );
    // A deposit for a flat, a craftsman, a used car: large, to somebody new.
    if (chance.chance(0.0025))
      this.transfer(
        chance.pick(world.strangers),
        (balance) => balance * chance.between(0.3, 0.95),
        'As agreed',
      );
    if (chance.chance(0.002)) this.deposit(chance.around(4_500, 0.8), 'From my savings');
    if (chance.chance(0.0008)) this.collectForGift();
    // A morning of many small purchases online.
    if (chance.chance(0.0015)) {
      let at = this.time();
      for (let left = chance.integer(3, 7); left > 0; left -= 1, at += chance.between(60, 900) * 1e6)
        this.buy(chance.pick(world.online), undefined, at);
    }
  }

  /** Friends and colleagues send money for a present, which is bought the next day. */
  private collectForGift(): void {
    const { person, chance, world } = this;
    const at = this.time();
    for (let left = chance.integer(3, 8); left > 0; left -= 1) {
      const from = chance.pick(world.strangers);
      const at_us = at + chance.between(0, 20) * HOUR_US;
      this.plan({
        type: 'transfer',
        from,
        to: person.number,
        channel: 'mobile',
        amount: 5 * chance.integer(2, 8),
        at_us,
        description: 'Present',
        login: this.login(),
      });
    }
  }

  /** A shop's cash, brought to the branch; seldom as much as must be reported. */
  private takings(): void {
    const { chance } = this;
    if (this.weekday === 6 || !chance.chance(0.6)) return;
    this.deposit(10 * Math.round(chance.around(90, 0.6)), 'Takings', undefined, 'branch');
  }

  /** One in four remembers the account within the period, and most of them do little with it. */
  private maybeWakesUp(): void {
    const { chance, world } = this;
    if (!chance.chance(0.25)) return;
    this.day = chance.integer(0, world.options.days - 1);
    for (let left = chance.integer(1, 3); left > 0; left -= 1)
      this.transfer(this.someFriend(0.5), (balance) => Math.min(balance, chance.around(350, 1)), 'Transfer');
  }

  private buy(merchant: number, amount?: Plan['amount'], at_us = this.time()): void {
    const { chance, world, person } = this;
    const { usual_amount = 30, mcc = '' } = world.merchants[merchant - 1] ?? {};
    const isOnline = world.online.includes(merchant) && chance.chance(0.6);
    const description = world.merchants[merchant - 1]?.name ?? mcc;
    const channel = isOnline ? 'online' : chance.chance(0.5) ? 'contactless' : 'chip';
    this.plan({
      type: 'payment',
      from: person.number,
      merchant,
      channel,
      amount: amount ?? chance.around(usual_amount, 0.55),
      at_us,
      description,
    });
  }

  private refund(merchant: number): void {
    const amount = this.chance.around(40, 0.7);
    this.plan({
      type: 'refund',
      to: this.person.number,
      merchant,
      channel: 'online',
      amount,
      at_us: this.time(),
      description: 'Refund',
    });
  }

  private withdraw(amount: number): void {
    this.plan({
      type: 'withdrawal',
      from: this.person.number,
      channel: 'atm',
      amount,
      at_us: this.time(),
      description: 'Cash',
    });
  }

  private deposit(amount: number, description: string, at_us = this.time(), channel?: string): void {
    this.plan({ type: 'deposit', to: this.person.number, channel, amount, at_us, description });
  }

  private transfer(to: number, amount: Plan['amount'], description: string, at_us = this.time()): void {
    if (to === this.person.number) return;
    this.plan({
      type: 'transfer',
      from: this.person.number,
      to,
      channel: 'mobile',
      amount,
      at_us,
      description,
      login: this.login(),
    });
  }

  private plan(plan: Plan): void {
    this.result.push({ ...plan, at_us: Math.floor(plan.at_us) });
  }

  private login(): SimulatedLogin {
    const is_new_device = this.day === this.person.new_device_day;
    return {
      is_new_device,
      is_new_address: is_new_device ? this.chance.chance(0.5) : this.chance.chance(0.06),
      failed_logins_24h: this.chance.chance(is_new_device ? 0.3 : 0.03) ? this.chance.integer(1, 3) : 0,
    };
  }

  private someFriend(known: number): number {
    const { chance, person, world } = this;
    const isKnown = person.friends.length > 0 && chance.chance(known);
    return isKnown ? chance.pick(person.friends) : chance.pick(world.strangers);
  }

  private shopAbroad(): number {
    const there = this.world.abroad.get(this.person.journey_to) ?? [];
    return there.length > 0 ? this.chance.pick(there) : popular(this.chance, this.shops);
  }

  private get midnight(): number {
    return this.world.options.start_us + this.day * DAY_US;
  }

  /** 0 Monday to 6 Sunday. */
  private get weekday(): number {
    return (Math.floor(this.midnight / DAY_US) + EPOCH_WEEKDAY) % 7;
  }

  /** A moment of the day, by the customer's own rhythm. */
  private time(): number {
    return this.midnight + timeOfDay(this.chance, this.person.shift);
  }
}

/** Microseconds from midnight. Everyone's day is shifted a little, and wraps round at midnight. */
export function timeOfDay(chance: Chance, shift: number): number {
  let rest = chance.next() * BUSYNESS;
  let hour = HOURS.findIndex((weight) => (rest -= weight) < 0);
  if (hour < 0) hour = 12;
  return ((((hour + chance.next() + shift) % 24) + 24) % 24) * HOUR_US;
}
