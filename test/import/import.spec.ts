import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashCardNumber } from '../../src/import/customer-rows';
import type { ImportSummary } from '../../src/import/import-data-set';
import { summaryLines } from '../../src/import/summary';
import { createTestBank, type TestBank } from '../support/bank';
import { integrityProblems, ledgerSize } from '../support/postings';
import { clientEntries, createWorkspace, FIXTURE, runImport, wholeDatabase, type Workspace } from './support';

let bank: TestBank;
let workspace: Workspace;
let first: ImportSummary;
const printed: string[] = [];

beforeAll(async () => {
  bank = await createTestBank();
  workspace = await createWorkspace();
  first = await runImport(bank, workspace, {}, printed);
});

afterAll(async () => {
  await bank.close();
  await workspace.remove();
});

const one = async <T extends object>(
  sql: string,
  parameters: (string | Buffer)[] = [],
): Promise<T | undefined> => (await bank.owner.query<T>(sql, parameters))[0];

test('users become customers with profiles and an account each', async () => {
  expect(first.customers).toEqual({ users: 5, accounts: 5, cards: 8, usersThere: 0, cardsThere: 0 });
  expect(
    await one(
      `SELECT u.username, u.role, u.kyc_status, u.date_of_birth, p.address, p.yearly_income_minor, c.password_hash, a.account_type,
         a.currency, a.overdraft_limit_minor
       FROM users u JOIN customer_profiles p ON p.user_id = u.user_id JOIN user_credentials c ON c.user_id = u.user_id
       JOIN accounts a ON a.user_id = u.user_id WHERE p.external_client_id = '102'`,
    ),
  ).toEqual({
    username: 'client-102',
    role: 'customer',
    kyc_status: 'verified',
    date_of_birth: '1979-03-01',
    address: '22 Comma Street, Flat 3',
    yearly_income_minor: '4800000',
    password_hash: '!',
    account_type: 'checking',
    currency: 'USD',
    // The credit card's limit; the prepaid card adds nothing.
    overdraft_limit_minor: '500000',
  });
  const audited = await bank.owner.query(
    "SELECT 1 FROM system_audit_logs WHERE request_id = 'import fin-txn'",
  );
  expect(audited).toHaveLength(10);
});

test('purchases, refunds and declines land where they belong', async () => {
  expect(first.counts).toMatchObject({ payments: 52, refunds: 6, transactionsThere: 0, salaries: 25 });
  expect(Object.fromEntries(first.counts.declined)).toEqual({
    'Insufficient Balance': 1,
    'Bad PIN,Insufficient Balance': 1,
    'Technical Glitch': 1,
  });
  const types = await bank.owner.query<{ type: string; count: string }>(
    'SELECT type, COUNT(*) AS count FROM transactions GROUP BY type ORDER BY type',
  );
  expect(types.map(({ type, count }) => [type, Number(count)])).toEqual([
    ['deposit', 26],
    ['payment', 52],
    ['refund', 6],
  ]);
  const declines = await bank.owner.query(
    'SELECT type, code, reason, amount_minor, effective_at FROM declined_transactions ORDER BY effective_at',
  );
  expect(declines).toEqual([
    {
      type: 'payment',
      code: 'EXTERNALLY_DECLINED',
      reason: 'Insufficient Balance',
      amount_minor: '7510',
      effective_at: '2010-01-18 12:14:00.000000',
    },
    {
      type: 'payment',
      code: 'EXTERNALLY_DECLINED',
      reason: 'Bad PIN,Insufficient Balance',
      amount_minor: '1299',
      effective_at: '2010-02-07 22:11:00.000000',
    },
    {
      type: 'refund',
      code: 'EXTERNALLY_DECLINED',
      reason: 'Technical Glitch',
      amount_minor: '5000',
      effective_at: '2010-02-20 06:45:00.000000',
    },
  ]);
});

