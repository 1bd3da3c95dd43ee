/**
 * npm run bench [-- post hot batch import score feed read integrity peers] [--seconds=3] [--rounds=3] [--full] [--quick]
 *
 * Sets everything up, starts a private MySQL (or MariaDB, as MYSQLD says) and Redis with fresh data in a temporary folder,
 * runs the scenarios of bench/scenarios against them and stops everything again. Without names all scenarios run, which
 * takes less than ten minutes, and docs/performance.md is written anew.
 */
import { totalmem } from 'node:os';
import { ensureBuild } from '../scripts/lib/build.mjs';
import { ensureDependencies } from '../scripts/lib/dependencies.mjs';
import { BANK_KEYS } from '../scripts/lib/environment.mjs';
import { report } from '../scripts/lib/failure.mjs';
import { exitCodeOf, interruptSignal } from '../scripts/lib/interrupts.mjs';
import { inRoot } from '../scripts/lib/paths.mjs';
import { startProcess, stopProcess } from '../scripts/lib/processes.mjs';
import { Progress } from '../scripts/lib/progress.mjs';
import { ensureServerBinaries } from '../scripts/lib/server-binaries.mjs';
import { startTemporaryServers } from '../scripts/lib/temporary-servers.mjs';
import { translateBench } from '../scripts/lib/translate.mjs';

const GIBIBYTE = 2 ** 30;

/** Memory for the server's pages: what the caller says, else 2 GiB where the machine has plenty. */
function bufferPool() {
  return process.env.MYSQL_BUFFER_POOL || (totalmem() > 8 * GIBIBYTE ? '2G' : '512M');
}

function environment(servers) {
  const env = { ...process.env };
  for (const key of BANK_KEYS) delete env[key];
  return {
    ...env,
    BENCH_DATABASE_URL: servers.env.TEST_DATABASE_URL,
    BENCH_REDIS_URL: servers.env.TEST_REDIS_URL,
    BENCH_DATABASE_PID: String(servers.mysql.pid),
    BENCH_REDIS_PID: String(servers.redis.pid),
    BENCH_DATABASE_NAME: `${servers.mysql.flavour} ${servers.mysql.version}`,
    BENCH_FOLDER: servers.folder,
  };
}

async function runScenarios(servers, args, signal) {
  const main = startProcess(
    'the benchmark',
    process.execPath,
    [inRoot('dist', 'bench', 'main.js'), ...args],
    {
      env: environment(servers),
    },
  );
  const onAbort = () => void stopProcess(main, { graceMs: 20_000 });
  signal.addEventListener('abort', onAbort, { once: true });
  const { code, signal: killedBy } = await main.exited;
  // Nothing of a run may outlive it, and the group holds all that it started.
  await stopProcess(main, { graceMs: 0 });
  return code ?? exitCodeOf(killedBy);
}

async function main(args) {
  const progress = new Progress();
  const signal = interruptSignal({ onAgain: () => progress.print('Already stopping.') });
  const context = { progress, signal };
  process.env.MYSQL_BUFFER_POOL = bufferPool();
  await ensureServerBinaries(context);
  await ensureDependencies(context);
  await ensureBuild(context);
  await translateBench();
  const servers = await startTemporaryServers(context);
  try {
    return await runScenarios(servers, args, signal);
  } finally {
    await progress.step('Stopping the servers', () => servers.stop());
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error) => report(error));
