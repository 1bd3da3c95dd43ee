import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rowsOf } from '../../bench/fraud/csv';
import { HandbookFeatures } from '../../bench/fraud/handbook-features';
import { evaluateFolder, main } from '../../bench/fraud/main';
import { markdownOf, verdictsOf } from '../../bench/fraud/report';
import { MODEL_FEATURES } from '../../worker/features/features';
import { normal, seededRandom } from '../../worker/models/random';

const folder = mkdtempSync(join(tmpdir(), 'florin-fraud-'));
const random = seededRandom(3);
afterAll(() => rmSync(folder, { recursive: true }));

function writeSet(name: string, content: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(content) : content);
  return file;
}

/** 1,200 rows around the origin, 40 far from it. */
function anomalySet(): string {
  const rows = Array.from({ length: 1_240 }, (_, at) => {
    const isOdd = at % 31 === 0;
    const numbers = [0, 1, 2].map(() => (normal(random) * (isOdd ? 4 : 1) + (isOdd ? 4 : 0)).toFixed(4));
    return [...numbers, Number(isOdd)].join(',');
  });
  return ['f0,f1,f2,y', ...rows].join('\n');
}

/** 32 days of 60 payments at 20 terminals; terminal 7 is compromised from the third day on. */
function payments(): string {
  const lines = [
    'TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD',
  ];
  for (let day = 0; day < 32; day += 1) {
    for (let at = 0; at < 60; at += 1) {
      const time = new Date(Date.UTC(2018, 0, 1 + day, 0, at * 24))
        .toISOString()
        .slice(0, 19)
        .replace('T', ' ');
      const terminal = Math.floor(random() * 20);
      const fraud = Number(terminal === 7 && day >= 2);
      lines.push(
        [lines.length, time, at % 15, terminal, (20 + 10 * random()).toFixed(2), 0, day, fraud].join(','),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

describe('the evaluation on public sets', () => {
  it('finds sets of both kinds, plain and compressed, and says what it passed over', async () => {
    writeSet('sets/12_cloud.csv', anomalySet());
    writeSet('sets/payments/month.csv.gz', payments());
    writeSet('sets/other.csv', 'a,b\n1,2\n');
    writeSet('sets/broken.csv', 'f0,f1,y\n1,2,0\n1,2\n');
    const said: string[] = [];
    const evaluation = await evaluateFolder(join(folder, 'sets'), (line) => said.push(line));

    const cloud = evaluation.figures.find(({ set, method }) => set === 'cloud' && method === 'florin');
    expect(cloud?.auc_roc).toBeGreaterThan(0.95);
    expect(cloud?.at_50?.recall).toBeGreaterThan(cloud?.at_50?.false_rate ?? 1);
    expect(cloud?.precision_in_daily_100).toBeNull();
    expect(cloud?.seed_stability).toBeGreaterThan(0.3);
    expect(evaluation.explained.cloud).toBeGreaterThan(0.9);
    expect(evaluation.figures.filter(({ method }) => method.startsWith('ml-isolation-forest'))).toHaveLength(
      2,
    );

    const handbook = evaluation.figures.filter(({ set }) => set === 'handbook');
    const behaviour = handbook.find(({ method }) => method.includes('behaviour'));
    const withFrauds = handbook.find(({ method }) => method.includes("counterparty's"));
    expect(handbook).toHaveLength(6);
    expect(withFrauds?.auc_roc).toBeGreaterThan(0.9);
    expect(withFrauds?.auc_roc).toBeGreaterThan((behaviour?.auc_roc ?? 1) + 0.2);
    expect(withFrauds?.precision_in_daily_100).toBeGreaterThan(0);

    expect(said.join('\n')).toMatch(/Passed over: .*broken\.csv:3 has 2 fields, not 3/);
    expect(said.join('\n')).not.toMatch(/other\.csv/);
    const markdown = markdownOf(evaluation, '2026-01-01');
    expect(markdown).toMatch(/\| cloud +\| florin +\|/);
    expect(verdictsOf(evaluation).map(({ target }) => target.split(':')[0])).toEqual([
      'handbook',
      'handbook',
      'cloud',
    ]);
  });

  it('refuses a call without a folder, with one that is not there, and with unknown words', async () => {
    const said: string[] = [];
    const run = (...words: string[]): Promise<number> => main(words, (line) => said.push(line));
    expect(await run()).toBe(2);
    expect(await run(join(folder, 'nowhere'))).toBe(2);
    expect(await run(folder, '--unknown')).toBe(2);
    mkdirSync(join(folder, 'empty'));
    expect(await run(join(folder, 'empty'))).toBe(1);
    expect(said.every((line) => line.includes('Usage: npm run bench:fraud'))).toBe(true);
  });
});

describe('a CSV file', () => {
  it('is read by rows, compressed or not, and its first bad line is named', async () => {
    const read = async (file: string): Promise<string[][]> => {
      const rows: string[][] = [];
      for await (const row of rowsOf(file)) rows.push(row);
      return rows;
    };
    expect(await read(writeSet('a.csv', 'x,y\r\n1,2\r\n\r\n3,4'))).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(await read(writeSet('a.csv.gz', 'x,y\n1,2\n'))).toEqual([['1', '2']]);
    await expect(read(writeSet('bad.csv', 'x,y\n1,2\n1,2,3\n'))).rejects.toThrow(
      'bad.csv:3 has 3 fields, not 2',
    );
    await expect(read(writeSet('no.csv.gz', '').replace('.gz', '.none'))).rejects.toThrow('ENOENT');
  });
});

describe('features of the handbook', () => {
  const rate = MODEL_FEATURES.indexOf('counterparty_fraud_rate');
  const hour = MODEL_FEATURES.indexOf('sender_transactions_1h');
  const DAY_US = 86_400_000_000;
  const payment = (day: number, is_fraud: boolean, terminal = '4') => ({
    at_us: Date.UTC(2018, 0, 1) * 1000 + day * DAY_US,
    customer: '1',
    terminal,
    amount_minor: 2_000,
    is_fraud,
  });

  it('know a fraud a week after it happened, not before', () => {
    const features = new HandbookFeatures();
    for (let day = 0; day < 5; day += 1) features.next(payment(day, true));
    expect(features.next(payment(6.9, false))[rate]).toBeNaN();
    const known = features.next(payment(8, false))[rate];
    expect(known).toBeGreaterThan(features.next(payment(8, false, '5'))[rate] ?? 1);
    expect(features.next(payment(12, false))[rate]).toBeGreaterThan(known ?? 1);
  });

  it('do not count the payment itself', () => {
    const features = new HandbookFeatures();
    expect(features.next(payment(0, false))[hour]).toBe(0);
    expect(features.next(payment(0.01, false))[hour]).toBeCloseTo(Math.LN2, 6);
  });
});
