import { createTestBank, type TestBank } from '../../test/support/bank';
import { createBankPool } from './connection';
import { Database } from './database';
import { duplicateKeyName, isConnectionLost, isDuplicateKey, signalMessage } from './database-errors';
import { checkDurability, requireDurableServer, serverVersion } from './server-checks';

describe('Database, on a real server', () => {
  let bank: TestBank;

  beforeAll(async () => {
    bank = await createTestBank();
    await bank.owner.execute(
      'CREATE TABLE notes (id BIGINT UNSIGNED PRIMARY KEY, value BIGINT, noted_at DATETIME(6))',
    );
    await bank.owner.execute('INSERT INTO notes (id, value) VALUES (1, 0), (2, 0)');
  });
  afterAll(() => bank.close());

  it('BIGINT and times come as strings, in UTC, with nothing rounded', async () => {
    await bank.owner.execute('INSERT INTO notes VALUES (?, ?, ?)', [
      '18446744073709551615',
      9_007_199_254_740_993n,
      '2026-01-31 10:00:00.123456',
    ]);
    const [row] = await bank.owner.query(
      'SELECT *, @@session.time_zone AS zone FROM notes ORDER BY id DESC LIMIT 1',
    );
    expect(row).toEqual({
      id: '18446744073709551615',
      value: '9007199254740993',
      noted_at: '2026-01-31 10:00:00.123456',
      zone: '+00:00',
    });
  });

  it.each([
    ['the pool', async () => (await bank.pool.query('SELECT @@session.sql_mode AS mode'))[0] as unknown],
    ['the data source', () => bank.owner.query('SELECT @@session.sql_mode AS mode') as Promise<unknown>],
  ])('%s: every session is strict', async (_name, ask) => {
    expect(await ask()).toEqual([{ mode: expect.stringContaining('STRICT_TRANS_TABLES') }]);
    await expect(bank.owner.execute("UPDATE notes SET value = 'x' WHERE id = 1")).rejects.toThrow();
  });

  it.each([1, 4])(
    'with a pool of %d, the connection opened first starts like all others',
    async (poolSize) => {
      const database = await Database.connect(bank.urls.owner, poolSize);
      const answers = await Promise.all(
        Array.from({ length: poolSize }, async () => [
          await database.query('SELECT @@session.time_zone AS zone, SLEEP(0.05) AS slept'),
          await database.query<{ Value: string }>("SHOW SESSION VARIABLES LIKE 't%_isolation'"),
        ]),
      );
      await database.close();
      for (const [zones, levels = []] of answers) {
        expect(zones).toMatchObject([{ zone: '+00:00' }]);
        expect(new Set(levels.map((row) => (row as { Value: string }).Value))).toEqual(
          new Set(['READ-COMMITTED']),
        );
      }
    },
  );

  it('a transaction is kept whole, or undone whole', async () => {
    await bank.owner.transaction(null, (queries) =>
      queries.execute('UPDATE notes SET value = 5 WHERE id = 1'),
    );
    await expect(
      bank.owner.transaction(null, async (queries) => {
        await queries.execute('UPDATE notes SET value = 6 WHERE id = 1');
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await bank.owner.query('SELECT value FROM notes WHERE id = 1')).toEqual([{ value: '5' }]);
  });

  it('two transactions that deadlock are both done in the end', async () => {
    await bank.owner.execute('UPDATE notes SET value = 0 WHERE id IN (1, 2)');
    let tries = 0;
    let arrived = 0;
    const both = async () => {
      arrived += 1;
      for (let waited = 0; arrived < 2 && waited < 200; waited += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const add = (first: number, second: number) =>
      bank.owner.transaction(null, async (queries) => {
        tries += 1;
        await queries.execute('UPDATE notes SET value = value + 1 WHERE id = ?', [first]);
        await both();
        await queries.execute('UPDATE notes SET value = value + 1 WHERE id = ?', [second]);
      });
    await Promise.all([add(1, 2), add(2, 1)]);
    expect(tries).toBeGreaterThan(2);
    expect(await bank.owner.query('SELECT value FROM notes WHERE id IN (1, 2)')).toEqual([
      { value: '2' },
      { value: '2' },
    ]);
  });

  it('the actor is set for one piece of work and gone after it', async () => {
    const actor = { user_id: '7', ip_address: '192.0.2.9', request_id: 'r-1' };
    const ask =
      'SELECT @florin_actor_user_id AS user_id, @florin_ip_address AS ip_address, @florin_request_id AS request_id';
    await bank.owner.onConnection(actor, async (queries) => {
      expect(await queries.query(ask)).toEqual([actor]);
    });
    for (let index = 0; index < 8; index += 1) {
      expect(await bank.owner.query(ask)).toEqual([{ user_id: null, ip_address: null, request_id: null }]);
    }
  });

  it('names a procedure only by its name', async () => {
    await expect(bank.owner.call('sp_list_accounts(1); DROP TABLE notes; --')).rejects.toThrow(
      'not a procedure',
    );
  });

  it('says what failed: a duplicate key, a signal, a lost server', async () => {
    const duplicate = await bank.owner
      .execute('INSERT INTO notes (id) VALUES (1)')
      .catch((error: unknown) => error);
    expect([isDuplicateKey(duplicate), duplicateKeyName(duplicate)]).toEqual([true, 'PRIMARY']);
    const { username } = await bank.createUser();
    const taken = await bank.createUser({ username }).catch((error: unknown) => error);
    expect(duplicateKeyName(taken)).toBe('uq_users_username');
    const signal = await bank.owner
      .call('sp_create_account', ['999999', 'checking', 'USD', 0])
      .catch((error: unknown) => error);
    expect(signalMessage(signal)).toBe('USER_NOT_FOUND');
    expect(signalMessage(duplicate)).toBeNull();

    const nowhere = new URL(bank.urls.api);
    nowhere.port = '1';
    const pool = createBankPool(nowhere.href);
    expect(isConnectionLost(await pool.query('SELECT 1').catch((error: unknown) => error))).toBe(true);
    await pool.end();
    await expect(Database.connect(nowhere.href)).rejects.toThrow();
  });

  it('a connection that was killed is DATABASE_UNAVAILABLE, and the next one works', async () => {
    const killed = bank.owner.onConnection(null, async (queries) => {
      const [row] = await queries.query('SELECT CONNECTION_ID() AS id');
      await bank.owner.execute(`KILL CONNECTION ${Number(row?.id)}`);
      return queries.query('SELECT 1');
    });
    await expect(killed).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await bank.owner.query("SELECT 'yes' AS works")).toEqual([{ works: 'yes' }]);
  });

  it('the server keeps what it acknowledges', async () => {
    expect((await checkDurability(bank.owner)).filter((check) => !check.ok)).toEqual([]);
    await requireDurableServer(bank.owner, false);
    expect(await serverVersion(bank.owner)).toMatch(/^(MySQL|MariaDB) \d+\.\d+\.\d+$/);
  });

  it('a server that may lose money is refused, unless that is allowed', async () => {
    const unsafe = {
      ...bank.owner,
      query: async () => [
        { Variable_name: 'innodb_flush_log_at_trx_commit', Value: '2' },
        { Variable_name: 'wsrep_on', Value: 'ON' },
        { Variable_name: 'log_bin', Value: 'OFF' },
        { Variable_name: 'sync_binlog', Value: '0' },
      ],
    } as unknown as Database;
    expect((await checkDurability(unsafe)).map((check) => [check.name, check.ok])).toEqual([
      ['innodb_flush_log_at_trx_commit', false],
      ['wsrep_on', false],
    ]);
    await expect(requireDurableServer(unsafe, false)).rejects.toThrow('innodb_flush_log_at_trx_commit is 2');
    await requireDurableServer(unsafe, true);
  });
});
