import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SETUP_LOCK, npmCommand } from './dependencies.mjs';
import { filesBelow, fingerprint } from './fingerprint.mjs';
import { withLock } from './lock.mjs';
import { inRoot } from './paths.mjs';
import { runProgram } from './processes.mjs';

const STAMP = inRoot('dist', '.florin-built');
const SOURCES = [
  'src',
  'worker',
  'migrations',
  'seeds',
  'nest-cli.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

function sourceFingerprint() {
  const files = SOURCES.flatMap((source) => filesBelow(inRoot(source))).filter(
    (file) => !file.endsWith('.spec.ts'),
  );
  return fingerprint(files);
}

function isBuilt(wanted) {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted;
}

/** Removes what was compiled from sources that are gone: a migration that was renamed must not run twice. */
function removeOrphans() {
  for (const file of filesBelow(inRoot('dist'))) {
    const source = /^dist\/(.+)\.(?:js|js\.map|d\.ts)$/.exec(file)?.[1];
    if (source && !existsSync(inRoot(`${source}.ts`))) rmSync(inRoot(file), { force: true });
  }
}

/** Builds the TypeScript sources into dist/ when they have changed since the last build. */
export async function ensureBuild({ progress, signal, onStart }) {
  if (isBuilt(sourceFingerprint())) return;
  await progress.step('Building (npm run build)', (note) =>
    withLock(
      SETUP_LOCK,
      { signal, onWait: ({ pid }) => note(`waiting for process ${pid}, which does it too`) },
      async () => {
        const wanted = sourceFingerprint();
        if (isBuilt(wanted)) return;
        rmSync(STAMP, { force: true });
        // The compiler's memory of what is up to date is worthless when its output was taken away.
        if (!existsSync(inRoot('dist', 'src'))) rmSync(inRoot('dist', '.tsbuildinfo'), { force: true });
        const [command, args] = npmCommand(['run', '--silent', 'build']);
        await runProgram('npm run build', command, args, { signal, onStart, onLine: note });
        removeOrphans();
        mkdirSync(inRoot('dist'), { recursive: true });
        writeFileSync(STAMP, wanted);
        note(null);
      },
    ),
  );
}
