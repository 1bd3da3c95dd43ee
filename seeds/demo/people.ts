export type Currency = 'USD' | 'EUR' | 'INR';
export type AccountType = 'checking' | 'savings' | 'wallet';

export interface DemoAccount {
  type: AccountType;
  currency: Currency;
  /** Major units that come in when the account is opened. */
  opening: number;
  /** Major units. */
  overdraft?: number;
}

export interface DemoCard {
  brand: string;
  card_type: string;
  pan_first_six: string;
  account: AccountType;
  /** Major units; credit cards only. */
  credit_limit?: number;
}

/** What customer_profiles keeps. Amounts are major units of the home currency, a year. */
export interface DemoProfile {
  gender: string;
  address: string;
  latitude: number;
  longitude: number;
  per_capita_income: number;
  yearly_income: number;
  total_debt: number;
  credit_score: number;
  retirement_age: number;
}

export interface DemoUser {
  username: string;
  full_name: string;
  date_of_birth: string;
  phone_number: string;
  role: 'customer' | 'auditor' | 'analyst' | 'admin';
  kyc_status: 'verified' | 'pending';
  has_pin: boolean;
}

export interface DemoCustomer extends DemoUser {
  city: string;
  state: string | null;
  country: 'US' | 'FR' | 'IN';
  home_currency: Currency;
  profile: DemoProfile;
  accounts: DemoAccount[];
  cards: DemoCard[];
}

/** Six first digits out of the ranges that card networks publish for testing. */
const VISA = { brand: 'Visa', pan_first_six: '400000' };
const MASTERCARD = { brand: 'Mastercard', pan_first_six: '555555' };
const RUPAY = { brand: 'RuPay', pan_first_six: '508500' };

const customer = { role: 'customer', kyc_status: 'verified', has_pin: true } as const;

