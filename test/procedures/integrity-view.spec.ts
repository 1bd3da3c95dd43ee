import type { Connection } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { connectionOptions } from '../../src/database';
import { applyDatabaseObjects, readDatabaseObjects } from '../../src/database/database-objects';
import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

/** Damage that only an administrator who takes the triggers away can do. Each is undone by a rollback. */
describe('vw_ledger_integrity_check', () => {
  let bank: TestBank;
  let root: Connection;
  let account: string;
  let other: string;
  let sent: string;

  beforeAll(async () => {
    bank = await createTestBank();
    const { user_id } = await bank.createUser();
    account = await bank.openAccount(user_id, { balance: 1_000n });
    other = await bank.openAccount(user_id, { balance: 1_000n });
    const outcomes = await postBatch(bank.pool, [
      p.transfer(account, other, 10n),
      p.transfer(account, other, 20n),
      p.transfer(other, account, 5n),
      p.hold(account, 50n),
    ]);
    sent = outcomes[1]?.transaction_id ?? '';
    for (const { name } of (await readDatabaseObjects()).filter((object) => object.type === 'TRIGGER')) {
      await bank.owner.execute(`DROP TRIGGER ${name}`);
    }
    root = await createConnection(connectionOptions(bank.urls.admin));
  });
  afterAll(async () => {
    await root.end();
    await bank.close();
  });
  beforeEach(() => root.query('START TRANSACTION'));
  afterEach(async () => {
    await root.query('ROLLBACK');
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
  });

  const damage = async (sql: string, ...parameters: string[]) => {
    await root.query(sql, parameters);
    const [found] = await root.query('SELECT * FROM vw_ledger_integrity_check ORDER BY problem, account_id');
    return found as unknown as {
      problem: string;
      account_id: string | null;
      transaction_id: string | null;
      net_sum: string;
    }[];
  };

  it('an entry that was changed: the transaction, the account and the running balance', async () => {
    const found = await damage(
      'UPDATE ledger_entries SET amount_minor = 21 WHERE transaction_id = ? AND account_id = ?',
      sent,
      other,
    );
    expect(found).toMatchObject([
      { problem: 'balance_differs_from_entries', account_id: other, net_sum: '-1' },
      { problem: 'running_balance_gap', account_id: other, transaction_id: sent, net_sum: '-1' },
      { problem: 'unbalanced_transaction', transaction_id: sent, net_sum: '1' },
    ]);
    expect(found).toHaveLength(3);
  });

  it('a balance that was raised without an entry', async () => {
    const found = await damage(
      'UPDATE accounts SET balance_minor = balance_minor + 500 WHERE account_id = ?',
      account,
    );
    expect(found).toMatchObject([
      { problem: 'balance_differs_from_entries', account_id: account, net_sum: '500' },
    ]);
    expect(found).toHaveLength(1);
  });

  it('an entry that was deleted', async () => {
    const found = await damage(
      'DELETE FROM ledger_entries WHERE transaction_id = ? AND account_id = ?',
      sent,
      account,
    );
    expect(found.map((row) => row.problem)).toEqual([
      'balance_differs_from_entries',
      'running_balance_gap',
      'too_few_entries',
    ]);
  });

  it('the last entry of an account, deleted with the balance put right', async () => {
    await root.query('UPDATE accounts SET balance_minor = balance_minor - 5 WHERE account_id = ?', [account]);
    const found = await damage(
      'DELETE FROM ledger_entries WHERE account_id = ? ORDER BY account_seq DESC LIMIT 1',
      account,
    );
    expect(found).toMatchObject([
      { problem: 'balance_differs_from_entries', account_id: account, net_sum: '0' },
      { problem: 'too_few_entries' },
    ]);
  });

  it('a transaction whose entries are all gone', async () => {
    const found = await damage('DELETE FROM ledger_entries WHERE transaction_id = ?', sent);
    expect(found).toContainEqual(
      expect.objectContaining({ problem: 'too_few_entries', transaction_id: sent, net_sum: '0' }),
    );
  });

  it('entries whose transaction is gone', async () => {
    const found = await damage('DELETE FROM transactions WHERE transaction_id = ?', sent);
    expect(found).toMatchObject([{ problem: 'orphan_entry', transaction_id: sent, net_sum: '0' }]);
  });

  it('a gap in the numbers of an account`s entries', async () => {
    const found = await damage(
      'UPDATE ledger_entries SET account_seq = account_seq + 7 WHERE account_id = ? ORDER BY account_seq DESC LIMIT 1',
      account,
    );
    expect(found.map((row) => [row.problem, row.account_id])).toEqual([
      ['balance_differs_from_entries', account],
      ['running_balance_gap', account],
    ]);
  });

  it('a running balance that was changed', async () => {
    const found = await damage(
      'UPDATE ledger_entries SET balance_after_minor = 0 WHERE transaction_id = ? AND account_id = ?',
      sent,
      account,
    );
    expect(found.map((row) => row.problem)).toEqual(['running_balance_gap', 'running_balance_gap']);
  });

  it('money taken below what is available', async () => {
    const found = await damage('UPDATE accounts SET held_minor = 5000 WHERE account_id = ?', account);
    expect(found.map((row) => [row.problem, row.account_id])).toEqual([
      ['available_below_zero', account],
      ['held_differs_from_holds', account],
    ]);
  });

  it('a hold that was ended behind the account`s back', async () => {
    const found = await damage("UPDATE holds SET status = 'voided'");
    expect(found).toMatchObject([{ problem: 'held_differs_from_holds', account_id: account, net_sum: '50' }]);
  });

  it('entries in another currency than their transaction`s', async () => {
    const found = await damage("UPDATE transactions SET currency = 'EUR' WHERE transaction_id = ?", sent);
    expect(found).toMatchObject([{ problem: 'currency_mismatch', transaction_id: sent }]);
  });

  it('an entry on an account that does not exist', async () => {
    const found = await damage(
      'UPDATE ledger_entries SET account_id = 999999 WHERE transaction_id = ? AND leg = 0',
      sent,
    );
    expect(found.map((row) => row.problem)).toContain('currency_mismatch');
  });

  it('the triggers come back with the next migration', async () => {
    const applied = await applyDatabaseObjects(bank.owner, await readDatabaseObjects());
    expect(applied).toContain('trg_ledger_entries_no_update');
  });
});
