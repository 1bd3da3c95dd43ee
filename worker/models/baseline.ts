import { FeatureReplay, type ReplayedTransaction } from '../features/feature-replay';
import type { Features } from '../features/features';
import { normal, type Random, seededRandom } from './random';

/**
 * What ordinary customers do, for a bank that has no history yet: salaries, rents, bills, groceries, cash, transfers to
 * friends, now and then a large purchase, a journey, a new telephone; most by day, few at night. Made by rules from a seed, so
 * it holds nobody's data.
 */

const DAY_US = 86_400_000_000;
const HOUR_US = 3_600_000_000;
/** The days of history that let every customer's later transactions have a 30-day mean. */
const WARM_UP_DAYS = 30;
const DAYS = 90;
const CUSTOMERS = 300;
const MERCHANTS = 2_000;
/** A Monday. */
const START_US = Date.UTC(2024, 0, 1) * 1000;
/** As the bank is delivered: a larger amount is flagged as a high value. */
const HIGH_VALUE_MINOR = 1_000_000;

/** How busy each hour of the day is, UTC, from midnight. */
const HOURS = [12, 7, 4, 3, 3, 6, 15, 34, 52, 58, 62, 70, 82, 74, 66, 66, 72, 86, 92, 84, 66, 48, 33, 21];
const BUSYNESS = HOURS.reduce((sum, weight) => sum + weight, 0);
/** Groceries, restaurants, fuel, transport, clothes, chemists, bookshops, streaming. */
const MCCS = ['5411', '5812', '5541', '4111', '5651', '5912', '5942', '4899'];
const ABROAD = ['FR', 'ES', 'IT', 'GB'];

type Planned = Omit<ReplayedTransaction, 'transaction_id'>;

interface Customer {
  account: number;
  /** US dollars. */
  monthlyIncome: number;
  payday: number;
  rentDay: number;
  landlord: number;
  /** Everyday purchases a day, in the mean. */
  purchasesPerDay: number;
  /** How late the customer's day is, in hours. */
  shift: number;
  opened_us: number;
  /** Accounts of friends and those who send bills. */
  friends: number[];
  /** Merchants the customer goes to again and again. */
  usual: number[];
  /** Logs in with an application, and not only a card. */
  since_us: number;
  /** First days of a new device, of a journey. */
  newDeviceDay: number;
  journeyDay: number;
}

/** Features of some tens of thousands of transactions. The same seed gives the same rows. */
export function baselineFeatures(seed: number, customers = CUSTOMERS): Features[] {
  const random = seededRandom(seed);
  const people = Array.from({ length: customers }, (_, index) => newCustomer(random, index + 1, customers));
  const replay = new FeatureReplay();
  for (const { account, opened_us } of people) {
    replay.open(account, opened_us, Math.round(100 * (200 + Math.exp(6.5 + normal(random)))));
  }
  const planned = people.flatMap((customer) => live(customer, random));
  planned.sort((a, b) => a.effective_us - b.effective_us);
  const features: Features[] = [];
  planned.forEach((plan, index) => {
    const { debit_account, amount_minor } = plan;
    // Nobody spends what is not there: the bank would have declined.
    if (debit_account !== null && replay.balanceOf(debit_account) < amount_minor) return;
    const transaction = { ...plan, transaction_id: index + 1 };
    if (plan.effective_us >= START_US + WARM_UP_DAYS * DAY_US) features.push(replay.featuresOf(transaction));
    replay.observe(transaction);
  });
  return features;
}

function newCustomer(random: Random, account: number, customers: number): Customer {
  const someone = (): number => 1 + Math.floor(random() * customers);
  return {
    account,
    monthlyIncome: Math.exp(8 + 0.5 * normal(random)),
    payday: Math.floor(random() * 28),
    rentDay: Math.floor(random() * 28),
    // Landlords and companies have accounts beyond the customers'.
    landlord: customers + Math.ceil(random() * 30),
    purchasesPerDay: 0.3 + random() * 2.5,
    shift: 1.5 * normal(random),
    opened_us: START_US - Math.floor(random() ** 2 * 3_000) * DAY_US,
    friends: Array.from({ length: 2 + Math.floor(6 * random()) }, () => someone()).filter(
      (friend) => friend !== account,
    ),
    usual: Array.from({ length: 4 + Math.floor(8 * random()) }, () => aMerchant(random)),
    since_us: START_US - Math.floor(10 + random() * 500) * DAY_US,
    newDeviceDay: Math.floor(random() * 4 * DAYS),
    journeyDay: Math.floor(random() * 3 * DAYS),
  };
}

/** Some merchants have far more customers than others. */
function aMerchant(random: Random): number {
  return 1 + Math.floor(MERCHANTS * random() ** 2);
}

function live(customer: Customer, random: Random): Planned[] {
  const plans: Planned[] = [];
  for (let day = 0; day < DAYS; day += 1) {
    const add: Add = (what, dollars, at_us) => {
      plans.push(plan(customer, random, day, what, dollars, at_us));
    };
    const start = START_US + day * DAY_US;
    if (day % 30 === customer.payday)
      add({ type: 'deposit' }, customer.monthlyIncome, start + (6 + 4 * random()) * HOUR_US);
    if (day % 30 === customer.rentDay)
      add({ type: 'transfer', to: customer.landlord }, customer.monthlyIncome * (0.2 + 0.15 * random()));
    everyday(customer, random, day, add);
    occasional(customer, random, add);
    if (random() < 0.04) billsAtOnce(customer, start + timeOfDay(customer, random), random, add);
  }
  return plans;
}

