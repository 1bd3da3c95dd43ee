/** Minor units of a currency that are worth ten thousand dollars: four decimals of exactness, as the bank keeps them. */
export type MinorPerDollar = bigint;

/** US cents; null: no limit. */
export interface Limits {
  transaction: number | null;
  day: number | null;
  party: number | null;
}

/** Money that a customer sends away, or sets aside for somebody. */
export interface Payment {
  user: string;
  /** The customer or merchant who receives it. */
  party: string | null;
  /** Minor units of `currency`. */
  amount: bigint;
  currency: string;
}

/** Parts of a dollar in which amounts of all currencies are counted. */
const WORTH_PER_CENT = 100n;
const WORTH_PER_DOLLAR = 10_000n;

/** What customers may send a day, and have sent. */
export class LimitBook {
  /** By "A.u0", and "A.u0 to B.u1" for what went to one party. */
  readonly used = new Map<string, { worth: bigint }>();
  /** What each decline for a limit said: minor units of the item's currency. */
  readonly passed: { key: string; code: string; limit: bigint; left: bigint }[] = [];
  private readonly limits = new Map<string, Limits>();

  constructor(private readonly currencies: ReadonlyMap<string, MinorPerDollar>) {}

  set(user: string, limits: Limits | null): void {
    if (limits) this.limits.set(user, limits);
    else this.limits.delete(user);
  }

  /** The code of the limit that a payment would pass, null when it passes none. */
  passedBy(payment: Payment, key: string): string | null {
    const limits = this.limits.get(payment.user);
    if (!limits) return null;
    const worth = this.worthOf(payment);
    const pass = (code: string, cents: number | null, used: bigint): string | null => {
      if (cents === null || used + worth <= BigInt(cents) * WORTH_PER_CENT) return null;
      const limit = BigInt(cents) * WORTH_PER_CENT;
      const left = limit > used ? limit - used : 0n;
      const minor = (value: bigint) => this.minorOf(value, payment.currency);
      this.passed.push({ key, code, limit: minor(limit), left: minor(left) });
      return code;
    };
    return (
      pass('LIMIT_PER_TRANSACTION', limits.transaction, 0n) ??
      pass('LIMIT_PER_DAY', limits.day, this.usedOf(payment.user)) ??
      (payment.party === null
        ? null
        : pass('LIMIT_PER_COUNTERPARTY', limits.party, this.usedOf(partyKey(payment))))
    );
  }

  /** What was sent while no limit a day was set counts to none. */
  count(payment: Payment): void {
    const limits = this.limits.get(payment.user);
    if (!limits || (limits.day === null && limits.party === null)) return;
    const worth = this.worthOf(payment);
    this.used.set(payment.user, { worth: this.usedOf(payment.user) + worth });
    if (payment.party === null || limits.party === null) return;
    this.used.set(partyKey(payment), { worth: this.usedOf(partyKey(payment)) + worth });
  }

  private usedOf(name: string): bigint {
    return this.used.get(name)?.worth ?? 0n;
  }

  /** Rounded up. */
  private worthOf({ amount, currency }: Payment): bigint {
    const perDollar = this.currencies.get(currency) ?? 1n;
    return (amount * WORTH_PER_DOLLAR * 10_000n + perDollar - 1n) / perDollar;
  }

  private minorOf(worth: bigint, currency: string): bigint {
    return (worth * (this.currencies.get(currency) ?? 1n)) / (WORTH_PER_DOLLAR * 10_000n);
  }
}

function partyKey({ user, party }: Payment): string {
  return `${user} to ${party}`;
}
