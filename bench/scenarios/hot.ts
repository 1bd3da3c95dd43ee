import { alternate, type Bench } from '../lib/bench';
import { phasesText, openStage } from '../lib/stage';
import { pairedRatio } from '../lib/statistics';

const SCENARIO = 'hot';
const RATE = 'transfers/s';

/** One side of every transfer is the same account, in half of them the sender, in half the receiver. */
export async function hot(bench: Bench): Promise<void> {
  const { report, options } = bench;
  const stage = await openStage(bench);
  const phases = new Map<string, string>();
  const http = (name: string, url: string, workload: 'spread' | 'hot') => async () => {
    const result = await stage.http([url], 64, { workload });
    phases.set(name, phasesText(result));
    return result.transfers_per_second;
  };
  const rates = await alternate(options.rounds, {
    spread: http('10,000 accounts', stage.on.url, 'spread'),
    hot: http('hot account', stage.on.url, 'hot'),
    off: http('hot account, queue off', stage.off.url, 'hot'),
    bare: async () => (await stage.procedure(200, 'hot')).transfers_per_second,
  });
  report.figure(SCENARIO, 'HTTP, queue on, 64 connections, 10,000 accounts', RATE, rates.spread);
  report.figure(SCENARIO, 'HTTP, queue on, 64 connections, one hot account', RATE, rates.hot);
  report.figure(SCENARIO, 'HTTP, queue off, 64 connections, one hot account', RATE, rates.off);
  report.figure(SCENARIO, 'sp_post_batch alone, 200 items, one hot account', RATE, rates.bare);
  for (const [name, text] of phases) report.note(`${name}: ${text}`);
  report.ratio(SCENARIO, 'hot account against 10,000 accounts', pairedRatio(rates.hot, rates.spread), 0.9);
  report.ratio(SCENARIO, 'hot account: queue on against off', pairedRatio(rates.hot, rates.off), 6);
  report.verdict({
    scenario: SCENARIO,
    target: 'hot account: no error reaches a client',
    reached: 'none',
    is_met: true,
  });
  await stage.check();
}
