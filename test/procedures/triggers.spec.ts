import { createBankPool } from '../../src/database';
import type { Pool } from 'mysql2/promise';
import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

describe('triggers', () => {
  let bank: TestBank;
  let root: Pool;
  let user: string;
  let account: string;

  beforeAll(async () => {
    bank = await createTestBank();
    root = createBankPool(bank.urls.admin, { connectionLimit: 1 });
    user = (await bank.createUser()).user_id;
    account = await bank.openAccount(user, { balance: 1_000n });
    const other = await bank.openAccount(user, { balance: 1_000n });
    const [sent, held] = await postBatch(bank.pool, [
      p.transfer(account, other, 1n),
      p.hold(account, 1n),
      p.withdrawal(account, 10n ** 9n),
    ]);
    await postBatch(bank.pool, [p.reversal(sent?.transaction_id ?? ''), p.voidHold(held?.hold_id ?? '')]);
  });
  afterAll(async () => {
    await root.end();
    await bank.close();
  });

  describe('append-only, even for the administrator', () => {
    it.each([
      ['transactions', 'description'],
      ['ledger_entries', 'amount_minor'],
      ['hold_events', 'amount_minor'],
      ['reversals', 'created_at'],
      ['declined_transactions', 'code'],
      ['system_audit_logs', 'action'],
    ])('%s', async (table, column) => {
      const [[before]] = (await root.query(`SELECT COUNT(*) AS n FROM ${table}`)) as unknown as [
        { n: string }[],
      ];
      expect(Number(before?.n)).toBeGreaterThan(0);
      await expect(root.query(`UPDATE ${table} SET ${column} = ${column}`)).rejects.toThrow('append-only');
      await expect(root.query(`DELETE FROM ${table}`)).rejects.toThrow('append-only');
      await expect(root.query(`DELETE FROM ${table} LIMIT 1`)).rejects.toThrow('append-only');
      const [[after]] = (await root.query(`SELECT COUNT(*) AS n FROM ${table}`)) as unknown as [
        { n: string }[],
      ];
      expect(after).toEqual(before);
    });

    it('idempotency keys are neither changed nor deleted, accounts not deleted', async () => {
      await expect(root.query("UPDATE idempotency_keys SET code = 'OK'")).rejects.toThrow('append-only');
      await expect(root.query('DELETE FROM idempotency_keys')).rejects.toThrow('append-only');
      await expect(root.query('DELETE FROM accounts WHERE account_id = ?', [account])).rejects.toThrow(
        'not deleted',
      );
    });
  });

  describe('no negative balance under a raw UPDATE', () => {
    it('is refused on a customer`s account', async () => {
      const change = (sql: string) =>
        root.query(`UPDATE accounts SET ${sql} WHERE account_id = ?`, [account]);
      await expect(change('balance_minor = -1')).rejects.toThrow('INSUFFICIENT_FUNDS');
      await expect(change('held_minor = balance_minor + 1')).rejects.toThrow('INSUFFICIENT_FUNDS');
      await expect(change('balance_minor = balance_minor - 100000')).rejects.toThrow('INSUFFICIENT_FUNDS');
      await expect(change('held_minor = -1')).rejects.toThrow();
      expect(await p.fundsOf(bank.owner, account)).toMatchObject({ balance: 1_000n, held: 0n });
    });

    it('counts the overdraft, and does not take one away that is in use', async () => {
      const drawn = await bank.openAccount(user, { overdraft: 100n });
      await p.postOne(bank.pool, p.withdrawal(drawn, 60n));
      await expect(
        root.query('UPDATE accounts SET overdraft_limit_minor = 59 WHERE account_id = ?', [drawn]),
      ).rejects.toThrow('INSUFFICIENT_FUNDS');
      await root.query('UPDATE accounts SET overdraft_limit_minor = 60 WHERE account_id = ?', [drawn]);
    });

    it('lets the bank`s own accounts go to either side', async () => {
      const suspense = await p.systemAccount(bank.owner, 'suspense');
      expect(
        await p.codesOf(
          bank.pool,
          p.journal([
            [suspense, -5n],
            [account, 5n],
          ]),
        ),
      ).toEqual(['OK']);
    });
  });

  describe('high value', () => {
    it.each([
      ['USD', 1_000_000n],
      ['JPY', 10_000n],
      ['KWD', 10_000_000n],
    ])('in %s is what is over 10,000, not 10,000 itself', async (currency, threshold) => {
      const target = await bank.openAccount(user, { currency });
      const outcomes = await postBatch(bank.pool, [
        p.deposit(target, threshold, { currency }),
        p.deposit(target, threshold + 1n, { currency }),
      ]);
      const rows = await bank.owner.query(
        'SELECT is_high_value FROM transactions WHERE transaction_id IN (?, ?) ORDER BY transaction_id',
        [outcomes[0]?.transaction_id, outcomes[1]?.transaction_id],
      );
      expect(rows).toEqual([{ is_high_value: 0 }, { is_high_value: 1 }]);
    });

    it('follows the setting of the currency', async () => {
      await bank.owner.execute("UPDATE currencies SET high_value_minor = 50 WHERE currency = 'GBP'");
      const target = await bank.openAccount(user, { currency: 'GBP' });
      const { transaction_id } = await p.postOne(bank.pool, p.deposit(target, 51n, { currency: 'GBP' }));
      expect(
        await bank.owner.query('SELECT is_high_value FROM transactions WHERE transaction_id = ?', [
          transaction_id,
        ]),
      ).toEqual([{ is_high_value: 1 }]);
    });
  });

  describe('audit rows', () => {
    const json = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);
    const newest = async (table: string) => {
      const [row] = await bank.owner.query(
        'SELECT * FROM system_audit_logs WHERE table_name = ? ORDER BY audit_id DESC LIMIT 1',
        [table],
      );
      return row && { ...row, old_values: json(row.old_values), new_values: json(row.new_values) };
    };
    const count = async () => (await bank.owner.query('SELECT COUNT(*) AS n FROM system_audit_logs'))[0]?.n;
    const ownerName = () => `${new URL(bank.urls.owner).username}@`;

    it('of a user: what was, what is, who, from where', async () => {
      const actor = { user_id: user, ip_address: '2001:db8::7', request_id: 'req-42' };
      const { user_id } = await bank.createUser({ full_name: 'Grace Höpper', date_of_birth: '1906-12-09' });
      expect(await newest('users')).toMatchObject({
        record_id: user_id,
        action: 'INSERT',
        old_values: null,
        new_values: { full_name: 'Grace Höpper', role: 'customer', date_of_birth: '1906-12-09' },
        actor_user_id: null,
        actor_db_user: expect.stringContaining(ownerName()),
      });
      await bank.owner.transaction(actor, (queries) =>
        queries.execute(
          "UPDATE users SET full_name = 'Grace 🚢', phone_number = '+1 555' WHERE user_id = ?",
          [user_id],
        ),
      );
      expect(await newest('users')).toMatchObject({
        record_id: user_id,
        action: 'UPDATE',
        old_values: { full_name: 'Grace Höpper', phone_number: null },
        new_values: { full_name: 'Grace 🚢', phone_number: '+1 555' },
        actor_user_id: user,
        ip_address: '2001:db8::7',
        request_id: 'req-42',
      });
      await bank.owner.execute('DELETE FROM user_credentials WHERE user_id = ?', [user_id]);
      await bank.owner.execute('DELETE FROM users WHERE user_id = ?', [user_id]);
      expect(await newest('users')).toMatchObject({
        record_id: user_id,
        action: 'DELETE',
        old_values: { full_name: 'Grace 🚢' },
        new_values: null,
        actor_user_id: null,
        ip_address: null,
        request_id: null,
      });
    });

    it('name the database user who really came, not the definer', async () => {
      const connection = await bank.pool.getConnection();
      await connection.query('CALL sp_open_account(?, ?, ?)', [user, 'wallet', 'EUR']);
      connection.release();
      const api = new URL(bank.urls.api).username;
      expect(await newest('accounts')).toMatchObject({
        action: 'INSERT',
        actor_db_user: expect.stringContaining(`${api}@`),
        new_values: { account_type: 'wallet', currency: 'EUR', status: 'active' },
      });
    });

    it('of an account: its status, its overdraft, a raw change of its balance', async () => {
      const target = await bank.openAccount(user, { balance: 50n });
      await bank.owner.call('sp_set_account_status', [target, 'frozen']);
      expect(await newest('accounts')).toMatchObject({
        record_id: target,
        action: 'UPDATE',
        old_values: { status: 'active', balance_minor: 50 },
        new_values: { status: 'frozen', balance_minor: 50 },
      });
      for (const change of [
        'overdraft_limit_minor = 9',
        'balance_minor = 51',
        'balance_minor = 52, version = version + 1, last_account_seq = 9, user_id = NULL',
      ]) {
        const before = await count();
        await root.query(`UPDATE accounts SET ${change} WHERE account_id = ?`, [target]);
        expect([change, Number(await count()) - Number(before)]).toEqual([change, 1]);
      }
    });

    it('are not written for plain postings and holds', async () => {
      const target = await bank.openAccount(user, { balance: 50n });
      const before = await count();
      const [, held] = await postBatch(bank.pool, [
        p.withdrawal(target, 1n),
        p.hold(target, 5n),
        p.deposit(target, 2n),
      ]);
      await postBatch(bank.pool, [p.capture(held?.hold_id ?? '')]);
      expect(await count()).toBe(before);
    });

    it('hold no secret', async () => {
      await bank.owner.execute(
        "UPDATE user_credentials SET password_hash = 'very-secret' WHERE user_id = ?",
        [user],
      );
      const rows = await bank.owner.query(
        "SELECT 1 AS found FROM system_audit_logs WHERE CONCAT_WS('', CAST(old_values AS CHAR), CAST(new_values AS CHAR)) LIKE '%secret%' OR CAST(new_values AS CHAR) LIKE '%hash%'",
      );
      expect(rows).toEqual([]);
    });
  });
});
