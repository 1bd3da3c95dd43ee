import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestBank, type TestBank } from '../support/bank';
import { createWorkspace, runImport, type Workspace } from './support';

let bank: TestBank;
let workspace: Workspace;

beforeAll(async () => {
  bank = await createTestBank();
  workspace = await createWorkspace();
});

afterAll(async () => {
  await bank.close();
  await workspace.remove();
});

test('without users, a directory or a card key nothing is loaded, and a sentence says why', async () => {
  const noUsers = await workspace.dataSet('cards_data.csv', 'transactions_data.csv');
  await expect(runImport(bank, workspace, { directory: noUsers })).rejects.toThrow(
    /users_data\.csv is missing/,
  );
  const nowhere = join(workspace.path, 'nowhere');
  await expect(runImport(bank, workspace, { directory: nowhere })).rejects.toThrow(
    `${nowhere} is not a directory`,
  );
  await expect(runImport(bank, workspace, { cardHashKey: null })).rejects.toThrow(
    /^CARD_HASH_KEY: is required/,
  );
  const otherFile = await workspace.dataSet();
  await writeFile(join(otherFile, 'users_data.csv'), 'id,name\n1,Ada\n');
  await expect(runImport(bank, workspace, { directory: otherFile })).rejects.toThrow(
    /names no column retirement_age/,
  );
  expect(await bank.owner.query('SELECT 1 FROM users')).toEqual([]);
});

test('users alone become customers; cards that come later raise the credit; transactions follow', async () => {
  const lines: string[] = [];
  const usersOnly = await workspace.dataSet('users_data.csv');
  const first = await runImport(bank, workspace, { directory: usersOnly }, lines);
  expect(first.customers).toMatchObject({ users: 5, cards: 0 });
  expect(lines.join('')).toMatch(/transactions_data\.csv \(or transactions_\*\.csv\) is missing/);

  const withCards = await workspace.dataSet('users_data.csv', 'cards_data.csv');
  expect((await runImport(bank, workspace, { directory: withCards })).customers).toMatchObject({
    users: 0,
    cards: 8,
  });
  const limits = await bank.owner.query(
    `SELECT p.external_client_id AS client, a.overdraft_limit_minor AS overdraft
     FROM accounts a JOIN customer_profiles p ON p.user_id = a.user_id ORDER BY client`,
  );
  expect(limits).toEqual([
    { client: '101', overdraft: '1240000' },
    { client: '102', overdraft: '500000' },
    { client: '103', overdraft: '0' },
    { client: '104', overdraft: '800000' },
    { client: '105', overdraft: '0' },
  ]);

  const withTransactions = await workspace.dataSet('users_data.csv', 'transactions_data.csv');
  const third = await runImport(bank, workspace, { directory: withTransactions });
  expect(third.counts).toMatchObject({ payments: 51, refunds: 6 });
});

test('transactions of a data set without cards are posted without them', async () => {
  const other = await createTestBank();
  try {
    const directory = await workspace.dataSet('users_data.csv', 'transactions_data.csv');
    const summary = await runImport(other, workspace, { directory });
    expect(summary.counts).toMatchObject({ payments: 51, refunds: 6 });
    // No credit limits either: who would have lived on them gets an opening balance.
    expect(summary.funding).toMatchObject({ fromOverdraft: 0 });
    expect(summary.openings.count).toBe(2);
  } finally {
    await other.close();
  }
});

test('closed books refuse the import before anything is remembered', async () => {
  const other = await createTestBank();
  try {
    await other.owner.execute(
      "UPDATE bank_settings SET setting_value = '2010-02-01 00:00:00.000000' WHERE setting_key = 'books_closed_until'",
    );
    await expect(runImport(other, workspace)).rejects.toThrow(
      'The books are closed until 2010-02-01T00:00:00.000Z',
    );
    expect(await other.owner.query('SELECT 1 FROM idempotency_keys')).toEqual([]);
  } finally {
    await other.close();
  }
});
