import { crimes } from './crimes';
import { honestLife } from './everyday';
import {
  DAY_US,
  type Plan,
  type SimulatedHistory,
  type SimulatedTransaction,
  type SimulationOptions,
} from './history';
import { createWorld } from './world';

const CENTS = 100;
const LEAST_CENTS = 50;

/**
 * A bank's history: salaries, rents, habits, and eight patterns of fraud among them, labelled. The same options give the same
 * history. In it nobody spends what is not there.
 */
export function simulate(options: SimulationOptions): SimulatedHistory {
  const world = createWorld(options);
  const honest = world.people.flatMap((person) => honestLife(world, person));
  const plans = [...honest, ...crimes(world, honest.length)];
  const end_us = options.start_us + options.days * DAY_US;
  const inOrder = plans
    .map((plan, index) => ({ plan, index }))
    .filter(({ plan }) => plan.at_us < end_us)
    .sort((a, b) => a.plan.at_us - b.plan.at_us || a.index - b.index);
  const balances = new Map<number, number>();
  const transactions: SimulatedTransaction[] = [];
  for (const { plan } of inOrder) {
    const transaction = toTransaction(plan, transactions.length + 1, balances);
    if (transaction) transactions.push(transaction);
  }
  return { customers: world.people, merchants: world.merchants, transactions };
}

/** null when it cannot be paid for, or comes to next to nothing. */
function toTransaction(
  plan: Plan,
  number: number,
  balances: Map<number, number>,
): SimulatedTransaction | null {
  const debit = plan.from ?? null;
  const credit = plan.to ?? null;
  const balance = debit === null ? Infinity : (balances.get(debit) ?? 0);
  const dollars = typeof plan.amount === 'number' ? plan.amount : plan.amount(balance / CENTS);
  const amount_minor = Math.round(dollars * CENTS);
  if (amount_minor < LEAST_CENTS || amount_minor > balance || debit === credit) return null;
  if (debit !== null) balances.set(debit, balance - amount_minor);
  if (credit !== null) balances.set(credit, (balances.get(credit) ?? 0) + amount_minor);
  return {
    number,
    at_us: plan.at_us,
    type: plan.type,
    channel: plan.channel ?? null,
    amount_minor,
    debit,
    credit,
    merchant: plan.merchant ?? null,
    login: plan.login ?? null,
    description: plan.description,
    fraud: plan.fraud ?? null,
  };
}
