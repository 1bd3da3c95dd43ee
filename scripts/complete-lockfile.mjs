/**
 * node scripts/complete-lockfile.mjs [--check]: adds to package-lock.json the optional packages of other platforms that it lacks.
 *
 * Programs such as the compiler come as one optional package a platform. A lock file that is made where the registry does
 * not serve all of them leaves the rest out, and `npm ci` then refuses it everywhere. Their names say for which system and
 * processor they are, so that the entries can be written without asking. --check only says whether any is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Failure, report } from './lib/failure.mjs';
import { inRoot } from './lib/paths.mjs';

const LOCK_FILE = inRoot('package-lock.json');
const PLATFORM =
  /-(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/;

function platformOf(name) {
  const [, os, cpu, abi = ''] = PLATFORM.exec(name) ?? [];
  if (!os) return null;
  const libc = abi.startsWith('gnu') ? ['glibc'] : abi.startsWith('musl') ? ['musl'] : null;
  return { cpu: [cpu], os: [os], ...(libc && os === 'linux' ? { libc } : {}) };
}

/** The entries that the lock file lacks, by their paths. */
function missingEntries(packages) {
  const missing = {};
  for (const owner of Object.values(packages)) {
    for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (packages[path] || !platform || !/^\d/.test(version)) continue;
      missing[path] = { version, ...(owner.dev ? { dev: true } : {}), optional: true, ...platform };
    }
  }
  return missing;
}

function main(words) {
  const lock = JSON.parse(readFileSync(LOCK_FILE, 'utf8'));
  const missing = missingEntries(lock.packages);
  const names = Object.keys(missing).map((path) => path.replace('node_modules/', ''));
  if (names.length === 0) {
    console.log('package-lock.json lists the packages of every platform.');
  } else if (words.includes('--check')) {
    throw new Failure(
      'package-lock.json lacks packages of other platforms: node scripts/complete-lockfile.mjs adds them.',
      {
        lines: names,
      },
    );
  } else {
    const entries = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) =>
      a.localeCompare(b, 'en'),
    );
    lock.packages = Object.fromEntries(entries);
    writeFileSync(LOCK_FILE, `${JSON.stringify(lock, null, 2)}\n`);
    console.log(`Added ${names.length} packages of other platforms to package-lock.json.`);
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.exitCode = report(error);
}
