/**
 * npm run fuzz [-- --minutes 30] [-- --seed N [--path P]] [-- --runs N]: random histories of postings against the model of the bank in
 * test/model, on a private server with fresh data. Without words it does what npm test does of it; --minutes goes on with new seeds until
 * the time is over; --seed and --path repeat what a failure printed. MYSQLD says which server program to use.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Failure, report } from './lib/failure.mjs';
import { exitCodeOf } from './lib/interrupts.mjs';
import { inRoot } from './lib/paths.mjs';

const WORDS = {
  minutes: /^\d+(\.\d+)?$/,
  seed: /^-?\d+$/,
  path: /^\d+(:\d+)*$/,
  runs: /^\d+$/,
};

function settings(args) {
  const { values } = parseArgs({
    args,
    options: Object.fromEntries(Object.keys(WORDS).map((word) => [word, { type: 'string' }])),
  });
  for (const [word, value] of Object.entries(values))
    if (!WORDS[word].test(value)) throw new Failure(`--${word} does not take ${JSON.stringify(value)}.`);
  if (values.path && !values.seed) throw new Failure('--path needs the --seed that was printed with it.');
  return Object.fromEntries(
    Object.entries(values).map(([word, value]) => [`FUZZ_${word.toUpperCase()}`, value]),
  );
}

function main(args) {
  const child = spawn(process.execPath, [inRoot('scripts', 'test.mjs'), 'test/model/model.spec.ts'], {
    stdio: 'inherit',
    env: { ...process.env, ...settings(args) },
  });
  // The terminal sends its Ctrl-C to both of us: the tests end in good order, and we after them.
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = report(error);
}
