import { Chance } from './chance';
import { DAY_US, type SimulatedCustomer, type SimulatedMerchant, type SimulationOptions } from './history';

/** How a customer earns, spends and sleeps. Amounts are US dollars. */
export interface Person extends SimulatedCustomer {
  way: 'employee' | 'shopkeeper' | 'landlord' | 'dormant' | 'mule';
  income: number;
  /** Days of a thirty-day month, from 0. */
  payday: number;
  rent_day: number;
  landlord: number;
  /** Flatmates who send this person their part of the rent. */
  flatmates: number[];
  purchases_a_day: number;
  /** Hours by which the day is later than others'. */
  shift: number;
  friends: number[];
  /** Companies that send bills. */
  billers: number[];
  usual: number[];
  opening_balance: number;
  opening_us: number;
  /** First days of a new telephone, and of a journey; may lie beyond the history. */
  new_device_day: number;
  journey_day: number;
  journey_to: string;
}

export interface World {
  options: SimulationOptions;
  people: Person[];
  merchants: (SimulatedMerchant & { usual_amount: number })[];
  /** Numbers of merchants abroad, by country. */
  abroad: Map<string, number[]>;
  /** Numbers of merchants that sell on the internet. */
  online: number[];
  /** Numbers of customers that live from what others pay. */
  companies: number[];
  /** Numbers of customers whom anybody may meet: no mules, who show themselves little, and no sleepers. */
  strangers: number[];
}

const FIRST =
  `Ada Alan Amara Ana Anton Aylin Ben Bianca Bruno Carla Cem Clara Dana David Diego Dora Elena Elias Emre Erik Esther Eva
Farid Fatima Felix Frida George Grace Hana Hugo Ida Igor Ines Irma Ivan Jana Jonas Julia Kai Karim Kira Lara Leo Lena Lukas Maia Malik
Marta Milan Mina Nadia Nils Nora Olga Omar Paul Petra Rafael Rosa Samir Sara Selma Simon Sofia Tarek Teresa Theo Tina Vera Viktor Yara Zoe`.split(
    /\s+/,
  );
const LAST =
  `Abbott Aldana Amari Becker Bellini Bergman Boateng Brandt Castillo Chen Costa Dahl Demir Diallo Dupont Eriksen Ferrari Fischer
Flores Fontaine Garcia Gruber Haddad Hansen Hoffmann Horvat Ibrahim Ivanova Jansen Kaya Keller Khan Kim Kovacs Kowalski Laurent Lindgren
Lopez Marino Mbeki Meyer Moreau Nakamura Novak Okafor Olsen Ortiz Papadakis Patel Pereira Popescu Ramos Rossi Sato Schmidt Silva Singh
Sorensen Stein Suzuki Tanaka Torres Vargas Vogel Wagner Walsh Weber Yilmaz Zeller`.split(/\s+/);

/** Kinds of merchants: category, what a visit costs, how many of a hundred merchants are such, whether they sell online. */
const KINDS = [
  { word: 'Market', mcc: '5411', usual: 38, share: 18, online: false },
  { word: 'Coffee', mcc: '5814', usual: 8, share: 16, online: false },
  { word: 'Kitchen', mcc: '5812', usual: 32, share: 16, online: false },
  { word: 'Transit', mcc: '4111', usual: 5, share: 4, online: false },
  { word: 'Fuel', mcc: '5541', usual: 45, share: 8, online: false },
  { word: 'Pharmacy', mcc: '5912', usual: 22, share: 7, online: false },
  { word: 'Clothes', mcc: '5651', usual: 60, share: 10, online: true },
  { word: 'Books', mcc: '5942', usual: 24, share: 6, online: true },
  { word: 'Electronics', mcc: '5732', usual: 130, share: 7, online: true },
  { word: 'Cinema', mcc: '7832', usual: 21, share: 4, online: true },
  { word: 'Jewelers', mcc: '5944', usual: 220, share: 4, online: true },
] as const;
const PLACES =
  `Amber Birch Bridge Canal Castle Cedar Copper Corner Crown Eagle Elm Garden Golden Green Harbor Hill Iron Juniper Lake Lantern
Linden Maple Meadow Mill Moon North Oak Orchard Park Pine Red River Rose Silver South Spring Station Sun Valley Willow`.split(
    /\s+/,
  );
const CITIES = ['Boston', 'Chicago', 'Denver', 'Portland', 'Savannah'];
const ABROAD = [
  ['FR', 'Paris'],
  ['ES', 'Madrid'],
  ['IT', 'Rome'],
  ['GB', 'London'],
  ['TR', 'Istanbul'],
  ['BR', 'Recife'],
] as const;

const MERCHANTS_PER_CUSTOMER = 0.8;
const LEAST_MERCHANTS = 80;
const ABROAD_SHARE = 0.2;
/** Of a hundred customers so many keep a shop, sleep, or have lent their account; the first ones let flats. */
const SHOPKEEPERS = 2;
const DORMANT = 4;
const MULES = 3;
const TENANTS_PER_LANDLORD = 14;
const FLATSHARE_CHANCE = 0.02;

