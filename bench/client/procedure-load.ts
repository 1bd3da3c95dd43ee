import { createBankPool } from '../../src/database';
import { Meter } from './meter';
import type { LoadResult, ProcedurePlan, World } from './protocol';
import { freshKey, transferSource, type Transfer } from './transfers';

/** Calls sp_post_batch with nothing around it: what HTTP and import are measured against. */
export async function runProcedure(plan: ProcedurePlan, world: World): Promise<LoadResult> {
  const meter = new Meter(plan);
  const pool = createBankPool(plan.database_url, { connectionLimit: plan.connections });
  const draw = transferSource(world, plan.workload);
  const loop = async () => {
    while (!meter.isOver) {
      const batch = JSON.stringify(Array.from({ length: plan.batch_items }, () => item(draw(), world)));
      const askedAt = performance.now();
      const [answer] = await pool.query('CALL sp_post_batch(?)', [batch]);
      const [rows] = answer as unknown as [{ code: string; is_replayed: number }[]];
      const accepted = rows.filter((row) => row.code === 'OK' && row.is_replayed === 0).length;
      for (const row of rows) if (row.code !== 'OK') meter.failed(row.code);
      meter.answered(accepted, askedAt);
    }
  };
  await Promise.all(Array.from({ length: plan.connections }, loop));
  await pool.end();
  return meter.result();
}

function item({ from, to, owner, amount }: Transfer, world: World): object {
  const user = world.user_ids[owner];
  return {
    key: freshKey(),
    hash: freshKey(),
    type: 'transfer',
    debit: from,
    credit: to,
    amount,
    currency: 'USD',
    owner: user,
    actor: user,
    description: 'bench',
  };
}
