import { DAY, HOUR, MINUTE, type Period } from './calendar';
import { billerOf, shopsOf, type Biller, type SpendingKind } from './merchants';
import {
  DEMO_CUSTOMERS,
  accountName,
  cardName,
  minor,
  type AccountType,
  type Currency,
  type DemoCustomer,
} from './people';
import type { PlannedItem } from './plan';

export type Clock = (daysBefore: number, time: string) => number;

/** Times told from the end: clock(3, "09:30") is half past nine three days before the history's last day. */
export function clockOf({ end }: Period): Clock {
  const lastDay = Math.floor(end / DAY) * DAY;
  return (daysBefore, time) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return lastDay - daysBefore * DAY + hours * HOUR + minutes * MINUTE;
  };
}

export function transfer(
  name: string,
  at: number,
  debit: string,
  credit: string,
  amount: bigint,
): PlannedItem {
  const [actor, , currency] = debit.split(' ');
  return {
    name,
    at,
    type: 'transfer',
    currency: currency as Currency,
    amount,
    debit,
    credit,
    channel: 'online',
    ...(actor ? { actor } : {}),
  };
}

export function payment(
  name: string,
  at: number,
  username: string,
  merchant: string,
  major: number,
): PlannedItem {
  return { ...fromCard(name, at, username, major), type: 'payment', merchant, channel: 'chip' };
}

export function hold(
  name: string,
  at: number,
  username: string,
  merchant: string,
  major: number,
): PlannedItem {
  return {
    ...fromCard(name, at, username, major),
    type: 'hold',
    merchant,
    channel: 'online',
    description: 'Authorisation',
  };
}

export function withdrawal(name: string, at: number, username: string, major: number): PlannedItem {
  return {
    ...fromCard(name, at, username, major),
    type: 'withdrawal',
    merchant: biller(username, 'atm'),
    channel: 'atm',
    description: 'Cash withdrawal',
  };
}

export function reversal(name: string, at: number, original: string, description: string): PlannedItem {
  return { name, at, type: 'reversal', original, actor: 'admin', description };
}

function fromCard(name: string, at: number, username: string, major: number) {
  const { home_currency } = person(username);
  return {
    name,
    at,
    currency: home_currency,
    amount: minor(major),
    debit: account(username, 'checking'),
    card: cardName(username, 0),
    actor: username,
  };
}

export function account(
  username: string,
  type: AccountType,
  currency: Currency = person(username).home_currency,
): string {
  return accountName(username, type, currency);
}

export function shop(username: string, kind: SpendingKind): string {
  const [first = ''] = shopsOf(person(username), kind);
  return first;
}

export function biller(username: string, kind: Biller): string {
  return billerOf(person(username), kind);
}

function person(username: string): DemoCustomer {
  const found = DEMO_CUSTOMERS.find((customer) => customer.username === username);
  if (!found) throw new Error(`no such demo customer: ${username}`);
  return found;
}
