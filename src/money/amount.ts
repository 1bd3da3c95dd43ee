/** The most a single item may move, in minor units. The same bound stands in procedures/posting/sp_batch_parse.sql. */
export const MAX_AMOUNT_MINOR = 1_000_000_000_000n;

export class AmountError extends Error {
  override name = 'AmountError';
}

const DECIMAL = /^(-?)(\d{1,20})(?:\.(\d{1,12}))?$/;

/**
 * Reads a decimal ("125.50" or the number 125.5) into minor units of a currency with `exponent` decimals.
 * A JSON number is read through its shortest decimal form, never multiplied as a float.
 * @throws AmountError for anything but a plain decimal with at most `exponent` significant decimals.
 */
export function parseDecimal(value: string | number, exponent: number): bigint {
  const match = DECIMAL.exec(typeof value === 'number' ? String(value) : value);
  if (!match) throw new AmountError('must be a decimal number such as "125.50"');
  const [, sign, whole = '0', fraction = ''] = match;
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > exponent) {
    throw new AmountError(`must have at most ${exponent} decimals`);
  }
  const minor = BigInt(whole) * 10n ** BigInt(exponent) + BigInt(significant.padEnd(exponent, '0') || '0');
  return sign === '-' ? -minor : minor;
}

/** As parseDecimal, for an amount to move: above zero and at most MAX_AMOUNT_MINOR. */
export function parseAmount(value: string | number, exponent: number): bigint {
  const minor = parseDecimal(value, exponent);
  if (minor <= 0n) throw new AmountError('must be greater than zero');
  if (minor > MAX_AMOUNT_MINOR) {
    throw new AmountError(`must be at most ${formatAmount(MAX_AMOUNT_MINOR, exponent)}`);
  }
  return minor;
}

/** Writes minor units as a decimal string with exactly `exponent` decimals: 12550 with 2 is "125.50". */
export function formatAmount(minor: bigint | string | number, exponent: number): string {
  const value = BigInt(minor);
  const digits = (value < 0n ? -value : value).toString().padStart(exponent + 1, '0');
  const sign = value < 0n ? '-' : '';
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
