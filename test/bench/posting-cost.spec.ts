import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { postBatch, PostingQueue } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import { integrityProblems, transfer } from '../support/postings';

/**
 * Keeps posting from getting slower without looking at a clock that depends on the machine: what a transfer costs is counted by
 * the server itself, and time is only compared with time of the same minute. The bounds are generous; what breaks them is a
 * lost index, a statement an item, or a queue that no longer gathers.
 */
describe('what a transfer costs', () => {
  const ACCOUNTS = 40;
  const SUBMITS = 64;
  const BATCH_ITEMS = 200;
  /** Rows of all tables, those in memory included; MySQL 9.7 reads 69, MariaDB 10.11 reads 74. */
  const READS_AN_ITEM = 110;
  let bank: TestBank;
  let accounts: string[];

  beforeAll(async () => {
    bank = await createTestBank();
    const { user_id } = await bank.createUser();
    accounts = [];
    for (let index = 0; index < ACCOUNTS; index += 1)
      accounts.push(await bank.openAccount(user_id, { balance: 100_000_000n }));
  });
  afterAll(async () => {
    expect(await integrityProblems(bank.owner)).toEqual([]);
    await bank.close();
  });

  /** One of many transfers, between accounts that differ from item to item. */
  const item = (index: number) =>
    transfer(accounts[index % ACCOUNTS] ?? '', accounts[(index + 1 + (index % 7)) % ACCOUNTS] ?? '', 100n);

  async function counters(pool: Pool): Promise<Map<string, number>> {
    const [rows] = await pool.query('SHOW SESSION STATUS');
    return new Map(
      (rows as { Variable_name: string; Value: string }[]).map((row) => [
        row.Variable_name,
        Number(row.Value),
      ]),
    );
  }

  /** What the session's counters grew by during the work, on the pool's one connection. */
  async function spent(pool: Pool, work: () => Promise<unknown>): Promise<(...names: string[]) => number> {
    const before = await counters(pool);
    await work();
    const after = await counters(pool);
    return (...names) =>
      names.reduce(
        (sum, name) => sum + (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN),
        0,
      );
  }

  async function withPool(connectionLimit: number, work: (pool: Pool) => Promise<void>): Promise<void> {
    const pool = createBankPool(bank.urls.api, { connectionLimit });
    try {
      await work(pool);
    } finally {
      await pool.end();
    }
  }

  function queueOn(pool: Pool, gather: boolean): { queue: PostingQueue; batches: () => number } {
    let batches = 0;
    const post: typeof postBatch = (target, items) => {
      batches += 1;
      return postBatch(target, items);
    };
    const queue = new PostingQueue((items) => post(pool, items), {
      batch_max: 500,
      batches_in_flight: 2,
      queue_max: 20_000,
      gather,
    });
    return { queue, batches: () => batches };
  }

  const READS = [
    'Handler_read_first',
    'Handler_read_key',
    'Handler_read_last',
    'Handler_read_next',
    'Handler_read_prev',
    'Handler_read_rnd',
    'Handler_read_rnd_next',
  ];

  it('is one round trip a batch, and few rows examined an item', async () => {
    await withPool(1, async (pool) => {
      const batch = () =>
        postBatch(
          pool,
          Array.from({ length: BATCH_ITEMS }, (_, index) => item(index)),
        );
      await batch();
      const used = await spent(pool, batch);
      // The batch itself, and the SHOW STATUS that ends the count.
      expect(used('Questions')).toBeLessThanOrEqual(2);
      expect(used('Com_rollback')).toBe(0);
      expect(used(...READS) / BATCH_ITEMS).toBeLessThan(READS_AN_ITEM);
    });
  });

  it('does not grow with the number of transactions that are there', async () => {
    await withPool(1, async (pool) => {
      const batch = () =>
        postBatch(
          pool,
          Array.from({ length: BATCH_ITEMS }, (_, index) => item(index)),
        );
      const first = (await spent(pool, batch))(...READS);
      for (let count = 0; count < 10; count += 1) await batch();
      const last = (await spent(pool, batch))(...READS);
      expect(last / first).toBeLessThan(1.2);
    });
  });

  it('is as many statements for a batch of 200 as for one of 20', async () => {
    await withPool(1, async (pool) => {
      const statements = async (items: number) => {
        const used = await spent(pool, () =>
          postBatch(
            pool,
            Array.from({ length: items }, (_, index) => item(index)),
          ),
        );
        return used(
          'Com_select',
          'Com_insert',
          'Com_insert_select',
          'Com_update',
          'Com_update_multi',
          'Com_delete',
        );
      };
      await statements(20);
      const few = await statements(20);
      expect(few).toBeGreaterThan(5);
      expect((await statements(200)) - few).toBeLessThanOrEqual(2);
    });
  });

  it('is shared by the requests that wait together', async () => {
    await withPool(2, async (pool) => {
      const { queue, batches } = queueOn(pool, true);
      await Promise.all(Array.from({ length: SUBMITS }, (_, index) => queue.submit([item(index)])));
      expect(batches()).toBeLessThanOrEqual(SUBMITS / 8);
    });
  });

  it('is less in time with the queue than without it', async () => {
    await withPool(10, async (pool) => {
      const elapsed = async (gather: boolean) => {
        const { queue } = queueOn(pool, gather);
        const startedAt = performance.now();
        await Promise.all(Array.from({ length: SUBMITS }, (_, index) => queue.submit([item(index)])));
        return performance.now() - startedAt;
      };
      for (const gather of [true, false]) await elapsed(gather);
      const ratios: number[] = [];
      for (let round = 0; round < 7; round += 1) {
        const on = await elapsed(true);
        ratios.push((await elapsed(false)) / on);
      }
      ratios.sort((a, b) => a - b);
      expect(ratios[3]).toBeGreaterThan(1.3);
    });
  });
});
