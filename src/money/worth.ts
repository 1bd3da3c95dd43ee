/** How many units buy about what one US dollar buys: coarse, so that amounts of all currencies lie on one scale. */
const UNITS_PER_DOLLAR: Readonly<Record<string, number>> = {
  USD: 1,
  EUR: 1,
  GBP: 1,
  INR: 50,
  JPY: 100,
  KWD: 0.3,
};

export function unitsPerDollar(currency: string): number {
  return UNITS_PER_DOLLAR[currency] ?? 1;
}

/** About what an amount is worth in US dollars. `exponent`: decimals of the currency's minor unit. */
export function dollarsWorth(amountMinor: bigint, currency: string, exponent: number): number {
  return Number(amountMinor) / 10 ** exponent / unitsPerDollar(currency);
}
