import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { BankFolder } from './bank-state.mjs';
import { Bank } from './bank.mjs';
import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { launchSettings, loadDotEnv } from './environment.mjs';
import { Failure, report } from './failure.mjs';
import { interruptSignal, untilAborted } from './interrupts.mjs';
import { inRoot } from './paths.mjs';
import { freePort, portProblem } from './ports.mjs';
import { Progress } from './progress.mjs';
import { ensureServerBinaries } from './server-binaries.mjs';

const FREED_WITHIN_MS = 3_000;

/** Says before the long steps, not after them, that the API will find its place taken. */
async function chooseApiPort({ apiHost, apiPort }, lastPort) {
  if (apiPort === 0) return lastPort && !(await portProblem(lastPort, apiHost)) ? lastPort : freePort();
  const untilMs = Date.now() + FREED_WITHIN_MS;
  for (;;) {
    const problem = await portProblem(apiPort, apiHost);
    if (!problem) return apiPort;
    // A bank that has just been stopped may need a moment to let go of its port.
    if (Date.now() < untilMs && problem === 'EADDRINUSE') await sleep(200);
    else throw new Failure(apiPortAdvice(problem));
  }
}

function apiPortAdvice(problem) {
  if (problem === 'EADDRINUSE')
    return 'API_PORT: the port is already in use by another program. Choose another one, as in API_PORT=8080 npm start.';
  if (problem === 'EACCES') return 'API_PORT: this port may only be used by root. Choose one from 1024 on.';
  return `API_HOST, API_PORT: the API cannot listen there (${problem}).`;
}

async function endLeftovers(folder, progress) {
  if (!folder.abandoned) return;
  await progress.step('Cleaning up after a bank that was killed', async (note) => {
    const ended = await folder.endLeftovers(note);
    note(ended > 0 ? `ended ${ended} processes` : 'nothing was left running');
  });
}

/**
 * Asks the API's own schema before any server is started. What the launcher makes itself stands in for what is not set.
 * @throws Failure naming the keys and the rules
 */
async function checkEnvironment() {
  const { loadEnvironment } = await import(pathToFileURL(inRoot('dist/src/config/environment.js')).href);
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const secret = randomBytes(32).toString('hex');
  const made = {
    DATABASE_URL: 'mysql://127.0.0.1/florin',
    REDIS_URL: 'redis://127.0.0.1',
    JWT_SECRET: secret,
    CURSOR_SECRET: secret,
  };
  try {
    loadEnvironment({ ...made, ...given });
  } catch (error) {
    throw new Failure(error.message);
  }
}

async function run(folder, settings, { progress, signal }) {
  await endLeftovers(folder, progress);
  const apiPort = await chooseApiPort(settings, folder.ports.api);
  // Everything that is started is written down, so that the next start finds it should this one be killed.
  const context = { progress, signal, onStart: (running) => folder.saveChild(running) };
  // First what only the user may be able to mend, so that nobody waits for a build to be told of it.
  await ensureServerBinaries(context, { mysql: !settings.databaseUrl, redis: !settings.redisUrl });
  await ensureDependencies(context);
  await ensureBuild(context);
  await checkEnvironment();
  const bank = new Bank(folder, { ...settings, apiPort }, context);
  try {
    await bank.open();
    const failure = await Promise.race([bank.gaveUp, untilAborted(signal)]);
    if (failure) throw failure;
  } catch (error) {
    // Before the servers stop, so that the cause stands above the lines that tell of that.
    throw new Reported(report(error, (line) => progress.print(line)));
  } finally {
    await bank.close();
  }
}

class Reported extends Error {
  constructor(exitCode) {
    super('already reported');
    this.exitCode = exitCode;
  }
}

/** Runs a bank from its set-up to its orderly end. */
export async function launch() {
  const progress = new Progress();
  const signal = interruptSignal({
    onFirst: () => progress.print('Stopping the bank.'),
    onAgain: () => progress.print('Already stopping: what was acknowledged is being brought to safety.'),
  });
  let folder;

  try {
    loadDotEnv();
    process.env.NODE_ENV ||= 'development';
    const settings = launchSettings();
    folder = new BankFolder(settings.dataFolder);
    await run(folder, settings, { progress, signal });

    progress.print('The bank is closed. npm start opens it again with the same data.');
  } catch (error) {
    process.exitCode =
      error instanceof Reported ? error.exitCode : report(error, (line) => progress.print(line));
  } finally {
    folder?.release();
  }
}
