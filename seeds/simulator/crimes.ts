import { Chance } from './chance';
import {
  DAY_US,
  FRAUD_PATTERNS,
  type FraudPattern,
  HOUR_US,
  type Plan,
  type SimulatedLogin,
} from './history';
import { timeOfDay } from './everyday';
import { type Person, shopsAtHome, type World } from './world';

const MINUTE_US = HOUR_US / 60;
/** No crime before customers have shown how they live. */
const QUIET_DAYS = 7;
/** Merchants that keep cards and sell them on. */
const LEAKS = 3;

/** What one kind of criminal does, from a moment on. */
type Crime = (scene: Scene, at_us: number) => Plan[];

const CRIMES: Readonly<Record<FraudPattern, Crime>> = {
  account_takeover: takeOver,
  card_testing: testCards,
  stolen_card_abroad: spendAbroad,
  structuring: splitCash,
  mule_pass_through: talkInto,
  collecting_ring: collect,
  compromised_merchant: chargeStolenCards,
  dormant_awakened: wakeUp,
};

/**
 * Episodes of all eight patterns, until they are about the wanted share of the transactions; each pattern at least once, and
 * then the one that has had the fewest transactions.
 */
export function crimes(world: World, honestTransactions: number): Plan[] {
  const { seed, days, fraud, start_us } = world.options;
  if (fraud <= 0 || days <= QUIET_DAYS) return [];
  const chance = new Chance(`crimes ${seed}`);
  const scene = new Scene(world, chance);
  const counts = new Map<FraudPattern, number>(FRAUD_PATTERNS.map((pattern) => [pattern, 0]));
  const plans: Plan[] = [];
  const wanted = honestTransactions * fraud;
  while (plans.length < wanted || [...counts.values()].includes(0)) {
    const [pattern, count] = [...counts].reduce((least, other) => (other[1] < least[1] ? other : least));
    const day = chance.integer(QUIET_DAYS, days - 1);
    const at_us = start_us + day * DAY_US + scene.moment();
    const episode = CRIMES[pattern](scene, at_us).map((plan) => ({ ...plan, fraud: pattern }));
    counts.set(pattern, count + Math.max(1, episode.length));
    plans.push(...episode);
  }
  return plans;
}

/** Who is there to be robbed, and who helps. */
class Scene {
  readonly mules: Person[];
  private readonly victims: Person[];
  private readonly sleepers: Person[];
  readonly leaks: number[];
  private nextSleeper = 0;

  constructor(
    readonly world: World,
    readonly chance: Chance,
  ) {
    const of = (way: Person['way']): Person[] => world.people.filter((person) => person.way === way);
    const employees = of('employee');
    this.victims = employees.length > 0 ? employees : world.people;
    this.mules = of('mule').length > 1 ? of('mule') : this.victims.slice(-2);
    this.sleepers = of('dormant').length > 0 ? of('dormant') : this.victims;
    const shops = shopsAtHome(world);
    this.leaks = Array.from({ length: LEAKS }, () => chance.integer(1, shops));
  }

  victim(): Person {
    return this.chance.pick(this.victims);
  }

  mule(): Person {
    return this.chance.pick(this.mules);
  }

  /** Each sleeps only once. */
  sleeper(): Person {
    const sleeper = this.sleepers[this.nextSleeper % this.sleepers.length] as Person;
    this.nextSleeper += 1;
    return sleeper;
  }

  /** Some work at night, others hide among the people of the day. Microseconds from midnight. */
  moment(): number {
    return this.chance.chance(0.35) ? this.chance.between(0, 6) * HOUR_US : timeOfDay(this.chance, 0);
  }

  /** The criminal's own telephone, mostly; malware acts from the victim's. */
  login(newDevice: number): SimulatedLogin {
    const is_new_device = this.chance.chance(newDevice);
    return {
      is_new_device,
      is_new_address: is_new_device ? this.chance.chance(0.9) : this.chance.chance(0.2),
      failed_logins_24h: this.chance.chance(is_new_device ? 0.5 : 0.1) ? this.chance.integer(1, 5) : 0,
    };
  }

  transfer(from: Person, to: Person, at_us: number, amount: Plan['amount'], login: SimulatedLogin): Plan {
    const channel = 'mobile';
    return {
      type: 'transfer',
      from: from.number,
      to: to.number,
      at_us: Math.floor(at_us),
      amount,
      login,
      channel,
      description: 'Transfer',
    };
  }

  pay(from: Person, merchant: number, at_us: number, amount: number, channel: string): Plan {
    const description = this.world.merchants[merchant - 1]?.name ?? '';
    return {
      type: 'payment',
      from: from.number,
      merchant,
      at_us: Math.floor(at_us),
      amount,
      channel,
      description,
    };
  }

  /** What reaches a mule is soon gone: at the machine, or to the next one. */
  cashOut(mule: Person, at_us: number): Plan[] {
    const { chance } = this;
    if (chance.chance(0.3)) return [];
    const at = at_us + chance.between(0.3, 20) * HOUR_US;
    const share = chance.between(0.75, 1);
    const amount = (balance: number): number => balance * share;
    const next = this.mule();
    if (next === mule || chance.chance(0.5)) {
      return [
        {
          type: 'withdrawal',
          from: mule.number,
          at_us: Math.floor(at),
          amount,
          channel: 'atm',
          description: 'Cash',
        },
      ];
    }
    return [this.transfer(mule, next, at, amount, this.login(0.1))];
  }
}

