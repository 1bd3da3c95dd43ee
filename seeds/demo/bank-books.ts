import { DAY, HOUR, MINUTE, daysOf, isoDay, monthName, monthsOf, weekdayOf, type Period } from './calendar';
import { DEMO_CUSTOMERS, accountName, minor, type Currency } from './people';
import { bankAccount, certain, type Books, type Candidate, type PlannedItem } from './plan';

const MONDAY = 1;

/** Major units, rates a year. */
const TERMS = {
  USD: { capital: 2_500_000, account_fee: 4.5, savings_rate: 0.036, reserve_rate: 0.041 },
  EUR: { capital: 1_200_000, account_fee: 3.9, savings_rate: 0.021, reserve_rate: 0.02 },
  INR: { capital: 90_000_000, account_fee: 150, savings_rate: 0.06, reserve_rate: 0.0525 },
} as const satisfies Record<Currency, Record<string, number>>;

/** What the bank keeps of a card payment, as a share. */
const INTERCHANGE = 0.012;

const CURRENCIES = Object.keys(TERMS) as Currency[];

/** The bank's own side: capital, monthly fees and interest, and the weekly settlement with the card network. */
export function bankBooks(period: Period): Candidate[] {
  const monthEnds = monthsOf(period).slice(1);
  const mondays = daysOf(period).filter((day) => weekdayOf(day) === MONDAY && day > period.start);
  return CURRENCIES.flatMap((currency) => [
    capital(currency, period.start),
    ...mondays.map((monday) => cardSettlement(currency, monday)),
    ...monthEnds.flatMap((month) => [
      interestOnReserves(currency, month),
      ...interestOnSavings(currency, month),
      ...accountFees(currency, month),
    ]),
  ]);
}

function capital(currency: Currency, start: number): Candidate {
  const amount = minor(TERMS[currency].capital);
  return certain({
    ...journal(`capital ${currency}`, start + 5 * MINUTE, currency, 'Share capital paid in'),
    actor: 'admin',
    legs: [
      { account: bankAccount('cash', currency), amount: -amount },
      { account: bankAccount('equity', currency), amount },
    ],
  });
}

function cardSettlement(currency: Currency, monday: number): Candidate {
  const at = monday + 4 * HOUR;
  const settle = (books: Books): PlannedItem | null => {
    const owed = books.balance(bankAccount('card_settlement', currency));
    const fee = share(owed, INTERCHANGE);
    if (fee <= 0n) return null;
    return {
      ...journal(
        `card settlement ${currency} ${isoDay(monday)}`,
        at,
        currency,
        `Card settlement, week to ${isoDay(monday - DAY)}`,
      ),
      legs: [
        { account: bankAccount('card_settlement', currency), amount: -owed },
        { account: bankAccount('cash', currency), amount: owed - fee },
        { account: bankAccount('fee_income', currency), amount: fee },
      ],
    };
  };
  return { at, make: settle };
}

function interestOnReserves(currency: Currency, month: number): Candidate {
  const at = month + HOUR;
  const label = monthName(month - DAY);
  const earn = (books: Books): PlannedItem | null => {
    const amount = share(-books.balance(bankAccount('cash', currency)), TERMS[currency].reserve_rate / 12);
    if (amount <= 0n) return null;
    return {
      ...journal(
        `reserves ${currency} ${label}`,
        at,
        currency,
        `Interest on central bank reserves, ${label}`,
      ),
      legs: [
        { account: bankAccount('cash', currency), amount: -amount },
        { account: bankAccount('interest_income', currency), amount },
      ],
    };
  };
  return { at, make: earn };
}

function interestOnSavings(currency: Currency, month: number): Candidate[] {
  const at = month + 30 * MINUTE;
  const label = monthName(month - DAY);
  return customersWith('savings', currency).map((username) => {
    const savings = accountName(username, 'savings', currency);
    const pay = (books: Books): PlannedItem | null => {
      const amount = share(books.balance(savings), TERMS[currency].savings_rate / 12);
      if (amount <= 0n) return null;
      return {
        ...journal(`interest ${username} ${label}`, at, currency, `Interest ${label}`),
        legs: [
          { account: bankAccount('interest_expense', currency), amount: -amount },
          { account: savings, amount },
        ],
      };
    };
    return { at, make: pay };
  });
}

function accountFees(currency: Currency, month: number): Candidate[] {
  const amount = minor(TERMS[currency].account_fee);
  const label = monthName(month - DAY);
  return customersWith('checking', currency).map((username) =>
    certain({
      ...journal(`fee ${username} ${label}`, month + 5 * HOUR, currency, `Account fee ${label}`),
      legs: [
        { account: accountName(username, 'checking', currency), amount: -amount },
        { account: bankAccount('fee_income', currency), amount },
      ],
    }),
  );
}

function journal(name: string, at: number, currency: Currency, description: string) {
  return { name, at, type: 'journal' as const, currency, description };
}

function customersWith(type: string, currency: Currency): string[] {
  const has = (accounts: readonly { type: string; currency: Currency }[]) =>
    accounts.some((account) => account.type === type && account.currency === currency);
  return DEMO_CUSTOMERS.filter(({ accounts }) => has(accounts)).map(({ username }) => username);
}

/** Rounded to the nearest minor unit. */
function share(amount: bigint, rate: number): bigint {
  return BigInt(Math.round(Number(amount) * rate));
}