/** What happens: a merchant for payments and refunds, an account for transfers. */
interface What {
  type: 'deposit' | 'withdrawal' | 'transfer' | 'payment' | 'refund';
  to?: number;
  channel?: string;
  merchant?: number;
}

type Add = (what: What, dollars: number, at_us?: number) => void;

function plan(
  customer: Customer,
  random: Random,
  day: number,
  { type, to, channel, merchant }: What,
  dollars: number,
  at_us = START_US + day * DAY_US + timeOfDay(customer, random),
): Planned {
  const isIncoming = type === 'deposit' || type === 'refund';
  const effective_us = Math.floor(at_us);
  const amount_minor = Math.max(50, Math.round(dollars * 100));
  const isJourney = merchant !== undefined && day >= customer.journeyDay && day < customer.journeyDay + 7;
  const isPersonal = type === 'transfer';
  const isNewDevice = day === customer.newDeviceDay;
  return {
    type,
    channel: channel ?? (isPersonal ? 'mobile' : null),
    currency: 'USD',
    amount_minor,
    minor_per_major: 100,
    is_high_value: amount_minor > HIGH_VALUE_MINOR,
    debit_account: isIncoming ? null : customer.account,
    credit_account: isIncoming ? customer.account : (to ?? null),
    merchant_id: merchant ?? null,
    mcc: merchant === undefined ? null : (MCCS[merchant % MCCS.length] ?? null),
    merchant_country:
      merchant === undefined
        ? null
        : isJourney
          ? (ABROAD[customer.journeyDay % ABROAD.length] ?? null)
          : 'US',
    effective_us,
    posted_us: effective_us,
    person_since_us: isPersonal ? customer.since_us : null,
    logins: isPersonal
      ? {
          is_new_device: isNewDevice,
          is_new_address: isNewDevice || random() < 0.04,
          failed_logins_24h: random() < 0.03 ? 1 + Math.floor(2 * random()) : 0,
        }
      : null,
  };
}

function everyday(customer: Customer, random: Random, day: number, add: Add): void {
  const mean = customer.purchasesPerDay * (day % 7 >= 5 ? 1.3 : 1);
  for (let left = -Math.log(1 - random()); left < mean; left -= Math.log(1 - random())) {
    const usual = customer.usual[Math.floor(random() * customer.usual.length)];
    const merchant = random() < 0.75 && usual !== undefined ? usual : aMerchant(random);
    const channel = random() < 0.15 ? 'online' : random() < 0.5 ? 'contactless' : 'chip';
    add({ type: 'payment', channel, merchant }, Math.exp(3.1 + 0.9 * normal(random)));
  }
}

function occasional(customer: Customer, random: Random, add: Add): void {
  if (random() < 0.05) add({ type: 'withdrawal', channel: 'atm' }, 20 * Math.ceil(10 * random()));
  if (random() < 0.06)
    add({ type: 'transfer', to: someFriend(customer, random) }, Math.exp(4.5 + normal(random)));
  if (random() < 0.06) add({ type: 'deposit' }, Math.exp(4.5 + 1.2 * normal(random)));
  if (random() < 0.02) add({ type: 'deposit', channel: 'branch' }, 100 * Math.ceil(20 * random() ** 2));
  if (random() < 0.01)
    add(
      { type: 'refund', channel: 'online', merchant: aMerchant(random) },
      Math.exp(3.5 + 0.8 * normal(random)),
    );
  if (random() < 0.015)
    add(
      { type: 'payment', channel: 'online', merchant: aMerchant(random) },
      customer.monthlyIncome * (0.2 + 0.8 * random()),
    );
  if (random() < 0.002) add({ type: 'deposit' }, Math.exp(8.5 + normal(random)));
}

/** Mostly somebody known; now and then the first transfer to somebody, or to a company that sent a bill. */
function someFriend(customer: Customer, random: Random): number {
  const known = customer.friends[Math.floor(random() * customer.friends.length)];
  if (random() < 0.8 && known !== undefined) return known;
  return 1 + ((customer.account + Math.floor(random() * 299)) % 330);
}

/** An evening of paying what has piled up: several transfers within minutes. */
function billsAtOnce(customer: Customer, start_us: number, random: Random, add: Add): void {
  const count = 2 + Math.floor(5 * random());
  for (let bill = 0, at = start_us; bill < count; bill += 1, at += (15 + 240 * random()) * 1e6) {
    add({ type: 'transfer', to: someFriend(customer, random) }, Math.exp(4 + 0.8 * normal(random)), at);
  }
}

/** Microseconds from midnight. */
function timeOfDay(customer: Customer, random: Random): number {
  let rest = random() * BUSYNESS;
  let hour = HOURS.findIndex((weight) => (rest -= weight) < 0);
  if (hour < 0) hour = 12;
  // Everyone's day is shifted a little, but wraps round at midnight.
  return ((((hour + random() + customer.shift) % 24) + 24) % 24) * HOUR_US;
}
