import { createBankPool } from '../../src/database';
import { createTestBank, type TestBank } from '../support/bank';

let bank: TestBank;

beforeAll(async () => {
  bank = await createTestBank();
});

afterAll(() => bank.close());

test('sp_create_account draws another number when one is taken, and answers with the account it opened', async () => {
  const users = [await bank.createUser(), await bank.createUser()];
  const pool = createBankPool(bank.urls.owner, { connectionLimit: 1 });
  try {
    const opened: { user_id: string; account_id: string; account_number: string }[] = [];
    for (const { user_id } of users) {
      // The same seeds draw the same number first.
      await pool.query('SET SESSION rand_seed1 = 1, rand_seed2 = 2');
      const [answer] = await pool.query("CALL sp_create_account(?, 'checking', 'USD', 0)", [user_id]);
      opened.push(...((answer as unknown as (typeof opened)[])[0] ?? []));
    }
    expect(opened.map((account) => String(account.user_id))).toEqual(users.map((user) => user.user_id));
    expect(new Set(opened.map((account) => account.account_id)).size).toBe(2);
    expect(new Set(opened.map((account) => account.account_number)).size).toBe(2);
  } finally {
    await pool.end();
  }
});
