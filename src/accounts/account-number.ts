/**
 * Account numbers have the form of an IBAN (ISO 13616): XF, a country code that ISO 3166 leaves to users, two check digits,
 * the bank code FLRN, twelve digits. Check digits after ISO 7064 mod 97-10; procedures/accounts/sp_create_account.sql makes the
 * same.
 */
const COUNTRY = 'XF';
const BANK = 'FLRN';
const FORM = /^XF(\d{2})FLRN(\d{12})$/;

/** The number for twelve digits of the account itself. */
export function accountNumber(digits: string): string {
  return `${COUNTRY}${checkDigits(digits)}${BANK}${digits}`;
}

/** Whether form and check digits fit. Spaces, as people write them in groups of four, and lower case are let through. */
export function isAccountNumber(text: string): boolean {
  const match = FORM.exec(normaliseAccountNumber(text));
  return match !== null && checkDigits(match[2] ?? '') === match[1];
}

export function normaliseAccountNumber(text: string): string {
  return text.replace(/ /g, '').toUpperCase();
}

function checkDigits(digits: string): string {
  const numeric = `${BANK}${digits}${COUNTRY}00`.replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  return String(98n - (BigInt(numeric) % 97n)).padStart(2, '0');
}