test('a transaction keeps its own time, merchant, card and channel', async () => {
  expect(
    await one(
      `SELECT t.effective_at, t.amount_minor, t.channel, t.description, c.external_card_id, m.name, m.mcc, m.city, m.state, m.country,
         t.initiated_by - c.user_id AS payer_differs
       FROM transactions t JOIN cards c ON c.card_id = t.card_id JOIN merchants m ON m.merchant_id = t.merchant_id
       WHERE t.amount_minor = 610000`,
    ),
  ).toEqual({
    effective_at: '2010-02-03 19:08:00.000000',
    amount_minor: '610000',
    channel: 'card_present',
    description: 'Merchant 67570, Riverton, IA',
    external_card_id: '6',
    name: 'Merchant 67570',
    mcc: '5311',
    city: 'Riverton',
    state: 'IA',
    country: 'US',
    payer_differs: '0',
  });
  const channels = await bank.owner.query(
    "SELECT DISTINCT channel FROM transactions WHERE type = 'payment' ORDER BY channel",
  );
  expect(channels).toEqual([{ channel: 'card_present' }, { channel: 'chip' }, { channel: 'online' }]);
});

test('salary, credit limit and opening balance pay for what the data calls good', async () => {
  expect(first.funding).toMatchObject({ clients: 4, fromBalance: 2, fromOverdraft: 1 });
  expect(first.openings).toEqual({ count: 1, totalMinor: 31_017n });
  const pensioner = (await clientEntries(bank.owner)).filter(
    (entry) => (entry as { external_client_id: string }).external_client_id === '103',
  );
  expect(pensioner.slice(0, 4)).toMatchObject([
    { description: 'Opening balance', amount_minor: '31017', effective_at: '2009-12-25 08:00:00.000000' },
    { description: 'Salary 2009-12', amount_minor: '8', effective_at: '2009-12-25 09:00:00.000000' },
    { type: 'payment', amount_minor: '-31025', balance_after_minor: '0' },
    { description: 'Salary 2010-01', amount_minor: '8', effective_at: '2010-01-25 09:00:00.000000' },
  ]);
  const deepest = await one<{ deepest: string }>(
    `SELECT MIN(e.balance_after_minor) AS deepest FROM ledger_entries e JOIN accounts a ON a.account_id = e.account_id
     JOIN customer_profiles p ON p.user_id = a.user_id WHERE p.external_client_id = '104'`,
  );
  expect(Number(deepest?.deepest)).toBeLessThan(0);
});

test('the books balance', async () => {
  expect(await integrityProblems(bank.owner)).toEqual([]);
});

test('labels are kept for transactions in the bank', async () => {
  expect(first.labels).toEqual({ added: 3, there: 0, declined: 1, unknown: 2 });
  const labels = await bank.owner.query(
    `SELECT l.is_fraud, l.source, t.amount_minor FROM fraud_labels l JOIN transactions t ON t.transaction_id = l.transaction_id
     ORDER BY t.effective_at`,
  );
  expect(labels).toEqual([
    { is_fraud: 0, source: 'fin-txn', amount_minor: '8881' },
    { is_fraud: 1, source: 'fin-txn', amount_minor: '5452' },
    { is_fraud: 0, source: 'fin-txn', amount_minor: '5426' },
  ]);
});

test('what could not be loaded is named with file, line and reason', async () => {
  const named = first.problems.shown.map(({ file, line, reason }) => `${file}:${line} ${reason}`);
  expect(named.sort()).toEqual(
    [
      'cards_data.csv:10 client_id 999 is not a client that could be loaded',
      'cards_data.csv:11 card_number is not a card number',
      'cards_data.csv:12 expires is not a month such as 09/2002',
      'transactions_broken.csv:2 amount "$12.3.4" is not an amount',
      'transactions_broken.csv:3 date "2010-02-30 10:00:00" is not a time such as 2010-01-01 00:01:00',
      'transactions_broken.csv:4 client_id 777 is not a client of the data set',
      'transactions_broken.csv:5 card_id 777 is not a card of the data set',
      'transactions_broken.csv:6 card_id 4 belongs to client 102, not 101',
      'transactions_broken.csv:7 the line has 8 columns, not 12',
      'transactions_broken.csv:8 a quotation mark is not closed or stands where none may',
      'transactions_broken.csv:9 amount is zero: no money moves',
      'transactions_broken.csv:10 date "2190-05-01 10:08:00" lies in the future',
      'transactions_broken.csv:11 use_chip "Telepathy" is not Swipe, Chip or Online Transaction',
      'users_data.csv:7 birth_month "13" is not a number from 1 to 12',
      'users_data.csv:8 the line has 7 columns, not 14',
    ].sort(),
  );
  const list = (await readFile(first.problems.path, 'utf8')).trim().split('\n');
  expect(list).toHaveLength(1 + first.problems.count);
  expect(list).toContain('transactions_broken.csv,6,"card_id 4 belongs to client 102, not 101"');
});

