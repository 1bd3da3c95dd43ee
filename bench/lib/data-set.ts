import { createWriteStream, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

const CLIENTS = 2_000;
const MERCHANTS = 5_000;
const FIRST_DAY_MS = Date.UTC(2019, 0, 1);
const DAYS = 180;
const LINES_A_WRITE = 2_000;
const CITIES = [
  'Springfield,ND,58523.0',
  'Riverton,IA,52722.0',
  'Lakeside,TX,75001.0',
  'Greenville,NY,11210.0',
];
const MCC = ['5411', '5812', '5311', '4121', '5499', '5541'];
const CHIPS = ['Swipe Transaction', 'Chip Transaction', 'Online Transaction'];

/** Writes users, a card each, and `rows` transactions in the form of the public "financial transactions" data set. */
export async function writeDataSet(folder: string, rows: number): Promise<void> {
  const clients = Array.from({ length: CLIENTS }, (_, index) => index + 1);
  writeFileSync(
    join(folder, 'users_data.csv'),
    lines(
      'id,current_age,retirement_age,birth_year,birth_month,gender,address,latitude,longitude,per_capita_income,' +
        'yearly_income,total_debt,credit_score,num_credit_cards',
      clients.map(
        (id) => `${id},53,66,1966,11,Female,${id} Sample Lane,34.15,-117.76,$29278,$120000,$1200,787,1`,
      ),
    ),
  );
  writeFileSync(
    join(folder, 'cards_data.csv'),
    lines(
      'id,client_id,card_brand,card_type,card_number,expires,cvv,has_chip,num_cards_issued,credit_limit,acct_open_date,' +
        'year_pin_last_changed,card_on_dark_web',
      clients.map(
        (id) => `${id},${id},Visa,Debit,${cardNumber(id)},12/2024,123,YES,1,$24295,09/2002,2008,No`,
      ),
    ),
  );
  const file = createWriteStream(join(folder, 'transactions_data.csv'));
  file.write(
    'id,date,client_id,card_id,amount,use_chip,merchant_id,merchant_city,merchant_state,zip,mcc,errors\n',
  );
  for (let start = 0; start < rows; start += LINES_A_WRITE) {
    const length = Math.min(LINES_A_WRITE, rows - start);
    const part = Array.from({ length }, (_, index) => transaction(start + index, rows));
    if (!file.write(`${part.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

function lines(head: string, rows: readonly string[]): string {
  return `${head}\n${rows.join('\n')}\n`;
}

/** One in twenty is a refund, one in fifty was declined by the card network; the same numbers in every run. */
function transaction(index: number, rows: number): string {
  const scattered = (index * 7_919 + 104_729) % 1_000_003;
  const client = (scattered % CLIENTS) + 1;
  const at = new Date(FIRST_DAY_MS + Math.floor((index / rows) * DAYS * 86_400) * 1000);
  const date = at.toISOString().slice(0, 19).replace('T', ' ');
  const cents = 100 + (scattered % 9_900);
  const amount = `$${index % 20 === 7 ? '-' : ''}${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
  const merchant = scattered % MERCHANTS;
  const chip = CHIPS[merchant % CHIPS.length] ?? '';
  const place = chip.startsWith('Online') ? 'ONLINE,,' : (CITIES[merchant % CITIES.length] ?? '');
  const error = index % 50 === 13 ? 'Insufficient Balance' : '';
  return `${7_000_000 + index},${date},${client},${client},${amount},${chip},${10_000 + merchant},${place},${MCC[merchant % MCC.length]},${error}`;
}

/** Sixteen digits that look like a card number and are none. */
function cardNumber(id: number): string {
  return `4000${String(id).padStart(12, '0')}`;
}
