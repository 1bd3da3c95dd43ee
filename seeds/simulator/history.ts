/** The eight ways in which the simulator's criminals work. */
export const FRAUD_PATTERNS = [
  'account_takeover',
  'card_testing',
  'stolen_card_abroad',
  'structuring',
  'mule_pass_through',
  'collecting_ring',
  'compromised_merchant',
  'dormant_awakened',
] as const;
export type FraudPattern = (typeof FRAUD_PATTERNS)[number];

export interface SimulationOptions {
  seed: number;
  customers: number;
  days: number;
  /** The share of transactions that are fraud, about. */
  fraud: number;
  /** Midnight at which the first day begins, microseconds since 1970 UTC. */
  start_us: number;
}

export const HOUR_US = 3_600_000_000;
export const DAY_US = 24 * HOUR_US;

export interface SimulatedCustomer {
  /** From 1. Companies that take rent are customers too. */
  number: number;
  full_name: string;
  /** Two lower-case words, unique together with the number. */
  username: string;
  opened_us: number;
  /** When the customer first used the bank's application. */
  first_login_us: number;
}

export interface SimulatedMerchant {
  /** From 1. */
  number: number;
  name: string;
  mcc: string;
  city: string;
  country: string;
}

/** What the logins of the customer who asked say; of card payments and of the bank's own work there is nothing to say. */
export interface SimulatedLogin {
  is_new_device: boolean;
  is_new_address: boolean;
  failed_logins_24h: number;
}

export type SimulatedType = 'deposit' | 'withdrawal' | 'transfer' | 'payment' | 'refund';

export interface SimulatedTransaction {
  /** From 1, in the order of time. */
  number: number;
  at_us: number;
  type: SimulatedType;
  channel: string | null;
  /** US cents, above zero. */
  amount_minor: number;
  /** Numbers of customers; null: the bank's own account. */
  debit: number | null;
  credit: number | null;
  merchant: number | null;
  login: SimulatedLogin | null;
  description: string;
  /** null: honest. */
  fraud: FraudPattern | null;
}

export interface SimulatedHistory {
  customers: SimulatedCustomer[];
  merchants: SimulatedMerchant[];
  transactions: SimulatedTransaction[];
}

/** Something that somebody is about to do. Whether it can be paid for shows when its turn comes. */
export interface Plan {
  at_us: number;
  type: SimulatedType;
  channel?: string;
  /** US dollars; or what the amount comes to, by the balance of who pays, in dollars too. */
  amount: number | ((balance: number) => number);
  from?: number;
  to?: number;
  merchant?: number;
  login?: SimulatedLogin;
  description: string;
  fraud?: FraudPattern;
}
