import { alternate, type Bench } from '../lib/bench';
import { phasesText, openStage } from '../lib/stage';
import { pairedRatio } from '../lib/statistics';

const SCENARIO = 'batch';
const RATE = 'transfers/s';
const ITEMS = 1_000;

/** POST /transactions/batch with 1,000 transfers, against the procedure it stands on. */
export async function batch(bench: Bench): Promise<void> {
  const { report, options } = bench;
  const stage = await openStage(bench);
  let phases = '';
  const http = (connections: number) => async () => {
    const result = await stage.http([stage.on.url], connections, { batch_items: ITEMS });
    phases = phasesText(result);
    return result.transfers_per_second;
  };
  const rates = await alternate(options.rounds, {
    bare: async () => (await stage.procedure(200)).transfers_per_second,
    bare1000: async () => (await stage.procedure(ITEMS)).transfers_per_second,
    one: http(1),
    four: http(4),
  });
  report.figure(SCENARIO, 'sp_post_batch alone, 200 items', RATE, rates.bare);
  report.figure(SCENARIO, 'sp_post_batch alone, 1,000 items', RATE, rates.bare1000);
  report.figure(SCENARIO, 'POST /transactions/batch, 1,000 items, 1 connection', RATE, rates.one);
  report.figure(SCENARIO, 'POST /transactions/batch, 1,000 items, 4 connections', RATE, rates.four);
  report.note(`4 connections: ${phases}`);
  report.ratio(
    SCENARIO,
    'batches of 1,000 over HTTP against the bare procedure',
    pairedRatio(rates.four, rates.bare),
    0.6,
  );
  await stage.check();
}