/** The people and shops of a simulation: the same for the same options. */
export function createWorld(options: SimulationOptions): World {
  const merchants = createMerchants(options);
  const abroad = new Map<string, number[]>(ABROAD.map(([country]) => [country, []]));
  for (const { country, number } of merchants) abroad.get(country)?.push(number);
  const home = merchants.filter(({ country }) => country === 'US');
  const landlords = Math.max(1, Math.round(options.customers / TENANTS_PER_LANDLORD));
  const people = Array.from({ length: options.customers }, (_, index) =>
    createPerson(options, index + 1, landlords, home.length),
  );
  const online = home.filter(({ mcc }) => KINDS.some((kind) => kind.online && kind.mcc === mcc));
  const numbersOf = (...ways: Person['way'][]): number[] =>
    people.filter(({ way }) => ways.includes(way)).map(({ number }) => number);
  return {
    options,
    people,
    merchants,
    abroad,
    online: online.map(({ number }) => number),
    companies: numbersOf('landlord', 'shopkeeper'),
    strangers: numbersOf('employee', 'landlord', 'shopkeeper'),
  };
}

function createMerchants({ seed, customers }: SimulationOptions): World['merchants'] {
  const chance = new Chance(`merchants ${seed}`);
  const count = Math.max(LEAST_MERCHANTS, Math.round(customers * MERCHANTS_PER_CUSTOMER));
  const kinds = KINDS.flatMap((kind) => Array<(typeof KINDS)[number]>(kind.share).fill(kind));
  return Array.from({ length: count }, (_, index) => {
    const kind = chance.pick(kinds);
    const [country, town] = index >= count * (1 - ABROAD_SHARE) ? chance.pick(ABROAD) : ['US', null];
    return {
      number: index + 1,
      name: `${chance.pick(PLACES)} ${kind.word} ${index + 1}`,
      mcc: kind.mcc,
      city: town ?? chance.pick(CITIES),
      country,
      usual_amount: chance.around(kind.usual, 0.3),
    };
  });
}

function createPerson(
  { seed, customers, days, start_us }: SimulationOptions,
  number: number,
  landlords: number,
  shops: number,
): Person {
  const chance = new Chance(`person ${seed} ${number}`);
  const someone = (): number => {
    const other = chance.integer(1, customers);
    const isSeldomMet = ['mule', 'dormant'].includes(wayOf(other, landlords)) && chance.chance(0.75);
    return isSeldomMet ? someone() : other;
  };
  const way = wayOf(number, landlords);
  const income = chance.around(3_200, 0.45);
  const first = chance.pick(FIRST);
  const last = chance.pick(LAST);
  const isDormant = way === 'dormant';
  const opening_us = isDormant ? start_us - Math.round(chance.between(70, 400)) * DAY_US : start_us;
  return {
    number,
    full_name: `${first} ${last}`,
    username: `${first}_${last}`.toLowerCase(),
    opened_us: opening_us - Math.floor(chance.next() ** 2 * 2_000) * DAY_US,
    first_login_us: opening_us - Math.floor(chance.between(0, 300)) * DAY_US,
    way,
    income,
    payday: chance.chance(0.6) ? chance.integer(24, 29) : chance.integer(0, 29),
    rent_day: chance.chance(0.5) ? chance.integer(0, 4) : chance.integer(0, 29),
    landlord: chance.integer(1, landlords),
    flatmates: chance.chance(FLATSHARE_CHANCE) ? [someone(), someone()].filter((one) => one !== number) : [],
    purchases_a_day: way === 'employee' ? chance.between(0.3, 2.4) : chance.between(0.1, 0.8),
    shift: chance.chance(0.04) ? 10 : 1.4 * chance.normal(),
    friends: Array.from({ length: chance.integer(2, 7) }, someone).filter((one) => one !== number),
    billers: Array.from({ length: 3 }, () => chance.integer(1, landlords)),
    usual: Array.from({ length: chance.integer(4, 12) }, () => popular(chance, shops)),
    opening_balance: isDormant ? chance.around(7_000, 0.7) : chance.around(1_400, 1),
    opening_us: opening_us + Math.round(chance.between(7, 19) * 3_600_000_000),
    new_device_day: chance.integer(0, Math.max(days, 540)),
    journey_day: chance.integer(0, Math.max(days, 270)),
    journey_to: chance.pick(ABROAD)[0],
  };
}

/** Spread evenly over the numbers, so that small simulations have some of each. */
function wayOf(number: number, landlords: number): Person['way'] {
  if (number <= landlords) return 'landlord';
  const place = (number * 37) % 100;
  if (place < MULES) return 'mule';
  if (place < MULES + DORMANT) return 'dormant';
  return place < MULES + DORMANT + SHOPKEEPERS ? 'shopkeeper' : 'employee';
}

/** Number of a merchant at home: some have far more customers than others. */
export function popular(chance: Chance, shops: number): number {
  return 1 + Math.floor(shops * chance.next() ** 1.8);
}

/** How many merchants are at home; they have the first numbers. */
export function shopsAtHome({ merchants }: World): number {
  return merchants.filter(({ country }) => country === 'US').length;
}