export const DEMO_CUSTOMERS: readonly DemoCustomer[] = [
  {
    ...customer,
    username: 'alice',
    full_name: 'Alice Johnson',
    date_of_birth: '1988-04-17',
    phone_number: '+16175550101',
    // The one without a PIN: the login that people try first meets no further question.
    has_pin: false,
    city: 'Boston',
    state: 'MA',
    country: 'US',
    home_currency: 'USD',
    profile: profile('female', '14 Linden Street', [42.3554, -71.066], [45_300, 79_200, 21_400], 742, 66),
    accounts: [
      { type: 'checking', currency: 'USD', opening: 4_850 },
      { type: 'savings', currency: 'USD', opening: 32_000 },
      { type: 'wallet', currency: 'USD', opening: 120 },
      { type: 'wallet', currency: 'EUR', opening: 0 },
    ],
    cards: [
      { ...VISA, card_type: 'Debit', account: 'checking' },
      { ...MASTERCARD, card_type: 'Debit (Prepaid)', account: 'wallet' },
    ],
  },
  {
    ...customer,
    username: 'bob',
    full_name: 'Bob Martinez',
    date_of_birth: '1979-11-02',
    phone_number: '+13125550102',
    city: 'Chicago',
    state: 'IL',
    country: 'US',
    home_currency: 'USD',
    profile: profile('male', '802 West Fulton Market', [41.8865, -87.648], [38_900, 78_500, 48_250], 688, 67),
    accounts: [
      { type: 'checking', currency: 'USD', opening: 4_100, overdraft: 500 },
      { type: 'savings', currency: 'USD', opening: 7_600 },
    ],
    cards: [{ ...MASTERCARD, card_type: 'Debit', account: 'checking' }],
  },
  {
    ...customer,
    username: 'chloe',
    full_name: 'Chloé Dubois',
    date_of_birth: '1992-07-29',
    phone_number: '+33199000103',
    city: 'Lyon',
    state: null,
    country: 'FR',
    home_currency: 'EUR',
    profile: profile('female', '9 rue des Capucins', [45.7691, 4.8332], [29_800, 49_200, 12_900], 731, 64),
    accounts: [
      { type: 'checking', currency: 'EUR', opening: 3_900 },
      { type: 'savings', currency: 'EUR', opening: 21_500 },
    ],
    cards: [{ ...VISA, card_type: 'Debit', account: 'checking' }],
  },
  {
    ...customer,
    username: 'priya',
    full_name: 'प्रिया शर्मा',
    date_of_birth: '1990-01-23',
    phone_number: '+912255500104',
    city: 'Bengaluru',
    state: 'Karnataka',
    country: 'IN',
    home_currency: 'INR',
    profile: profile(
      'female',
      '27 Residency Road',
      [12.9698, 77.6066],
      [310_000, 1_980_000, 420_000],
      769,
      60,
    ),
    accounts: [
      { type: 'checking', currency: 'INR', opening: 124_000 },
      { type: 'savings', currency: 'INR', opening: 340_000 },
      { type: 'wallet', currency: 'INR', opening: 2_500 },
    ],
    cards: [{ ...RUPAY, card_type: 'Debit', account: 'checking' }],
  },
  {
    ...customer,
    username: 'arjun',
    full_name: 'Arjun Mehta',
    date_of_birth: '1984-09-12',
    phone_number: '+912255500105',
    city: 'Mumbai',
    state: 'Maharashtra',
    country: 'IN',
    home_currency: 'INR',
    profile: profile('male', '5 Carter Road', [19.0669, 72.8226], [342_000, 2_450_000, 1_150_000], 724, 60),
    accounts: [
      { type: 'checking', currency: 'INR', opening: 168_000 },
      { type: 'savings', currency: 'INR', opening: 610_000 },
    ],
    cards: [{ ...VISA, card_type: 'Credit', account: 'checking', credit_limit: 200_000 }],
  },
  {
    ...customer,
    username: 'mei',
    full_name: '陳美玲',
    date_of_birth: '1957-03-08',
    phone_number: '+14155550106',
    city: 'San Francisco',
    state: 'CA',
    country: 'US',
    home_currency: 'USD',
    profile: profile('female', '1180 Sacramento Street', [37.7928, -122.4153], [61_700, 58_800, 0], 811, 65),
    accounts: [
      { type: 'checking', currency: 'USD', opening: 9_400 },
      { type: 'savings', currency: 'USD', opening: 54_000 },
    ],
    cards: [{ ...VISA, card_type: 'Debit', account: 'checking' }],
  },
  {
    ...customer,
    username: 'seun',
    full_name: 'Olúwaṣeun Adébáyọ̀',
    date_of_birth: '1995-12-30',
    phone_number: '+17135550107',
    city: 'Houston',
    state: 'TX',
    country: 'US',
    home_currency: 'USD',
    profile: profile('male', '3311 Travis Street', [29.7405, -95.3786], [33_400, 60_200, 36_800], 655, 68),
    accounts: [
      { type: 'checking', currency: 'USD', opening: 2_750 },
      { type: 'wallet', currency: 'USD', opening: 60 },
    ],
    cards: [{ ...MASTERCARD, card_type: 'Debit', account: 'checking' }],
  },
  {
    ...customer,
    username: 'jose',
    full_name: 'José Núñez Peña',
    date_of_birth: '2001-06-05',
    phone_number: '+13055550108',
    kyc_status: 'pending',
    city: 'Miami',
    state: 'FL',
    country: 'US',
    home_currency: 'USD',
    profile: profile(
      'male',
      '640 Southwest 8th Street',
      [25.7659, -80.2044],
      [27_500, 31_000, 4_300],
      612,
      67,
    ),
    accounts: [
      { type: 'checking', currency: 'USD', opening: 1_150 },
      { type: 'wallet', currency: 'USD', opening: 40 },
    ],
    cards: [{ ...VISA, card_type: 'Debit', account: 'checking' }],
  },
];

export const DEMO_STAFF: readonly DemoUser[] = [
  {
    username: 'auditor',
    full_name: 'Ingrid Østergård',
    date_of_birth: '1975-05-20',
    phone_number: '+12125550109',
    role: 'auditor',
    kyc_status: 'verified',
    has_pin: false,
  },
  {
    username: 'analyst',
    full_name: 'Leila Haddad',
    date_of_birth: '1990-11-02',
    phone_number: '+12125550111',
    role: 'analyst',
    kyc_status: 'verified',
    has_pin: false,
  },
  {
    username: 'admin',
    full_name: 'Samuel Okafor',
    date_of_birth: '1981-08-14',
    phone_number: '+12125550110',
    role: 'admin',
    kyc_status: 'verified',
    has_pin: false,
  },
];

/** How plans name an account before it has an id: "alice checking USD". The bank's own are "bank cash USD". */
export function accountName(username: string, type: string, currency: Currency): string {
  return `${username} ${type} ${currency}`;
}

/** How plans name a card before it has an id: "alice card 1". */
export function cardName(username: string, index: number): string {
  return `${username} card ${index + 1}`;
}

/** Minor units of the demo bank's three currencies, which all have two decimals. */
export function minor(major: number): bigint {
  return BigInt(Math.round(major * 100));
}

function profile(
  gender: string,
  address: string,
  [latitude, longitude]: [number, number],
  [per_capita_income, yearly_income, total_debt]: [number, number, number],
  credit_score: number,
  retirement_age: number,
): DemoProfile {
  return {
    gender,
    address,
    latitude,
    longitude,
    per_capita_income,
    yearly_income,
    total_debt,
    credit_score,
    retirement_age,
  };
}
