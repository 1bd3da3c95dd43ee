import { setTimeout as sleep } from 'node:timers/promises';
import { startWorker } from '../lib/bank-processes';
import type { Bench } from '../lib/bench';
import { fill } from '../lib/fill';
import { backlogOf, untilQuiet } from '../lib/settle';
import { openStage, phasesText, type Stage } from '../lib/stage';
import { latencyOf } from '../lib/statistics';

const SCENARIO = 'score';
const FULL_LOAD_SECONDS = 15;
const HALF_LOAD_SECONDS = 8;
/** Counting the backlog takes time of the server that is being measured. */
const SAMPLE_MS = 3_000;
const WAITING_TRANSACTIONS = 20_000;

/** From the outbox row to the verdict in the database. */
export async function score(bench: Bench): Promise<void> {
  const stage = await openStage(bench);
  const reached = await fullLoad(bench, stage);
  await halfLoad(bench, stage, reached);
  await catchingUp(bench, stage);
  await stage.check();
}

interface Sample {
  seconds: number;
  posted: number;
  backlog: number;
}

/** As much load over HTTP as 64 connections bring, without a pause for the worker. @returns transfers a second */
async function fullLoad({ report }: Bench, stage: Stage): Promise<number> {
  const { bank } = stage;
  await untilQuiet(bank);
  const samples: Sample[] = [];
  let isOver = false;
  const startedAt = performance.now();
  const sampling = (async () => {
    while (!isOver) {
      const backlog = await backlogOf(bank);
      const [row] = await bank.owner.query<{ posted: string }>(
        'SELECT MAX(transaction_id) AS posted FROM transactions',
      );
      samples.push({ seconds: (performance.now() - startedAt) / 1000, posted: Number(row?.posted), backlog });
      await sleep(SAMPLE_MS);
    }
  })();
  const result = await stage.http([stage.on.url], 64, { seconds: FULL_LOAD_SECONDS });
  isOver = true;
  await sampling;
  const drained = await untilQuiet(bank);
  const share = scoredShare(samples);
  report.figure(SCENARIO, 'HTTP, queue on, 64 connections, for 15 s', 'transfers/s', [
    result.transfers_per_second,
  ]);
  report.figure(SCENARIO, 'largest backlog of verdicts meanwhile', 'transactions', [
    Math.max(...samples.map(({ backlog }) => backlog)),
  ]);
  report.figure(SCENARIO, 'time until the backlog was gone afterwards', 's', [drained]);
  report.note(`full load: ${phasesText(result)}`);
  report.note(`backlog every three seconds: ${samples.map(({ backlog }) => backlog).join(', ')}`);
  report.ratio(SCENARIO, 'full load: verdicts against postings in the second half', share, 0.95);
  report.below(
    SCENARIO,
    'memory of the API at full load',
    result.use.peak_mb[stage.on.name] ?? Number.NaN,
    200,
    'MB',
  );
  report.below(
    SCENARIO,
    'memory of the worker at full load',
    result.use.peak_mb[stage.worker.name] ?? Number.NaN,
    300,
    'MB',
  );
  return result.transfers_per_second;
}

/** Verdicts written for each transaction posted, in the second half: 1 when the backlog no longer grows. */
function scoredShare(samples: readonly Sample[]): number {
  const from = samples[Math.floor(samples.length / 2)];
  const to = samples.at(-1);
  if (!from || !to || to.posted === from.posted) return Number.NaN;
  const posted = to.posted - from.posted;
  return (posted - (to.backlog - from.backlog)) / posted;
}

async function halfLoad({ report }: Bench, stage: Stage, reached: number): Promise<void> {
  const { bank } = stage;
  await untilQuiet(bank);
  const [before] = await bank.owner.query<{ newest: string }>(
    'SELECT MAX(transaction_id) AS newest FROM transactions',
  );
  await stage.http([stage.on.url], 256, { rate: reached / 2, seconds: HALF_LOAD_SECONDS });
  await untilQuiet(bank);
  const rows = await bank.owner.query<{ lag_us: string }>(
    `SELECT TIMESTAMPDIFF(MICROSECOND, t.posted_at, s.scored_at) AS lag_us
     FROM transactions t JOIN transaction_risk_scores s ON s.transaction_id = t.transaction_id
     WHERE t.transaction_id > ?`,
    [before?.newest],
  );
  const lag = latencyOf(rows.map((row) => Number(row.lag_us) / 1000));
  report.figure(SCENARIO, 'posting to verdict at half load, p50', 'ms', [lag.p50_ms]);
  report.figure(SCENARIO, 'posting to verdict at half load, p95', 'ms', [lag.p95_ms]);
  report.below(SCENARIO, 'posting to verdict at half load, p95', lag.p95_ms, 1_000, 'ms');
}

/** What a worker makes of a full outbox when nothing else goes on. */
async function catchingUp({ report }: Bench, stage: Stage): Promise<void> {
  const { bank } = stage;
  await untilQuiet(bank);
  await stage.worker.stop();
  await fill(bank, WAITING_TRANSACTIONS);
  stage.worker = await startWorker(bank);
  const seconds = await untilQuiet(bank);
  report.figure(SCENARIO, 'worker alone on a full outbox', 'verdicts/s', [WAITING_TRANSACTIONS / seconds]);
}
