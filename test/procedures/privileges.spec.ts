import { createBankPool } from '../../src/database';
import { LEDGER_TABLES } from '../../src/database/grants';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';
import type { Pool } from 'mysql2/promise';

const DENIED = /command denied|access denied/i;
const EVERYBODY = ['api', 'worker', 'auditor'] as const;

describe('least privilege', () => {
  let bank: TestBank;
  const pools = {} as Record<(typeof EVERYBODY)[number], Pool>;
  let user: string;
  let account: string;

  beforeAll(async () => {
    bank = await createTestBank();
    for (const name of EVERYBODY) pools[name] = createBankPool(bank.urls[name], { connectionLimit: 1 });
    user = (await bank.createUser()).user_id;
    account = await bank.openAccount(user, { balance: 100n });
  });
  afterAll(async () => {
    for (const name of EVERYBODY) await pools[name].end();
    await bank.close();
  });

  const columnsOf = async (table: string) =>
    (await bank.owner.query<{ Field: string }>(`SHOW COLUMNS FROM ${table}`)).map((row) => row.Field);

  describe.each(EVERYBODY)('the %s`s database user', (name) => {
    it.each(LEDGER_TABLES.filter((table) => !(name === 'worker' && table === 'outbox')))(
      'cannot change %s',
      async (table) => {
        const columns = await columnsOf(table);
        await expect(pools[name].query(`INSERT INTO ${table} SELECT * FROM ${table}`)).rejects.toThrow(
          DENIED,
        );
        await expect(pools[name].query(`DELETE FROM ${table}`)).rejects.toThrow(DENIED);
        for (const column of columns) {
          await expect(pools[name].query(`UPDATE ${table} SET ${column} = ${column}`)).rejects.toThrow(
            DENIED,
          );
          await expect(pools[name].query(`INSERT INTO ${table} (${column}) VALUES (NULL)`)).rejects.toThrow(
            DENIED,
          );
        }
        await expect(pools[name].query(`REPLACE INTO ${table} SELECT * FROM ${table}`)).rejects.toThrow(
          DENIED,
        );
        await expect(pools[name].query(`TRUNCATE TABLE ${table}`)).rejects.toThrow(DENIED);
        await expect(pools[name].query(`ALTER TABLE ${table} ADD COLUMN x INT`)).rejects.toThrow(DENIED);
        await expect(pools[name].query(`DROP TABLE ${table}`)).rejects.toThrow(DENIED);
      },
    );

    it('reads the ledger', async () => {
      await pools[name].query('SELECT * FROM ledger_entries');
      await pools[name].query('SELECT * FROM vw_ledger_integrity_check');
    });

    it.each(['role', 'kyc_status', 'is_active', 'username', 'user_id'])(
      'cannot change users.%s',
      async (column) => {
        await expect(pools[name].query(`UPDATE users SET ${column} = ${column}`)).rejects.toThrow(DENIED);
      },
    );

    it('makes nobody an administrator, deletes nobody', async () => {
      await expect(
        pools[name].query(
          "INSERT INTO users (username, email, full_name, role) VALUES ('x', 'x@y.z', 'X', 'admin')",
        ),
      ).rejects.toThrow(DENIED);
      await expect(pools[name].query('DELETE FROM users')).rejects.toThrow(DENIED);
    });

    it('changes neither settings nor currencies, defines nothing, grants nothing', async () => {
      const forbidden = [
        "UPDATE bank_settings SET setting_value = '1900-01-01'",
        'UPDATE currencies SET high_value_minor = 1',
        'DELETE FROM chart_of_accounts',
        'DELETE FROM database_objects',
        'CREATE PROCEDURE sp_mine() SELECT 1',
        'DROP PROCEDURE sp_post_batch',
        'DROP TRIGGER trg_ledger_entries_no_update',
        'CREATE TRIGGER trg_mine BEFORE INSERT ON accounts FOR EACH ROW SET NEW.balance_minor = 1',
        'CREATE VIEW vw_mine AS SELECT 1',
        'CREATE TABLE mine (id INT)',
        'LOCK TABLES accounts WRITE',
      ];
      for (const sql of forbidden) await expect(pools[name].query(sql)).rejects.toThrow(DENIED);
    });

    it('cannot run the steps inside the posting procedure', async () => {
      await expect(pools[name].query('CALL sp_batch_write(0, 0, NOW(6))')).rejects.toThrow(DENIED);
      await expect(
        pools[name].query("CALL sp_post_one('deposit', NULL, ?, 1, NULL, NULL)", [account]),
      ).rejects.toThrow(DENIED);
    });

    it('sees no other database', async () => {
      await expect(pools[name].query('SELECT User FROM mysql.user')).rejects.toThrow(DENIED);
    });
  });

  it('the API moves money through the procedures alone', async () => {
    expect(await p.codesOf(pools.api, p.deposit(account, 5n))).toEqual(['OK']);
    for (const call of [
      "sp_record_risk_scores('[]')",
      // Would mark an alert as acted upon, with nothing held.
      "sp_finish_alert_actions(1, NULL, 'OK')",
      `sp_deposit_cash(${account}, 1, NULL, NULL)`,
      `sp_withdraw_cash(${account}, 1, NULL, NULL)`,
      `sp_perform_transfer(${account}, ${account}, 1, NULL, NULL)`,
      `sp_create_account(${user}, 'checking', 'USD', 1000000)`,
    ]) {
      await expect(pools.api.query(`CALL ${call}`)).rejects.toThrow(DENIED);
    }
  });

  it('the API registers customers and changes what they may change', async () => {
    await pools.api.query(
      "INSERT INTO users (username, email, full_name) VALUES ('new', 'new@bank.test', 'New')",
    );
    await pools.api.query("UPDATE users SET full_name = 'Newer' WHERE username = 'new'");
    const [rows] = await pools.api.query(
      "SELECT full_name, role, kyc_status FROM users WHERE username = 'new'",
    );
    expect(rows).toEqual([{ full_name: 'Newer', role: 'customer', kyc_status: 'pending' }]);
  });

  it('the worker relays, scores and expires holds', async () => {
    await pools.worker.query('SELECT * FROM outbox FOR UPDATE SKIP LOCKED');
    await pools.worker.query("CALL sp_record_risk_scores('[]')");
    const held = await p.postOne(bank.pool, p.hold(account, 1n, { expires_us: 1 }));
    expect(await p.codesOf(pools.worker, p.expire(held.hold_id ?? ''))).toEqual(['OK']);
    for (const call of [
      "sp_create_account(1, 'checking', 'USD', 0)",
      "sp_open_account(1, 'checking', 'USD')",
      "sp_set_account_status(1, 'frozen')",
      "sp_update_user_standing(1, 'admin', NULL, NULL)",
    ]) {
      await expect(pools.worker.query(`CALL ${call}`)).rejects.toThrow(DENIED);
    }
  });

  it.each(['worker', 'auditor'] as const)('the %s reads no credentials', async (name) => {
    const secrets = [
      'user_credentials',
      'refresh_tokens',
      'auth_sessions',
      'user_totp',
      'recovery_codes',
      'login_decoys',
    ];
    for (const table of secrets)
      await expect(pools[name].query(`SELECT * FROM ${table}`)).rejects.toThrow(DENIED);
  });

  it('the auditor runs no procedure but those that read', async () => {
    const procedures = await bank.owner.query<{ name: string }>(
      'SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()',
    );
    const readers = ['sp_get_balance', 'sp_list_accounts'];
    const others = procedures.map(({ name }) => name).filter((name) => !readers.includes(name));
    expect(others.length).toBeGreaterThan(10);
    for (const name of others) await expect(pools.auditor.query(`CALL ${name}()`)).rejects.toThrow(DENIED);
    await pools.auditor.query('CALL sp_get_balance(?, NULL, NULL)', [account]);
    await pools.auditor.query('CALL sp_list_accounts(?)', [user]);
  });

  it('the auditor writes to no table', async () => {
    const tables = await bank.owner.query<{ name: string }>(
      "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'",
    );
    for (const { name } of tables) {
      await expect(pools.auditor.query(`DELETE FROM ${name}`)).rejects.toThrow(DENIED);
      await expect(pools.auditor.query(`INSERT INTO ${name} () VALUES ()`)).rejects.toThrow(DENIED);
    }
  });
});
