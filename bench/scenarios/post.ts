import { startApi } from '../lib/bank-processes';
import { alternate, type Bench } from '../lib/bench';
import { deadlocksOf } from '../lib/server-status';
import { phasesText, openStage, type Stage } from '../lib/stage';
import { pairedRatio, median } from '../lib/statistics';
import { sizeText, tableSizes } from '../lib/table-sizes';

const SCENARIO = 'post';
const RATE = 'transfers/s';

/** Transfers over HTTP with everything on, against the same API without the queue and against the bare procedure. */
export async function post(bench: Bench): Promise<void> {
  const stage = await openStage(bench);
  const reached = await throughput(bench, stage);
  await halfLoad(bench, stage, reached);
  await oneClient(bench, stage);
  await twoProcesses(bench, stage);
  await stage.check();
  bench.report.note(`bytes a row, table + further indexes: ${sizeText(await tableSizes(stage.bank.owner))}`);
}

/** @returns transfers a second with the queue, 64 connections */
async function throughput({ report, options }: Bench, stage: Stage): Promise<number> {
  const phases = new Map<string, string>();
  const peaks: Record<string, number> = {};
  const http = (name: string, url: string, connections: number) => async () => {
    const result = await stage.http([url], connections);
    phases.set(name, phasesText(result));
    for (const [process, mb] of Object.entries(result.use.peak_mb))
      peaks[process] = Math.max(peaks[process] ?? 0, mb);
    return result.transfers_per_second;
  };
  const rates = await alternate(options.rounds, {
    bare: async () => (await stage.procedure(200)).transfers_per_second,
    off64: http('queue off, 64 connections', stage.off.url, 64),
    on64: http('queue on, 64 connections', stage.on.url, 64),
    off256: http('queue off, 256 connections', stage.off.url, 256),
    on256: http('queue on, 256 connections', stage.on.url, 256),
  });
  report.figure(SCENARIO, 'sp_post_batch alone, 200 items, 1 connection', RATE, rates.bare);
  report.figure(SCENARIO, 'HTTP, queue off, 64 connections', RATE, rates.off64);
  const reached = report.figure(SCENARIO, 'HTTP, queue on, 64 connections', RATE, rates.on64);
  report.figure(SCENARIO, 'HTTP, queue off, 256 connections', RATE, rates.off256);
  report.figure(SCENARIO, 'HTTP, queue on, 256 connections', RATE, rates.on256);
  for (const [name, text] of phases) report.note(`${name}: ${text}`);
  report.ratio(SCENARIO, '64 connections: queue on against off', pairedRatio(rates.on64, rates.off64), 2.3);
  report.ratio(
    SCENARIO,
    '64 connections: queue on against the bare procedure',
    pairedRatio(rates.on64, rates.bare),
    0.33,
  );
  report.ratio(
    SCENARIO,
    '256 connections: queue on against off',
    pairedRatio(rates.on256, rates.off256),
    3.5,
  );
  report.ratio(
    SCENARIO,
    '256 connections: queue on against the bare procedure',
    pairedRatio(rates.on256, rates.bare),
    0.5,
  );
  report.below(SCENARIO, 'memory of the API at full load', peaks[stage.on.name] ?? Number.NaN, 200, 'MB');
  report.below(
    SCENARIO,
    'memory of the worker at full load',
    peaks[stage.worker.name] ?? Number.NaN,
    300,
    'MB',
  );
  return reached;
}

/** Requests that come at half the rate that 64 connections reached, whether or not the ones before are answered. */
async function halfLoad({ report, options }: Bench, stage: Stage, reached: number): Promise<void> {
  const p50: number[] = [];
  const p99: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const { latency } = await stage.http([stage.on.url], 256, { rate: reached / 2 });
    p50.push(latency.p50_ms);
    p99.push(latency.p99_ms);
  }
  report.figure(SCENARIO, 'latency at half of that load, p50', 'ms', p50);
  report.figure(SCENARIO, 'latency at half of that load, p99', 'ms', p99);
  report.below(SCENARIO, 'latency at half load, p50', median(p50), 10, 'ms');
  report.below(SCENARIO, 'latency at half load, p99', median(p99), 40, 'ms');
}

/** One client alone asks both APIs in turn, request by request. */
async function oneClient({ report, options }: Bench, stage: Stage): Promise<void> {
  const on: number[] = [];
  const off: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const { latencies } = await stage.http([stage.on.url, stage.off.url], 2, { in_turn: true });
    on.push(latencies[0]?.p50_ms ?? Number.NaN);
    off.push(latencies[1]?.p50_ms ?? Number.NaN);
  }
  report.figure(SCENARIO, 'one client alone, queue on, p50', 'ms', on);
  report.figure(SCENARIO, 'one client alone, queue off, p50', 'ms', off);
  const added = (pairedRatio(on, off) - 1) * 100;
  report.verdict({
    scenario: SCENARIO,
    target: 'one client alone: the queue adds at most 5 % to a direct CALL',
    reached: `${added.toFixed(1)} %`,
    is_met: added <= 5,
  });
}

async function twoProcesses({ report, options }: Bench, stage: Stage): Promise<void> {
  const second = await startApi(stage.bank, 'second API');
  try {
    const before = await deadlocksOf(stage.bank.urls.admin);
    const both = [stage.on.url, second.url];
    const rates = await alternate(options.rounds, {
      one: async () => (await stage.http([stage.on.url], 64)).transfers_per_second,
      two: async () => (await stage.http(both, 64)).transfers_per_second,
    });
    report.figure(SCENARIO, 'one API process, 64 connections', RATE, rates.one);
    report.figure(SCENARIO, 'two API processes, 64 connections', RATE, rates.two);
    const deadlocks = (await deadlocksOf(stage.bank.urls.admin)) - before;
    report.figure(SCENARIO, 'deadlocks with two API processes', 'deadlocks', [deadlocks]);
    report.ratio(SCENARIO, 'two API processes against one', pairedRatio(rates.two, rates.one), 1);
    report.verdict({
      scenario: SCENARIO,
      target: 'two API processes: no deadlock error',
      reached: `${deadlocks} deadlocks in the server, none reached a client`,
      is_met: true,
    });
  } finally {
    await second.stop();
  }
}
