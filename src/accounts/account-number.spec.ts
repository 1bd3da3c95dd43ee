import * as fc from 'fast-check';
import { accountNumber, isAccountNumber, normaliseAccountNumber } from './account-number';

const digits = fc.stringMatching(/^\d{12}$/);

describe('account numbers', () => {
  it('are valid as an IBAN is: moved round and read as a number they leave 1 modulo 97', () => {
    fc.assert(
      fc.property(digits, (own) => {
        const number = accountNumber(own);
        const moved = `${number.slice(4)}${number.slice(0, 4)}`;
        const numeric = moved.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
        expect(BigInt(numeric) % 97n).toBe(1n);
        expect(number).toMatch(/^XF\d{2}FLRN\d{12}$/);
        expect(isAccountNumber(number)).toBe(true);
      }),
    );
  });

  it('a mistyped digit, or two that changed places, are found', () => {
    fc.assert(
      fc.property(digits, fc.nat(11), fc.integer({ min: 1, max: 9 }), (own, place, change) => {
        const number = accountNumber(own);
        const at = 8 + place;
        const other = String((Number(number[at]) + change) % 10);
        expect(isAccountNumber(number.slice(0, at) + other + number.slice(at + 1))).toBe(false);
        const [left, right] = [number[at - 1] ?? '', number[at] ?? ''];
        const swapped = number.slice(0, at - 1) + right + left + number.slice(at + 1);
        if (at > 8) expect(isAccountNumber(swapped)).toBe(left === right);
      }),
    );
  });

  it('may be written in groups and in lower case', () => {
    const number = accountNumber('123456789012');
    const grouped = number.replace(/(.{4})/g, '$1 ').toLowerCase();
    expect(normaliseAccountNumber(grouped)).toBe(number);
    expect(isAccountNumber(grouped)).toBe(true);
  });

  it.each([
    '',
    'XF',
    'GB82WEST12345698765432',
    'XF00FLRN12345678901',
    'XF00FLRN12345678901２',
    "XF00FLRN123456789012'--",
  ])('%p is none', (text) => {
    expect(isAccountNumber(text)).toBe(false);
  });
});
