import { DEMO_CUSTOMERS, type Currency, type DemoCustomer } from './people';

export interface DemoMerchant {
  name: string;
  mcc: string;
  city: string;
  state: string | null;
  country: string;
}

/** Kinds of spending: merchant category, hours of the day, and what one visit costs in major units. */
export const SPENDING = {
  groceries: { mcc: '5411', hours: [8, 20], USD: [18, 145], EUR: [14, 110], INR: [220, 3_200] },
  coffee: { mcc: '5814', hours: [7, 16], USD: [3.4, 11], EUR: [2.2, 9], INR: [80, 420] },
  restaurant: { mcc: '5812', hours: [12, 22], USD: [15, 98], EUR: [14, 88], INR: [260, 2_600] },
  commute: { mcc: '4111', hours: [7, 19], USD: [2.4, 2.9], EUR: [2, 2.1], INR: [20, 70] },
  taxi: { mcc: '4121', hours: [8, 23], USD: [9, 42], EUR: [8, 36], INR: [90, 720] },
  fuel: { mcc: '5541', hours: [7, 21], USD: [27, 72], EUR: [32, 85], INR: [500, 2_600] },
  pharmacy: { mcc: '5912', hours: [9, 19], USD: [6, 62], EUR: [5, 48], INR: [90, 1_300] },
  clothes: { mcc: '5651', hours: [10, 19], USD: [24, 185], EUR: [22, 160], INR: [600, 4_600] },
  department: { mcc: '5311', hours: [10, 20], USD: [15, 140], EUR: [12, 120], INR: [300, 3_900] },
  books: { mcc: '5942', hours: [10, 19], USD: [9, 46], EUR: [8, 38], INR: [180, 950] },
  electronics: { mcc: '5732', hours: [10, 20], USD: [28, 390], EUR: [25, 340], INR: [700, 8_900] },
  cinema: { mcc: '7832', hours: [16, 22], USD: [12, 38], EUR: [9, 28], INR: [200, 900] },
  doctor: { mcc: '8011', hours: [9, 17], USD: [25, 160], EUR: [26, 60], INR: [500, 1_800] },
} as const satisfies Record<
  string,
  { mcc: string; hours: readonly [number, number] } & Record<Currency, readonly [number, number]>
>;

export type SpendingKind = keyof typeof SPENDING;

const SHOPS: Record<DemoCustomer['country'], Record<SpendingKind, string[]>> = {
  US: {
    groceries: ['Greenleaf Market', 'Harvest Lane Foods', 'Corner Pantry'],
    coffee: ['Blue Door Coffee', 'Sunny Side Bagels', 'Daily Grind Espresso'],
    restaurant: ['Trattoria Luna', 'Saigon Garden', 'The Copper Pot', 'Taqueria El Faro'],
    commute: ['Metro Transit'],
    taxi: ['Citywide Cabs', 'Hopin Rides'],
    fuel: ['Redline Fuel', 'Prairie Gas & Go'],
    pharmacy: ['Wellspring Pharmacy'],
    clothes: ['Thread & Needle', 'Northfield Outfitters'],
    department: ['Hallmark & Sons Department Store'],
    books: ['Second Chapter Books'],
    electronics: ['Volt Electronics'],
    cinema: ['Orpheum Cinemas'],
    doctor: ['Lakeside Family Medicine'],
  },
  FR: {
    groceries: ['Marché des Halles', 'Épicerie Bellecour', 'Bio Croix-Rousse'],
    coffee: ['Café des Négociants', 'Boulangerie Saint-Paul'],
    restaurant: ['Bouchon Tupin', 'Crêperie du Vieux Lyon', 'Chez Marguerite'],
    commute: ['Transports Lyonnais'],
    taxi: ['Taxi Rhône'],
    fuel: ['Station Perrache'],
    pharmacy: ['Pharmacie des Terreaux'],
    clothes: ['Atelier Mercière', 'Maison Fil'],
    department: ['Grand Magasin République'],
    books: ['Librairie du Passage'],
    electronics: ['Électro Part-Dieu'],
    cinema: ['Cinéma Lumière Bellecour'],
    doctor: ['Cabinet Médical Ainay'],
  },
  IN: {
    groceries: ['Namdev Supermarket', 'Fresh Basket', 'Annapurna Stores'],
    coffee: ['Filter Kaapi House', 'Chai Adda'],
    restaurant: ['Udupi Sagar', 'Dakshin Grill', 'Bombay Tiffin Room'],
    commute: ['Namma Metro Card'],
    taxi: ['Raftaar Cabs', 'AutoSathi'],
    fuel: ['Bharat Highway Fuels'],
    pharmacy: ['Sanjeevani Medicals'],
    clothes: ['Rang Mahal Textiles', 'Cotton Lane'],
    department: ['Vastu Bazaar'],
    books: ['Saraswati Book House'],
    electronics: ['Digital Dhaba'],
    cinema: ['Regal Talkies'],
    doctor: ['Aarogya Clinic'],
  },
};

