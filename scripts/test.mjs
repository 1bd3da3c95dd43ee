/**
 * npm test [-- jest's words]: all set-up, then Jest against a private MySQL (or MariaDB) and Redis with fresh data in a
 * temporary folder, beside a running bank if there is one. MYSQLD says which server program to use.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { BANK_KEYS } from './lib/environment.mjs';
import { Interrupted, report } from './lib/failure.mjs';
import { exitCodeOf, interruptSignal } from './lib/interrupts.mjs';
import { inRoot } from './lib/paths.mjs';
import { startProcess, stopProcess } from './lib/processes.mjs';
import { Progress } from './lib/progress.mjs';
import { ensureServerBinaries } from './lib/server-binaries.mjs';
import { startTemporaryServers } from './lib/temporary-servers.mjs';

/** A bank that the caller's shell points at must not be what the tests write to. */
function testEnvironment(servers) {
  const env = { ...process.env, ...servers.env, NODE_ENV: 'test' };
  for (const key of BANK_KEYS) delete env[key];
  return env;
}

/** With a pattern somebody works on a part of the tree, whose tests need no build of all of it; most of them none. */
async function build(context, isWholeRun) {
  try {
    await ensureBuild(context);
  } catch (error) {
    if (isWholeRun || error instanceof Interrupted) throw error;
    report(error);
    context.progress.print(
      'The tests run all the same; those that start programs from dist/ meet an older build or none.',
    );
  }
}

async function runJest(servers, args, { signal }) {
  const results = join(servers.folder, 'results.json');
  const jestArgs = [
    inRoot('node_modules', 'jest', 'bin', 'jest.js'),
    '--json',
    `--outputFile=${results}`,
    ...args,
  ];
  // The normal report goes to stderr with --json; of what is left for stdout only these words' answers are wanted.
  const wantsStdout = args.some((arg) => /^--(listTests|showConfig|help|version|coverage)/.test(arg));
  const jest = startProcess('Jest', process.execPath, jestArgs, {
    env: testEnvironment(servers),
    stdio: ['ignore', wantsStdout ? 'inherit' : 'ignore', 'inherit'],
  });
  const onAbort = () => void stopProcess(jest, { graceMs: 10_000 });
  signal.addEventListener('abort', onAbort, { once: true });
  const { code, signal: killedBy } = await jest.exited;
  signal.removeEventListener('abort', onAbort);
  // Workers of a Jest that was told to leave at once may linger; nothing of a test run may outlive it.
  await stopProcess(jest, { graceMs: 0 });
  return {
    code: code ?? exitCodeOf(killedBy),
    results: existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : null,
  };
}

/** A suite that could not even be loaded counts as one failure, as it holds no test that could be counted. */
function summary(results) {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return `${results.numPassedTests} passed, ${failed} failed`;
}

async function main(args) {
  const progress = new Progress();
  const signal = interruptSignal({ onAgain: () => progress.print('Already stopping.') });
  const context = { progress, signal };
  await ensureServerBinaries(context);
  await ensureDependencies(context);
  await build(context, args.length === 0);
  const servers = await startTemporaryServers(context);
  progress.print(
    `Testing on ${servers.mysql.flavour} ${servers.mysql.version} (${servers.mysql.binary}) and Redis ${servers.redis.version}.`,
  );
  let outcome;
  try {
    outcome = await runJest(servers, args, context);
  } finally {
    await progress.step('Stopping the test servers', () => servers.stop());
  }
  if (outcome.results) progress.print(`\n${summary(outcome.results)}`);
  return signal.aborted ? exitCodeOf(signal.reason) : outcome.code;
}

process.exitCode = await main(process.argv.slice(2)).catch((error) => report(error));
