import * as fc from 'fast-check';
import { formatAmount, MAX_AMOUNT_MINOR, parseAmount, parseDecimal } from './amount';

describe('amounts', () => {
  it.each([
    ['125.50', 2, 12550n],
    ['125.5', 2, 12550n],
    ['125.500', 2, 12550n],
    [0.1, 2, 10n],
    [1.005, 3, 1005n],
    ['7', 0, 7n],
    ['0.001', 3, 1n],
    ['10000000000.00', 2, MAX_AMOUNT_MINOR],
  ])('reads %p with %p decimals', (value, exponent, minor) => {
    expect(parseAmount(value, exponent)).toBe(minor);
  });

  it.each(['', ' 1', '1 ', '+1', '1e3', '0x10', 'NaN', 'Infinity', '1,5', '.5', '5.', '--1', '１'])(
    'refuses %p',
    (value) => {
      expect(() => parseAmount(value, 2)).toThrow('must be a decimal number');
    },
  );

  it.each([NaN, Infinity, -Infinity, 1e21, 1e-7])('refuses the number %p', (value) => {
    expect(() => parseAmount(value, 2)).toThrow('must be');
  });

  it('refuses zero, negative, too precise and enormous amounts', () => {
    expect(() => parseAmount('0.00', 2)).toThrow('greater than zero');
    expect(() => parseAmount('-1', 2)).toThrow('greater than zero');
    expect(() => parseAmount('1.001', 2)).toThrow('at most 2 decimals');
    expect(() => parseAmount(1.1, 0)).toThrow('at most 0 decimals');
    expect(() => parseAmount('10000000000.01', 2)).toThrow('at most 10000000000.00');
  });

  it('writes what it reads, for every amount and exponent', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.integer({ min: 0, max: 4 }),
        (minor, exponent) => {
          expect(parseDecimal(formatAmount(minor, exponent), exponent)).toBe(minor);
        },
      ),
    );
  });
});