/** Merchants that are the same for everybody in a country: bills, subscriptions, travel, cash machines. */
const BILLERS: Record<DemoCustomer['country'], Record<string, [name: string, mcc: string]>> = {
  US: {
    rent: ['Keystone Property Management', '6513'],
    utilities: ['Commonwealth Power & Water', '4900'],
    phone: ['Beacon Wireless', '4814'],
    streaming: ['Cineflow Streaming', '4899'],
    music: ['Tonearm Music', '4899'],
    gym: ['Ironworks Fitness', '7997'],
    hotel: ['Harborview Hotel', '7011'],
    airline: ['Transcontinental Air', '4511'],
    casino: ['Lucky Meridian Casino', '7995'],
    jeweller: ['Whitlock Jewelers', '5944'],
    atm: ['Florin Cash Machine', '6011'],
  },
  FR: {
    rent: ['Régie du Rhône Immobilier', '6513'],
    utilities: ['Énergie des Alpes', '4900'],
    phone: ['Téléphonie Confluence', '4814'],
    streaming: ['Cineflow Streaming', '4899'],
    music: ['Tonearm Music', '4899'],
    gym: ['Salle Gerland', '7997'],
    hotel: ['Hôtel de la Presqu’île', '7011'],
    airline: ['Aéro Rhône', '4511'],
    casino: ['Casino du Lac', '7995'],
    jeweller: ['Joaillerie Ampère', '5944'],
    atm: ['Distributeur Florin', '6011'],
  },
  IN: {
    rent: ['Shanti Housing Society', '6513'],
    utilities: ['Vidyut Electricity Board', '4900'],
    phone: ['Sagar Telecom', '4814'],
    streaming: ['Cineflow Streaming', '4899'],
    music: ['Tonearm Music', '4899'],
    gym: ['Akhada Fitness', '7997'],
    hotel: ['Lotus Lake Palace Hotel', '7011'],
    airline: ['Himalaya Airways', '4511'],
    casino: ['Mandovi Gaming', '7995'],
    jeweller: ['Navratna Jewellers', '5944'],
    atm: ['Florin Cash Point', '6011'],
  },
};

/** Categories that the demo bank uses beyond those of the reference data. */
export const DEMO_MCC_CODES: Record<string, string> = {
  '4899': 'Cable, Satellite and Other Pay Television and Radio Services',
  '6513': 'Real Estate Agents and Managers: Rentals',
  '7997': 'Membership Clubs, Country Clubs and Private Golf Courses',
};

export type Biller =
  | 'rent'
  | 'utilities'
  | 'phone'
  | 'streaming'
  | 'music'
  | 'gym'
  | 'hotel'
  | 'airline'
  | 'casino'
  | 'jeweller'
  | 'atm';

/** The shops of a kind in a customer's city, by the names that plans use. */
export function shopsOf(customer: DemoCustomer, kind: SpendingKind): string[] {
  return SHOPS[customer.country][kind].map((name) => `${name}, ${customer.city}`);
}

export function billerOf(customer: DemoCustomer, biller: Biller): string {
  return `${BILLERS[customer.country][biller]?.[0]}, ${customer.city}`;
}

/** Every merchant, by the name that plans use: "Greenleaf Market, Boston". */
export function demoMerchants(): Map<string, DemoMerchant> {
  const merchants = new Map<string, DemoMerchant>();
  for (const customer of DEMO_CUSTOMERS) {
    const place = { city: customer.city, state: customer.state, country: customer.country };
    for (const [kind, names] of Object.entries(SHOPS[customer.country])) {
      const { mcc } = SPENDING[kind as SpendingKind];
      for (const name of names) merchants.set(`${name}, ${customer.city}`, { name, mcc, ...place });
    }
    for (const [name, mcc] of Object.values(BILLERS[customer.country])) {
      merchants.set(`${name}, ${customer.city}`, { name, mcc, ...place });
    }
  }
  return merchants;
}