/** Login stolen: the account is emptied in a few steps. */
function takeOver(scene: Scene, at_us: number): Plan[] {
  const { chance } = scene;
  const victim = scene.victim();
  const mule = scene.mule();
  const login = scene.login(0.85);
  const plans: Plan[] = [];
  let at = at_us;
  for (let left = chance.integer(1, 3); left > 0; left -= 1, at += chance.between(1, 40) * MINUTE_US) {
    const share = left === 1 ? chance.between(0.85, 1) : chance.between(0.25, 0.6);
    plans.push(scene.transfer(victim, mule, at, (balance) => balance * share, login));
  }
  return [...plans, ...scene.cashOut(mule, at)];
}

/** Numbers are tried with next to nothing; those that work pay for something that can be sold. */
function testCards(scene: Scene, at_us: number): Plan[] {
  const { chance, world } = scene;
  const victim = scene.victim();
  const plans: Plan[] = [];
  let at = at_us;
  for (let left = chance.integer(4, 12); left > 0; left -= 1, at += chance.between(0.2, 4) * MINUTE_US)
    plans.push(scene.pay(victim, chance.pick(world.online), at, chance.between(0.5, 5), 'online'));
  for (let left = chance.integer(1, 3); left > 0; left -= 1) {
    at += chance.between(2, 90) * MINUTE_US;
    plans.push(scene.pay(victim, chance.pick(world.online), at, chance.around(320, 0.5), 'online'));
  }
  return plans;
}

/** A card that is used in a country where its owner is not. */
function spendAbroad(scene: Scene, at_us: number): Plan[] {
  const { chance, world } = scene;
  const victim = scene.victim();
  const [, shops] = chance.pick([...world.abroad].filter(([, merchants]) => merchants.length > 0));
  const plans: Plan[] = [];
  let at = at_us;
  for (let left = chance.integer(2, 6); left > 0; left -= 1, at += chance.between(5, 120) * MINUTE_US) {
    const amount = chance.around(180, 0.7);
    plans.push(scene.pay(victim, chance.pick(shops), at, amount, chance.chance(0.5) ? 'chip' : 'online'));
  }
  return plans;
}

/** Cash in parts that need not be reported, and then away with it. */
function splitCash(scene: Scene, at_us: number): Plan[] {
  const { chance } = scene;
  const who = scene.mule();
  const plans: Plan[] = [];
  let at = at_us - (at_us % DAY_US) + chance.between(8, 17) * HOUR_US;
  for (let left = chance.integer(4, 7); left > 0; left -= 1, at += chance.between(2, 26) * HOUR_US) {
    const amount = 10 * chance.integer(810, 995);
    plans.push({
      type: 'deposit',
      to: who.number,
      at_us: Math.floor(at),
      amount,
      channel: 'branch',
      description: 'Cash',
    });
  }
  return [...plans, ...scene.cashOut(who, at)];
}

/** A victim is talked into paying a mule, by day and from the own telephone; the mule passes it on within hours. */
function talkInto(scene: Scene, at_us: number): Plan[] {
  const { chance } = scene;
  const victim = scene.victim();
  const mule = scene.mule();
  const share = chance.between(0.45, 0.95);
  const passed = chance.between(0.9, 1);
  const at = at_us + chance.between(0.2, 10) * HOUR_US;
  const next = scene.mule();
  const amount = (balance: number): number => balance * passed;
  const last: Plan =
    next === mule
      ? {
          type: 'withdrawal',
          from: mule.number,
          at_us: Math.floor(at),
          amount,
          channel: 'atm',
          description: 'Cash',
        }
      : scene.transfer(mule, next, at, amount, scene.login(0.1));
  return [scene.transfer(victim, mule, at_us, (balance) => balance * share, scene.login(0.03)), last];
}

/** A shop that does not exist collects from many within a day, and scatters it. */
function collect(scene: Scene, at_us: number): Plan[] {
  const { chance } = scene;
  const collector = scene.mule();
  const price = chance.between(60, 260);
  const plans: Plan[] = [];
  for (let left = chance.integer(8, 16); left > 0; left -= 1) {
    const at = at_us + chance.between(0, 14) * HOUR_US;
    plans.push(
      scene.transfer(scene.victim(), collector, at, price * chance.between(0.9, 1.1), scene.login(0.02)),
    );
  }
  let at = at_us + chance.between(14, 18) * HOUR_US;
  for (let left = chance.integer(3, 6); left > 0; left -= 1, at += chance.between(1, 30) * MINUTE_US) {
    const share = left === 1 ? 0.98 : chance.between(0.2, 0.45);
    const to = scene.mules.filter((mule) => mule !== collector);
    plans.push(
      scene.transfer(collector, chance.pick(to), at, (balance) => balance * share, scene.login(0.05)),
    );
  }
  return plans;
}

/** Cards that a merchant has lost are charged there, for weeks, with amounts that are nothing special. */
function chargeStolenCards(scene: Scene, at_us: number): Plan[] {
  const { chance } = scene;
  const merchant = chance.pick(scene.leaks);
  const plans: Plan[] = [];
  for (let left = chance.integer(6, 12); left > 0; left -= 1) {
    const at = at_us + chance.between(0, 9) * DAY_US;
    plans.push(scene.pay(scene.victim(), merchant, at, chance.around(95, 0.5), 'online'));
  }
  return plans;
}

/** Nobody looks at an account that sleeps. */
function wakeUp(scene: Scene, at_us: number): Plan[] {
  const { chance } = scene;
  const sleeper = scene.sleeper();
  const mule = scene.mule();
  const login = scene.login(0.6);
  const plans: Plan[] = [];
  let at = at_us;
  for (let left = chance.integer(1, 3); left > 0; left -= 1, at += chance.between(0.1, 30) * HOUR_US) {
    const share = chance.between(0.4, 0.97);
    plans.push(scene.transfer(sleeper, mule, at, (balance) => balance * share, login));
  }
  return [...plans, ...scene.cashOut(mule, at)];
}
