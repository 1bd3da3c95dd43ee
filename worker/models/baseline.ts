import { computeFeatures, type Features, HISTORY_DAYS, HISTORY_ENTRIES } from '../features/features';
import { normal, type Random, seededRandom } from './random';

/**
 * What ordinary customers do, for a bank that has no history yet: salaries, rents, bills, groceries, cash, transfers to
 * friends, now and then a large purchase; most by day, few at night. Made by rules from a seed, so it holds nobody's data.
 */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** The days of history that let every customer's later transactions have a 30-day mean. */
const WARM_UP_DAYS = 30;
const DAYS = 90;
const CUSTOMERS = 300;
/** A Monday. */
const START_MS = Date.UTC(2024, 0, 1);

interface Movement {
  at_ms: number;
  /** Major units, negative when money leaves. */
  amount: number;
}

interface Customer {
  monthlyIncome: number;
  payday: number;
  rentDay: number;
  /** Everyday purchases a day, in the mean. */
  purchasesPerDay: number;
  /** How late the customer's day is, in hours. */
  shift: number;
}

/** How busy each hour of the day is, UTC, from midnight. */
const HOURS = [12, 7, 4, 3, 3, 6, 15, 34, 52, 58, 62, 70, 82, 74, 66, 66, 72, 86, 92, 84, 66, 48, 33, 21];

/** Features of some tens of thousands of transactions. The same seed gives the same rows. */
export function baselineFeatures(seed: number, customers = CUSTOMERS): Features[] {
  const random = seededRandom(seed);
  return Array.from({ length: customers }, () => customerFeatures(random)).flat();
}

function customerFeatures(random: Random): Features[] {
  const movements = live(newCustomer(random), random);
  const features: Features[] = [];
  let balance = 200 + Math.exp(6.5 + normal(random));
  movements.forEach((movement, index) => {
    // Nobody spends what is not there: the bank would have declined.
    if (movement.amount < 0 && balance + movement.amount < 0) return;
    if (movement.at_ms >= START_MS + WARM_UP_DAYS * DAY_MS) {
      features.push(
        featuresOf(movement, movements.slice(Math.max(0, index - HISTORY_ENTRIES), index), balance),
      );
    }
    balance += movement.amount;
  });
  return features;
}

function featuresOf(movement: Movement, before: readonly Movement[], balance: number): Features {
  const since = movement.at_ms - HISTORY_DAYS * DAY_MS;
  const alike = before.filter(
    (other) => other.at_ms >= since && Math.sign(other.amount) === Math.sign(movement.amount),
  );
  const total = alike.reduce((sum, other) => sum + Math.abs(other.amount), 0);
  return computeFeatures({
    amount: Math.abs(movement.amount),
    currency: 'USD',
    effective_at_ms: movement.at_ms,
    balance_before: movement.amount < 0 ? balance : null,
    behaviour: {
      transactions_1h: alike.filter((other) => other.at_ms > movement.at_ms - HOUR_MS).length,
      last_at_ms: alike.at(-1)?.at_ms ?? null,
      mean_amount: alike.length > 0 ? total / alike.length : null,
    },
  });
}

function newCustomer(random: Random): Customer {
  return {
    monthlyIncome: Math.exp(8 + 0.5 * normal(random)),
    payday: Math.floor(random() * 28),
    rentDay: Math.floor(random() * 28),
    purchasesPerDay: 0.3 + random() * 2.5,
    shift: 1.5 * normal(random),
  };
}

function live(customer: Customer, random: Random): Movement[] {
  const movements: Movement[] = [];
  for (let day = 0; day < DAYS; day += 1) {
    const start = START_MS + day * DAY_MS;
    const add = (amount: number, at_ms = start + timeOfDay(customer, random)): void => {
      movements.push({
        at_ms,
        amount: Math.sign(amount) * Math.max(0.5, Math.round(Math.abs(amount) * 100) / 100),
      });
    };
    const isWeekend = day % 7 >= 5;
    if (day % 30 === customer.payday) add(customer.monthlyIncome, start + (6 + 4 * random()) * HOUR_MS);
    if (day % 30 === customer.rentDay)
      add(-customer.monthlyIncome * (0.2 + 0.15 * random()), start + (7 + 12 * random()) * HOUR_MS);
    everyday(customer, random, isWeekend, add);
    occasional(customer, random, add);
    if (random() < 0.04) billsAtOnce(start + timeOfDay(customer, random), random, add);
  }
  return movements.sort((a, b) => a.at_ms - b.at_ms);
}

type Add = (amount: number, at_ms?: number) => void;

function everyday(customer: Customer, random: Random, isWeekend: boolean, add: Add): void {
  const mean = customer.purchasesPerDay * (isWeekend ? 1.3 : 1);
  for (let left = -Math.log(1 - random()); left < mean; left -= Math.log(1 - random())) {
    add(-Math.exp(3.1 + 0.9 * normal(random)));
  }
}

function occasional(customer: Customer, random: Random, add: Add): void {
  if (random() < 0.05) add(-20 * Math.ceil(10 * random()));
  if (random() < 0.06) add(-Math.exp(4.5 + normal(random)));
  if (random() < 0.06) add(Math.exp(4.5 + 1.2 * normal(random)));
  if (random() < 0.02) add(100 * Math.ceil(20 * random() ** 2));
  if (random() < 0.015) add(-customer.monthlyIncome * (0.2 + 0.8 * random()));
  if (random() < 0.002) add(Math.exp(8.5 + normal(random)));
}

/** An evening of paying what has piled up: several transfers within minutes. */
function billsAtOnce(start_ms: number, random: Random, add: Add): void {
  const count = 2 + Math.floor(5 * random());
  for (let bill = 0, at = start_ms; bill < count; bill += 1, at += (15 + 240 * random()) * 1000) {
    add(-Math.exp(4 + 0.8 * normal(random)), at);
  }
}

function timeOfDay(customer: Customer, random: Random): number {
  const total = HOURS.reduce((sum, weight) => sum + weight, 0);
  let rest = random() * total;
  let hour = HOURS.findIndex((weight) => (rest -= weight) < 0);
  if (hour < 0) hour = 12;
  // Everyone's day is shifted a little, but wraps round at midnight.
  return ((((hour + random() + customer.shift) % 24) + 24) % 24) * HOUR_MS;
}
