/** ISO 4217 currencies the bank keeps books in: code, name, decimals, and the amount above which a transaction is flagged (major units). */
export const CURRENCIES = [
  { currency: 'USD', name: 'US dollar', exponent: 2, high_value: 10_000 },
  { currency: 'EUR', name: 'Euro', exponent: 2, high_value: 10_000 },
  { currency: 'INR', name: 'Indian rupee', exponent: 2, high_value: 10_000 },
  { currency: 'GBP', name: 'Pound sterling', exponent: 2, high_value: 10_000 },
  { currency: 'JPY', name: 'Yen', exponent: 0, high_value: 10_000 },
  { currency: 'KWD', name: 'Kuwaiti dinar', exponent: 3, high_value: 10_000 },
] as const;
