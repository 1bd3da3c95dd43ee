/**
 * npm run bench:fraud -- DIR [--save]
 *
 * Builds, then evaluates the fraud model on the public sets in DIR (bench/fraud/main.ts says which). It needs no servers.
 */
import { ensureBuild } from '../../scripts/lib/build.mjs';
import { ensureDependencies } from '../../scripts/lib/dependencies.mjs';
import { report } from '../../scripts/lib/failure.mjs';
import { exitCodeOf, interruptSignal } from '../../scripts/lib/interrupts.mjs';
import { inRoot } from '../../scripts/lib/paths.mjs';
import { startProcess, stopProcess } from '../../scripts/lib/processes.mjs';
import { Progress } from '../../scripts/lib/progress.mjs';
import { translateBench } from '../../scripts/lib/translate.mjs';

async function main(args) {
  const progress = new Progress();
  const signal = interruptSignal({ onAgain: () => progress.print('Already stopping.') });
  const context = { progress, signal };
  await ensureDependencies(context);
  await ensureBuild(context);
  await translateBench();
  const evaluation = startProcess('the evaluation', process.execPath, [
    inRoot('dist', 'bench', 'fraud', 'main.js'),
    ...args,
  ]);
  signal.addEventListener('abort', () => void stopProcess(evaluation, { graceMs: 0 }), { once: true });
  const { code, signal: killedBy } = await evaluation.exited;
  return code ?? exitCodeOf(killedBy);
}

process.exitCode = await main(process.argv.slice(2)).catch((error) => report(error));
