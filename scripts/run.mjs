/**
 * node scripts/run.mjs [--no-bank] <entry.js> [words...]: runs one of the bank's commands against the bank that runs on
 * BANK_DATA_DIR, or against DATABASE_URL when that is set. What is set up first is told on stderr, so that stdout holds
 * nothing but what the command prints. --no-bank is for commands that need no database.
 */
import { ensureBuild } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { bankEnvironment } from './lib/bank-environment.mjs';
import { loadDotEnv } from './lib/environment.mjs';
import { Failure, report } from './lib/failure.mjs';
import { exitCodeOf } from './lib/interrupts.mjs';
import { inRoot } from './lib/paths.mjs';
import { Progress } from './lib/progress.mjs';
import { spawn } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** In our own process group, so that a command may ask at the terminal and Ctrl-C reaches it as it would without us. */
function runInForeground(command, args, env) {
  const child = spawn(command, args, { stdio: 'inherit', env });
  // The terminal sends its Ctrl-C to the command as well; what arrives here alone is passed on.
  for (const name of SIGNALS)
    process.on(name, () => (name !== 'SIGINT' || !process.stdin.isTTY ? child.kill(name) : undefined));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  });
}

async function main(args) {
  const needsBank = args[0] !== '--no-bank';
  const [entry, ...words] = needsBank ? args : args.slice(1);
  if (!entry) throw new Failure('Usage: node scripts/run.mjs [--no-bank] <entry.js> [words...]');
  loadDotEnv();
  const context = { progress: new Progress(process.stderr, { quiet: true }) };
  const env = needsBank ? bankEnvironment() : process.env;
  await ensureDependencies(context);
  await ensureBuild(context);
  return runInForeground(process.execPath, [inRoot(entry), ...words], env);
}

process.exitCode = await main(process.argv.slice(2)).catch((error) => report(error));
