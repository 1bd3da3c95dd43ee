import { loadEnvironment } from '../../src/config/environment';
import { createBankPool } from '../../src/database';
import { createTestBank, type TestBank } from './bank';
import { serverUrl } from './environment';

describe('the test bank', () => {
  let bank: TestBank;
  let isClosed = false;

  beforeAll(async () => {
    bank = await createTestBank();
  });
  afterAll(async () => {
    if (!isClosed) await bank.close();
  });

  it('opens funded accounts', async () => {
    const { user_id } = await bank.createUser();
    const account = await bank.openAccount(user_id, { balance: 12_550n });
    const rows = await bank.owner.query('SELECT balance_minor, user_id FROM accounts WHERE account_id = ?', [
      account,
    ]);
    expect(rows).toEqual([{ balance_minor: '12550', user_id }]);
  });

  it('has an environment that the bank accepts', () => {
    expect(loadEnvironment(bank.environment)).toMatchObject({
      NODE_ENV: 'test',
      DATABASE_URL: bank.urls.api,
    });
  });

  it('leaves neither database nor users behind', async () => {
    await bank.close();
    isClosed = true;
    const admin = createBankPool(serverUrl('TEST_DATABASE_URL'));
    const [databases] = await admin.query('SHOW DATABASES LIKE ?', [bank.database]);
    const [users] = await admin.query('SELECT User FROM mysql.user WHERE User LIKE ?', [
      `t_${bank.database.slice('florin_t_'.length)}%`,
    ]);
    await admin.end();
    expect(databases).toEqual([]);
    expect(users).toEqual([]);
  });
});