test('card numbers and security codes stand in no table, no message and no list', async () => {
  const lines = (await readFile(join(FIXTURE, 'cards_data.csv'), 'utf8')).trim().split('\n').slice(1);
  const numbers = lines.flatMap((line) => line.match(/\d{12,}/g) ?? []);
  expect(numbers.length).toBeGreaterThan(10);
  const told = [...printed, ...summaryLines(first), await readFile(first.problems.path, 'utf8')].join('\n');
  const text = `${await wholeDatabase(bank.owner)}\n${told}`;
  expect(numbers.filter((number) => text.includes(number))).toEqual([]);
  const columns = await bank.owner.query(
    "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name LIKE '%cvv%'",
  );
  expect(columns).toEqual([]);

  const hash = hashCardNumber('4000000000010017', String(bank.environment.CARD_HASH_KEY));
  expect(
    await one('SELECT external_card_id, pan_first_six, pan_last_four FROM cards WHERE pan_hash = ?', [hash]),
  ).toEqual({
    external_card_id: '1',
    pan_first_six: '400000',
    pan_last_four: '0017',
  });
});

test('a second run posts nothing and says how much was there', async () => {
  const before = await ledgerSize(bank.owner);
  const second = await runImport(bank, workspace);
  expect(await ledgerSize(bank.owner)).toEqual(before);
  expect(second.customers).toEqual({ users: 0, accounts: 0, cards: 0, usersThere: 5, cardsThere: 8 });
  expect(second.counts).toMatchObject({
    payments: 0,
    refunds: 0,
    salaries: 0,
    transactionsThere: 61,
    salariesThere: 25,
  });
  expect(second.openings.count).toBe(0);
  expect(second.labels).toEqual({ added: 0, there: 3, declined: 1, unknown: 2 });
});

test('later transactions go on top, and one that was changed is named', async () => {
  const directory = await workspace.dataSet('users_data.csv', 'cards_data.csv');
  const [header] = (await readFile(join(FIXTURE, 'transactions_data.csv'), 'utf8')).split('\n');
  const rows = [
    '7000001,2010-01-03 01:44:00,101,2,$99.99,Chip Transaction,59935,Springfield,ND,58523.0,5499,',
    '7200001,2010-06-30 12:00:00,103,5,$500.00,Chip Transaction,59935,Springfield,ND,58523.0,5499,',
    '7200002,2010-06-30 12:00:00,103,5,$1.00,Chip Transaction,59935,Springfield,ND,58523.0,5499,',
    '7200002,2010-06-30 12:00:00,103,5,$2.00,Chip Transaction,59935,Springfield,ND,58523.0,5499,',
  ];
  await writeFile(join(directory, 'transactions_2.csv'), `${[header, ...rows].join('\n')}\n`);
  const third = await runImport(bank, workspace, { directory });
  expect(third.counts).toMatchObject({ payments: 2, transactionsThere: 0 });
  expect(third.openings.count).toBe(1);
  expect(
    third.problems.shown
      .filter(({ file }) => file.startsWith('transactions'))
      .map(({ line, reason }) => [line, reason]),
  ).toEqual([
    [2, 'id 7000001 was loaded before with other contents; what was loaded stays'],
    [5, 'id 7200002 was loaded before with other contents; what was loaded stays'],
  ]);
  expect(await integrityProblems(bank.owner)).toEqual([]);
});
