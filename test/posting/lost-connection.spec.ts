import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { postBatch, PostingQueue, type BatchItem } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';
import { startProcess, type Process } from '../support/queues';

describe('connections that are lost', () => {
  let bank: TestBank;
  let root: Pool;
  let account: string;
  let other: string;

  beforeAll(async () => {
    bank = await createTestBank();
    root = createBankPool(bank.urls.admin, { connectionLimit: 2 });
    const { user_id } = await bank.createUser();
    account = await bank.openAccount(user_id, { balance: 1_000_000n });
    other = await bank.openAccount(user_id);
  });
  afterAll(async () => {
    await root.end();
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
    await bank.close();
  });

  const idsOf = async (sql: string, ...parameters: string[]) =>
    ((await root.query(sql, parameters))[0] as unknown as { id: string }[]).map((row) => Number(row.id));

  /** The connections of the bank that wait for a lock. */
  const waiting = () =>
    idsOf(
      `SELECT t.trx_mysql_thread_id AS id FROM information_schema.INNODB_TRX t
       JOIN information_schema.PROCESSLIST l ON l.ID = t.trx_mysql_thread_id
       WHERE t.trx_state = 'LOCK WAIT' AND l.DB = ?`,
      bank.database,
    );

  /** Ends every connection of the API, as a failover would. One in a procedure goes by the name of the procedure's owner. */
  async function killConnections(): Promise<void> {
    const ids = await idsOf(
      "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ? OR (USER = ? AND COMMAND <> 'Sleep')",
      new URL(bank.urls.api).username,
      new URL(bank.urls.owner).username,
    );
    for (const id of ids) await root.query(`KILL CONNECTION ${id}`).catch(() => undefined);
  }

  /** Kills what posts, while `work` waits in the middle of its batch for an account that someone else has locked. */
  async function killInTheMiddle<T>(what: 'CONNECTION' | 'QUERY', work: () => Promise<T>): Promise<T> {
    const lock = await root.getConnection();
    await lock.query('START TRANSACTION');
    await lock.query('SELECT 1 FROM accounts WHERE account_id = ? FOR UPDATE', [other]);
    const result = work();
    result.catch(() => undefined);
    try {
      let victims = await waiting();
      for (let tries = 0; victims.length === 0; tries += 1) {
        if (tries > 100) throw new Error('nothing waits for the lock');
        // MariaDB shows the transactions as they were up to a tenth of a second ago.
        await sleep(110);
        victims = await waiting();
      }
      expect(victims).toHaveLength(1);
      await root.query(`KILL ${what} ${Number(victims[0])}`);
      await sleep(20);
    } finally {
      await lock.query('ROLLBACK');
      lock.release();
    }
    return result;
  }

  it.each(['CONNECTION', 'QUERY'] as const)(
    'KILL %s in the middle of a batch: each key has one effect',
    async (what) => {
      const process = startProcess(bank, { batches_in_flight: 1 });
      const before = await p.fundsOf(bank.owner, other);
      const items = Array.from({ length: 10 }, () => p.transfer(account, other, 1n));
      const outcomes = await killInTheMiddle(what, () =>
        Promise.all(items.map((item) => process.queue.submit([item]))),
      );
      expect(outcomes.map(([outcome]) => outcome?.code)).toEqual(items.map(() => 'OK'));
      expect((await p.fundsOf(bank.owner, other)).balance).toBe(before.balance + 10n);
      expect(process.retries).toBeGreaterThan(0);
      await process.stop();
    },
  );

  it('a statement that was killed leaves no open transaction behind on its connection', async () => {
    const pool = createBankPool(bank.urls.api, { connectionLimit: 1 });
    const before = await p.ledgerSize(bank.owner);
    const batch = [p.deposit(account, 5n), p.transfer(account, other, 1n)];
    await expect(killInTheMiddle('QUERY', () => postBatch(pool, batch))).rejects.toThrow();
    const [rows] = await root.query(
      `SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX t
       JOIN information_schema.PROCESSLIST l ON l.ID = t.trx_mysql_thread_id WHERE l.USER = ?`,
      [new URL(bank.urls.api).username],
    );
    expect(rows).toEqual([{ n: '0' }]);
    await postBatch(pool, [p.deposit(account, 7n)]);
    expect((await p.ledgerSize(bank.owner)).transactions).toBe((before.transactions ?? 0) + 1);
    await pool.end();
  });

  it('a batch that is not answered in time is sent again, and has one effect', async () => {
    const pool = createBankPool(bank.urls.api, { connectionLimit: 1 });
    const items = [p.transfer(account, other, 1n), p.deposit(account, 2n)];
    const before = await p.ledgerSize(bank.owner);
    const lock = await root.getConnection();
    await lock.query('START TRANSACTION');
    await lock.query('SELECT 1 FROM accounts WHERE account_id = ? FOR UPDATE', [other]);
    let attempts = 0;
    const queue = new PostingQueue(
      async (batch) => {
        attempts += 1;
        if (attempts === 1) return postBatch(pool, batch, 100);
        await lock.query('ROLLBACK');
        return postBatch(pool, batch);
      },
      { batch_max: 10, batches_in_flight: 1, queue_max: 10, gather: true },
    );
    const outcomes = await queue.submit(items);
    lock.release();
    expect(attempts).toBeGreaterThan(1);
    expect(outcomes.map((outcome) => outcome.code)).toEqual(['OK', 'OK']);
    expect((await p.ledgerSize(bank.owner)).transactions).toBe((before.transactions ?? 0) + 2);
    await pool.end();
  });

  it('connections killed again and again under load: each key has one effect, every caller an answer', async () => {
    const processes = [startProcess(bank, { batch_max: 10 }), startProcess(bank, { batch_max: 10 })];
    const before = await p.fundsOf(bank.owner, other);
    const items = Array.from({ length: 300 }, () => p.transfer(account, other, 1n));
    let isDone = false;
    const killing = (async () => {
      while (!isDone) {
        await killConnections();
        await sleep(40);
      }
    })();
    const pay = async (item: BatchItem, client: number) => {
      for (;;) {
        try {
          const [outcome] = await (processes[client % 2] as Process).queue.submit([item]);
          return outcome;
        } catch (error) {
          // What a client does with the answer 503: the same key again.
          expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
        }
      }
    };
    const clients = Array.from({ length: 20 }, async (_, client) => {
      const mine = items.filter((_item, index) => index % 20 === client);
      const outcomes = [];
      for (const item of mine) outcomes.push(await pay(item, client));
      return outcomes;
    });
    const outcomes = await Promise.all(clients)
      .then((answers) => answers.flat())
      .finally(() => {
        isDone = true;
      });
    await killing;
    expect(new Set(outcomes.map((outcome) => outcome?.code))).toEqual(new Set(['OK']));
    expect((await p.fundsOf(bank.owner, other)).balance).toBe(before.balance + 300n);
    for (const process of processes) await process.stop();
  });

  it('a database that is not there: everybody is told so, soon', async () => {
    const url = new URL(bank.urls.api);
    url.port = '1';
    const pool = createBankPool(url.href, { connectionLimit: 2 });
    let attempts = 0;
    const queue = new PostingQueue(
      (items) => {
        attempts += 1;
        return postBatch(pool, items);
      },
      { batch_max: 100, batches_in_flight: 1, queue_max: 1_000, gather: true },
    );
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () => queue.submit([p.transfer(account, other, 1n)])),
    );
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE' } });
    }
    expect(attempts).toBeLessThan(20);
    await pool.end();
  });
});
