import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { postBatch, type BatchItem } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

const OTHER_ACCOUNTS = 400;

describe('how much sp_post_batch reads', () => {
  let bank: TestBank;
  let user: string;
  let account: string;

  beforeAll(async () => {
    bank = await createTestBank();
    user = (await bank.createUser()).user_id;
    account = await bank.openAccount(user, { balance: 1_000_000n });
  });
  afterAll(() => bank.close());

  /** Rows and index entries that the server reads for each batch, on a connection of their own. */
  async function readsOf(batches: BatchItem[][]): Promise<number[]> {
    const pool = createBankPool(bank.urls.api, { connectionLimit: 1 });
    const reads: number[] = [];
    for (const batch of batches) {
      const before = await handlerReads(pool);
      await postBatch(pool, batch);
      reads.push((await handlerReads(pool)) - before);
    }
    await pool.end();
    return reads;
  }

  async function handlerReads(pool: Pool): Promise<number> {
    const [rows] = await pool.query("SHOW SESSION STATUS LIKE 'Handler_read_%'");
    return (rows as unknown as { Value: string }[]).reduce((sum, row) => sum + Number(row.Value), 0);
  }

  async function makeBatches(): Promise<BatchItem[][]> {
    const held = [
      await p.postOne(bank.pool, p.hold(account, 5n)),
      await p.postOne(bank.pool, p.hold(account, 5n)),
      await p.postOne(bank.pool, p.hold(account, 5n)),
    ].map((outcome) => outcome.hold_id ?? '');
    return [
      [p.capture(held[0] ?? '')],
      [p.capture(held[1] ?? '')],
      [p.voidHold(held[2] ?? '')],
      [p.hold(account, 5n)],
      [p.deposit(account, 5n)],
      [p.deposit(account, 5n, { currency: 'XXX' })],
    ];
  }

  it('does not grow with the number of accounts', async () => {
    const few = await readsOf(await makeBatches());
    for (let index = 0; index < OTHER_ACCOUNTS; index += 1) await bank.openAccount(user);
    const many = await readsOf(await makeBatches());
    for (const [index, reads] of many.entries()) {
      expect(reads - (few[index] ?? 0)).toBeLessThan(OTHER_ACCOUNTS / 4);
    }
  });
});
