import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fingerprint } from './fingerprint.mjs';
import { withLock } from './lock.mjs';
import { inRoot } from './paths.mjs';
import { runProgram } from './processes.mjs';

const STAMP = inRoot('node_modules', '.florin-installed');
export const SETUP_LOCK = inRoot('.setup.lock');

function wanted() {
  return fingerprint(['package-lock.json'], process.platform, process.arch);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** Whether what npm says it has installed is what the lock file asks for; packages of other platforms may be absent. */
function installedMatchesLock() {
  const installed = readJson(inRoot('node_modules', '.package-lock.json'))?.packages;
  const locked = readJson(inRoot('package-lock.json'))?.packages;
  if (!installed || !locked) return false;
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '') return true;
    const there = installed[path];
    return there
      ? there.version === entry.version
      : Boolean(entry.optional || entry.devOptional || entry.peer);
  });
}

function isInstalled() {
  if (!existsSync(inRoot('node_modules'))) return false;
  const stamp = wanted();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return true;
  if (!installedMatchesLock()) return false;
  writeFileSync(STAMP, stamp);
  return true;
}

/** How to call npm: the very npm that called us if one did, as PATH may hold another. */
export function npmCommand(args) {
  const npmCli = process.env.npm_execpath;
  return npmCli && /\.c?js$/.test(npmCli) ? [process.execPath, [npmCli, ...args]] : ['npm', args];
}

/** Installs the dependencies when they are missing or are not the ones of package-lock.json. */
export async function ensureDependencies({ progress, signal, onStart }) {
  if (isInstalled()) return;
  await progress.step('Installing the dependencies (npm ci)', (note) =>
    withLock(
      SETUP_LOCK,
      { signal, onWait: ({ pid }) => note(`waiting for process ${pid}, which does it too`) },
      async () => {
        if (isInstalled()) return;
        // The build needs the development dependencies, which npm leaves out when NODE_ENV says production.
        const [command, args] = npmCommand(['ci', '--include=dev', '--no-audit', '--no-fund']);
        // Its warnings are for developers of its own settings; when it fails they are shown with the rest.
        await runProgram('npm ci', command, args, { signal, onStart, onLine: note, onErrorLine: () => {} });
        writeFileSync(STAMP, wanted());
        note(null);
      },
    ),
  );
}
