import { createBankPool } from '../../src/database';
import { postBatch } from '../../src/posting';
import { freshKey, transferSource } from '../client/transfers';
import type { Workload } from '../client/protocol';
import type { BenchBank } from './bench-bank';

const ITEMS_IN_BATCH = 200;

/** Posts transfers as fast as one connection can, to have them there; a multiple of 200. */
export async function fill(bank: BenchBank, transfers: number, workload: Workload = 'spread'): Promise<void> {
  const pool = createBankPool(bank.urls.api, { connectionLimit: 1 });
  const draw = transferSource(bank.world, workload);
  for (let done = 0; done < transfers; done += ITEMS_IN_BATCH) {
    const items = Array.from({ length: ITEMS_IN_BATCH }, () => {
      const { from, to, amount } = draw();
      return {
        key: freshKey(),
        hash: freshKey(),
        type: 'transfer' as const,
        debit: from,
        credit: to,
        amount: BigInt(amount),
        currency: 'USD',
      };
    });
    const outcomes = await postBatch(pool, items);
    bank.expected += outcomes.filter((outcome) => outcome.code === 'OK').length;
  }
  await pool.end();
}
