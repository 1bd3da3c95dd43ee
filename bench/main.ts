import { Bench } from './lib/bench';
import { machine } from './lib/machine';
import { Report, wordOf } from './lib/report';
import { writeResults } from './lib/results';
import { serversFromEnvironment } from './lib/servers';
import { closeStage } from './lib/stage';
import { parseOptions, type ScenarioName } from './options';
import { batch } from './scenarios/batch';
import { feed } from './scenarios/feed';
import { hot } from './scenarios/hot';
import { http } from './scenarios/http';
import { importing } from './scenarios/import';
import { integrity } from './scenarios/integrity';
import { peers } from './scenarios/peers';
import { post } from './scenarios/post';
import { read } from './scenarios/read';
import { score } from './scenarios/score';

const RUN: Record<ScenarioName, (bench: Bench) => Promise<void>> = {
  post,
  hot,
  peers,
  batch,
  import: importing,
  score,
  feed,
  read,
  integrity,
  http,
};

/** Scenarios that share one running bank. */
const STAGED: readonly ScenarioName[] = ['post', 'hot', 'batch', 'score'];

/** On a slow or busy machine the scenarios that are left are measured once only, so that a run stays bounded. */
const HURRY_AFTER_MS = 6 * 60_000;

/** Runs the scenarios one after the other; one that fails has no figures, and the exit code says so. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const servers = serversFromEnvironment();
  const report = new Report();
  const place = machine(servers);
  report.print(`${place.cpu}, ${place.cores} cores, ${place.memory_gb} GB; ${place.database}, ${place.node}`);
  const startedAt = performance.now();
  const failed: string[] = [];
  const lastStaged = options.scenarios.filter((name) => STAGED.includes(name)).at(-1);
  for (const name of options.scenarios) {
    const bench = new Bench(servers, options, report);
    const marks = [report.figures.length, report.verdicts.length] as const;
    const scenarioStartedAt = performance.now();
    if (options.rounds > 1 && options.is_complete && scenarioStartedAt - startedAt > HURRY_AFTER_MS) {
      options.rounds = 1;
      report.note('from here on one round only: the machine is slow or busy');
    }
    report.print(`\n${name}`);
    try {
      await RUN[name](bench);
    } catch (error) {
      report.figures.length = marks[0];
      report.verdicts.length = marks[1];
      failed.push(name);
      report.print(
        `  FAILED, so it has no figures: ${error instanceof Error ? error.message : String(error)}`,
      );
      await closeStage().catch(() => undefined);
      await bench.abandon();
    }
    if (name === lastStaged) await closeStage();
    report.print(`  ${((performance.now() - scenarioStartedAt) / 1000).toFixed(0)} s`);
  }
  const minutes = (performance.now() - startedAt) / 60_000;
  report.print(`\nTargets (${minutes.toFixed(1)} minutes)`);
  for (const { target, reached, is_met } of report.verdicts)
    report.print(`  ${wordOf(is_met).padEnd(8)} ${target}: ${reached}`);
  const written = await writeResults(report, place, { options, minutes, failed });
  for (const file of written) report.print(`Written: ${file}`);
  return failed.length > 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${process.env.DEBUG ? error.stack : error.message}\n`);
    process.exit(1);
  },
);
