/**
 * npm run check [-- --no-tests]: what CI runs. Format, lint, types, import rules, generated files unchanged, tests; it ends
 * at the first step that fails, with a summary of what was run.
 */
import { existsSync, readFileSync } from 'node:fs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { Failure, report } from './lib/failure.mjs';
import { exitCodeOf, interruptSignal } from './lib/interrupts.mjs';
import { inRoot } from './lib/paths.mjs';
import { startProcess, stopProcess } from './lib/processes.mjs';
import { Progress } from './lib/progress.mjs';

const IMPORT_RULES = '.dependency-cruiser.cjs';
const GENERATED = ['openapi.json', 'docs/errors.md'];
// The folders whose imports the rules speak of; those that do not exist yet are left out.
const RULED = ['src', 'worker', 'migrations', 'seeds', 'bench'];

function tool(...path) {
  return [process.execPath, inRoot('node_modules', ...path)];
}

function steps(words) {
  const ruled = RULED.filter((folder) => existsSync(inRoot(folder)));
  return [
    { name: 'lock file', command: [process.execPath, inRoot('scripts', 'complete-lockfile.mjs'), '--check'] },
    { name: 'licences', command: [process.execPath, inRoot('scripts', 'sbom.mjs'), '--check'] },
    { name: 'format', command: [...tool('prettier', 'bin', 'prettier.cjs'), '--check', '.'] },
    { name: 'lint', command: [...tool('eslint', 'bin', 'eslint.js'), '.'] },
    { name: 'types', command: [...tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'tsconfig.json'] },
    existsSync(inRoot(IMPORT_RULES)) && {
      name: 'import rules',
      command: [
        ...tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
        '--config',
        IMPORT_RULES,
        ...ruled,
      ],
    },
    {
      name: 'generated files',
      command: [process.execPath, inRoot('scripts', 'run.mjs'), '--no-bank', 'dist/src/cli/generate.js'],
      unchanged: GENERATED,
    },
    !words.includes('--no-tests') && {
      name: 'tests',
      command: [process.execPath, inRoot('scripts', 'test.mjs'), ...words],
    },
  ].filter(Boolean);
}

function contents(files) {
  return files.map((file) => (existsSync(inRoot(file)) ? readFileSync(inRoot(file), 'utf8') : null));
}

/** Runs a step, and compares what it may not change: with itself, so that it also says something before a commit. */
async function runStep(step, context) {
  const before = contents(step.unchanged ?? []);
  const code = await runCommand(step, context);
  const after = contents(step.unchanged ?? []);
  const changed = (step.unchanged ?? []).filter((_, index) => before[index] !== after[index]);
  if (code !== 0 || changed.length === 0) return code;
  context.progress.print(
    `npm run generate has changed ${changed.join(' and ')}: look at the change and commit it.`,
  );
  return 1;
}

async function runCommand({ command: [program, ...args] }, { signal }) {
  const running = startProcess(program, program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const onAbort = () => void stopProcess(running, { graceMs: 30_000 });
  signal.addEventListener('abort', onAbort, { once: true });
  const { code, signal: killedBy, error } = await running.exited;
  signal.removeEventListener('abort', onAbort);
  if (error) throw new Failure(`${program} could not be run: ${error.message}.`);
  return code ?? exitCodeOf(killedBy);
}

async function main(words) {
  const progress = new Progress();
  const signal = interruptSignal({ onAgain: () => progress.print('Already stopping.') });
  const context = { progress, signal };
  await ensureDependencies(context);
  const done = [];
  for (const step of steps(words)) {
    progress.print(`\n== ${step.name}`);
    const startedMs = Date.now();
    const code = await runStep(step, context);
    done.push(
      `${code === 0 ? 'ok    ' : 'failed'} ${step.name} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)`,
    );
    if (code === 0) continue;
    progress.print(`\n${done.join('\n')}`);
    progress.print(`The check ended at "${step.name}".`);
    return code;
  }
  progress.print(`\n${done.join('\n')}`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error) => report(error));
