import { isAccountNumber } from '../../src/accounts/account-number';
import { signalMessage } from '../../src/database';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

describe('procedures for accounts and users', () => {
  let bank: TestBank;
  let owner: string;

  beforeAll(async () => {
    bank = await createTestBank();
    owner = (await bank.createUser()).user_id;
  });
  afterAll(() => bank.close());

  const call = (procedure: string, ...parameters: (string | number | null)[]) =>
    bank.owner.call(procedure, parameters);
  const auditOf = async (table: string, id: string) =>
    bank.owner.query(
      'SELECT * FROM system_audit_logs WHERE table_name = ? AND record_id = ? ORDER BY audit_id DESC LIMIT 1',
      [table, id],
    );

  describe('sp_create_account', () => {
    it('opens an empty account and returns its row', async () => {
      const [rows] = await call('sp_create_account', owner, 'savings', 'EUR', 500);
      expect(rows).toMatchObject([
        {
          user_id: owner,
          account_type: 'savings',
          currency: 'EUR',
          balance_minor: '0',
          held_minor: '0',
          overdraft_limit_minor: '500',
          available_minor: '500',
          status: 'active',
          account_number: expect.stringMatching(/^XF\d{2}FLRN\d{12}$/),
        },
      ]);
    });

    it('makes the same check digits as the bank`s code', async () => {
      const { user_id } = await bank.createUser();
      for (let index = 0; index < 50; index += 1)
        await call('sp_create_account', user_id, 'wallet', 'USD', null);
      const rows = await bank.owner.query<{ account_number: string }>('SELECT account_number FROM accounts');
      expect(rows.filter((row) => !isAccountNumber(row.account_number))).toEqual([]);
      expect(new Set(rows.map((row) => row.account_number)).size).toBe(rows.length);
    });

    it.each([
      ['USER_NOT_FOUND', '999999', 'checking', 'USD'],
      ['UNKNOWN_ACCOUNT_TYPE', 'owner', 'piggy bank', 'USD'],
      ['UNKNOWN_ACCOUNT_TYPE', 'owner', 'cash', 'USD'],
      ['UNKNOWN_CURRENCY', 'owner', 'checking', 'XXX'],
      ['UNKNOWN_CURRENCY', 'owner', 'checking', 'usd'],
    ])('%s', async (code, user, type, currency) => {
      await expect(
        call('sp_create_account', user === 'owner' ? owner : user, type, currency, 0),
      ).rejects.toThrow(code);
    });

    it('opens nothing for a user who is not active, nor with a negative overdraft', async () => {
      const { user_id } = await bank.createUser({ is_active: false });
      await expect(call('sp_create_account', user_id, 'checking', 'USD', 0)).rejects.toThrow(
        'USER_NOT_FOUND',
      );
      await expect(call('sp_create_account', owner, 'checking', 'USD', -1)).rejects.toThrow();
    });
  });

  describe('sp_open_account', () => {
    const open = async (user: string, type = 'checking', currency = 'USD') => {
      const [answer] = await bank.pool.query('CALL sp_open_account(?, ?, ?)', [user, type, currency]);
      return (answer as unknown as { account_id: string; overdraft_limit_minor: string }[][])[0]?.[0];
    };

    it('opens an account without an overdraft, as the API', async () => {
      expect(await open(owner, 'savings', 'EUR')).toMatchObject({
        user_id: owner,
        account_type: 'savings',
        currency: 'EUR',
        overdraft_limit_minor: '0',
        status: 'active',
      });
      await expect(open('999999')).rejects.toThrow('USER_NOT_FOUND');
      await expect(open(owner, 'cash')).rejects.toThrow('UNKNOWN_ACCOUNT_TYPE');
      await expect(open(owner, 'checking', 'XXX')).rejects.toThrow('UNKNOWN_CURRENCY');
    });

    it('a user has at most 50 open accounts, however many are asked for together', async () => {
      const { user_id } = await bank.createUser();
      for (let index = 0; index < 48; index += 1) await bank.openAccount(user_id);
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => open(user_id)));
      const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(refusals).toHaveLength(4);
      for (const refusal of refusals) expect(signalMessage(refusal)).toBe('TOO_MANY_ACCOUNTS');
      const [accounts = []] = await call('sp_list_accounts', user_id);
      expect(accounts).toHaveLength(50);
      await call('sp_set_account_status', String(accounts[0]?.account_id), 'closed');
      expect(await open(user_id)).toMatchObject({ user_id });
    });
  });

  it('sp_list_accounts: a user`s own, oldest first, closed ones too', async () => {
    const { user_id } = await bank.createUser();
    const ids = [
      await bank.openAccount(user_id, { balance: 7n }),
      await bank.openAccount(user_id, { currency: 'JPY' }),
      await bank.openAccount(user_id, { type: 'wallet' }),
    ];
    await call('sp_set_account_status', ids[1] ?? '', 'closed');
    const [rows] = await call('sp_list_accounts', user_id);
    expect(rows?.map((row) => [row.account_id, row.currency, row.balance_minor, row.status])).toEqual([
      [ids[0], 'USD', '7', 'active'],
      [ids[1], 'JPY', '0', 'closed'],
      [ids[2], 'USD', '0', 'active'],
    ]);
    expect((await call('sp_list_accounts', '999999'))[0]).toEqual([]);
  });

  describe('sp_set_account_status', () => {
    it('freezes, unfreezes and closes, and says who did it', async () => {
      const account = await bank.openAccount(owner);
      const actor = { user_id: owner, ip_address: '198.51.100.7', request_id: 'req-1' };
      await bank.owner.onConnection(actor, async (queries) => {
        expect((await queries.call('sp_set_account_status', [account, 'frozen']))[0]).toMatchObject([
          { status: 'frozen' },
        ]);
      });
      expect(await auditOf('accounts', account)).toMatchObject([
        { action: 'UPDATE', actor_user_id: owner, ip_address: '198.51.100.7', request_id: 'req-1' },
      ]);
      expect((await call('sp_set_account_status', account, 'active'))[0]).toMatchObject([
        { status: 'active' },
      ]);
      expect((await call('sp_set_account_status', account, 'closed'))[0]).toMatchObject([
        { status: 'closed' },
      ]);
      const [row] = await bank.owner.query('SELECT closed_at FROM accounts WHERE account_id = ?', [account]);
      expect(row?.closed_at).not.toBeNull();
    });

    it('a closed account stays closed, one with money or holds is not closed', async () => {
      const closed = await bank.openAccount(owner);
      await call('sp_set_account_status', closed, 'closed');
      await expect(call('sp_set_account_status', closed, 'active')).rejects.toThrow('ACCOUNT_CLOSED');
      const full = await bank.openAccount(owner, { balance: 1n });
      await expect(call('sp_set_account_status', full, 'closed')).rejects.toThrow('ACCOUNT_NOT_EMPTY');
      const held = await bank.openAccount(owner, { overdraft: 5n });
      await p.postOne(bank.pool, p.hold(held, 5n));
      await expect(call('sp_set_account_status', held, 'closed')).rejects.toThrow('ACCOUNT_NOT_EMPTY');
    });

    it('touches neither the bank`s own accounts nor missing ones, and knows no other status', async () => {
      const cash = await p.systemAccount(bank.owner, 'cash');
      await expect(call('sp_set_account_status', cash, 'frozen')).rejects.toThrow('ACCOUNT_NOT_FOUND');
      await expect(call('sp_set_account_status', '999999', 'frozen')).rejects.toThrow('ACCOUNT_NOT_FOUND');
      const account = await bank.openAccount(owner);
      await expect(call('sp_set_account_status', account, 'gone')).rejects.toThrow();
      await expect(call('sp_set_account_status', account, null)).rejects.toThrow();
    });
  });

  describe('sp_update_user_standing', () => {
    const standing = async (userId: string) =>
      (
        await bank.owner.query('SELECT role, kyc_status, is_active FROM users WHERE user_id = ?', [userId])
      )[0];

    it('changes what is given and leaves the rest', async () => {
      const { user_id } = await bank.createUser({ kyc_status: 'pending' });
      await call('sp_update_user_standing', user_id, null, 'verified', null);
      expect(await standing(user_id)).toEqual({ role: 'customer', kyc_status: 'verified', is_active: 1 });
      await call('sp_update_user_standing', user_id, 'auditor', null, null);
      await call('sp_update_user_standing', user_id, null, null, 0);
      expect(await standing(user_id)).toEqual({ role: 'auditor', kyc_status: 'verified', is_active: 0 });
    });

    it('a deactivated user`s refresh tokens end', async () => {
      const { user_id } = await bank.createUser();
      await bank.owner.execute(
        `INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
         VALUES (UNHEX(SHA2('token', 256)), 'family', ?, '2199-01-01')`,
        [user_id],
      );
      const revoked = async () =>
        (await bank.owner.query('SELECT revoked_at FROM refresh_tokens WHERE user_id = ?', [user_id]))[0]
          ?.revoked_at;
      await call('sp_update_user_standing', user_id, null, 'rejected', null);
      expect(await revoked()).toBeNull();
      await call('sp_update_user_standing', user_id, null, null, 0);
      expect(await revoked()).not.toBeNull();
    });

    it('the last active administrator is neither demoted nor deactivated', async () => {
      const [first, second] = [
        await bank.createUser({ role: 'admin' }),
        await bank.createUser({ role: 'admin' }),
      ];
      await bank.createUser({ role: 'admin', is_active: false });
      await call('sp_update_user_standing', first.user_id, 'customer', null, null);
      for (const change of [
        ['customer', null, null],
        [null, null, 0],
        ['auditor', 'verified', 0],
      ] as const) {
        await expect(call('sp_update_user_standing', second.user_id, ...change)).rejects.toThrow(
          'LAST_ADMINISTRATOR',
        );
      }
      await call('sp_update_user_standing', second.user_id, 'admin', 'verified', 1);
      expect(await standing(second.user_id)).toEqual({ role: 'admin', kyc_status: 'verified', is_active: 1 });
    });

    it('two administrators who demote one another at once: one stays', async () => {
      await bank.owner.execute("UPDATE users SET role = 'customer' WHERE role = 'admin'");
      const admins = [await bank.createUser({ role: 'admin' }), await bank.createUser({ role: 'admin' })];
      const results = await Promise.allSettled(
        admins.map(({ user_id }) => call('sp_update_user_standing', user_id, 'customer', null, null)),
      );
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      expect(
        await bank.owner.query("SELECT COUNT(*) AS n FROM users WHERE role = 'admin' AND is_active"),
      ).toEqual([{ n: '1' }]);
    });

    it('USER_NOT_FOUND, and no unknown role or status', async () => {
      await expect(call('sp_update_user_standing', '999999', 'admin', null, null)).rejects.toThrow(
        'USER_NOT_FOUND',
      );
      await expect(call('sp_update_user_standing', owner, 'king', null, null)).rejects.toThrow();
      await expect(call('sp_update_user_standing', owner, null, 'perhaps', null)).rejects.toThrow();
    });
  });
});
