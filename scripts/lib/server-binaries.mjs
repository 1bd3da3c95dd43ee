import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { installWithApt, canInstallWithApt } from './apt.mjs';
import { Failure } from './failure.mjs';
import { installAdvice } from './install-advice.mjs';
import { runProgram } from './processes.mjs';

// Debian keeps mysqld out of a plain user's PATH, the makers' own packages below /usr/local, and Homebrew links none of
// its versioned formulas.
const MORE_FOLDERS = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/libexec',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/local/mysql/bin',
  '/opt/mysql/bin',
  '/opt/homebrew/bin',
  '/opt/homebrew/opt/mysql/bin',
  '/opt/homebrew/opt/mysql@8.4/bin',
  '/opt/homebrew/opt/mariadb/bin',
  '/usr/local/opt/mysql/bin',
  '/usr/local/opt/mysql@8.4/bin',
  '/usr/local/opt/mariadb/bin',
];

const MINIMUM = { MySQL: [8, 0, 19], MariaDB: [10, 6, 0] };

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first of these programs on this machine, or null. */
export function findProgram(names, folders = []) {
  const places = [...folders, ...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...MORE_FOLDERS];
  for (const name of names) {
    const found = places.map((folder) => join(folder, name)).find(isExecutable);
    if (found) return found;
  }
  return null;
}

/** The server program that MYSQLD names, or null when it names none. @throws Failure when there is no such program */
export function namedMysqld() {
  const named = process.env.MYSQLD;
  if (!named) return null;
  const path = named.includes('/') ? resolve(named) : findProgram([named]);
  if (path && isExecutable(path)) return path;
  throw new Failure(
    'MYSQLD must be the path of a MySQL or MariaDB server program (mysqld or mariadbd) that may be run.',
  );
}

function findMysqld() {
  return namedMysqld() ?? findProgram(['mysqld', 'mariadbd']);
}

function findRedis() {
  return findProgram(['redis-server', 'valkey-server']);
}

/** Reads "mysqld  Ver 8.0.43-0ubuntu0.22.04 for Linux …" or "mariadbd  Ver 10.11.14-MariaDB-0+deb12u2 for …". */
export function parseServerVersion(text) {
  const match = /Ver\s+(\d+)\.(\d+)\.(\d+)/i.exec(text);
  if (!match) return null;
  const flavour = /mariadb/i.test(text.slice(match.index)) ? 'MariaDB' : 'MySQL';
  const numbers = match.slice(1, 4).map(Number);
  return { flavour, version: numbers.join('.'), numbers };
}

function isOlder(numbers, minimum) {
  const at = numbers.findIndex((number, index) => number !== minimum[index]);
  return at >= 0 && numbers[at] < minimum[at];
}

async function describeMysqld(binary) {
  const lines = await runProgram(`${binary} --version`, binary, ['--no-defaults', '--version']);
  const found = lines.map(parseServerVersion).find(Boolean);
  if (!found) throw new Failure(`${binary} does not say which version of MySQL or MariaDB it is.`, { lines });
  const minimum = MINIMUM[found.flavour];
  if (isOlder(found.numbers, minimum)) {
    throw new Failure(
      `${binary} is ${found.flavour} ${found.version}; the bank needs ${found.flavour} ${minimum.join('.')} or newer. ` +
        'Name another server program with MYSQLD.',
    );
  }
  return { binary, ...found };
}

async function describeRedis(binary) {
  const lines = await runProgram(`${binary} --version`, binary, ['--version']);
  return { binary, version: /v=(\d+\.\d+\.\d+)/.exec(lines.join(' '))?.[1] ?? 'of unknown version' };
}

/**
 * Makes sure that the server programs which are needed are on the machine, installing them where that is possible.
 * @param {{ mysql: boolean, redis: boolean }} needs
 * @returns {Promise<{ mysql: { binary: string, flavour: string, version: string } | null, redis: object | null }>}
 */
export async function ensureServerBinaries(context, needs = { mysql: true, redis: true }) {
  const missing = () => [
    ...(needs.mysql && !findMysqld() ? ['mysql'] : []),
    ...(needs.redis && !findRedis() ? ['redis'] : []),
  ];
  const lacking = missing();
  if (lacking.length > 0) {
    if (!canInstallWithApt()) throw new Failure(installAdvice(lacking));
    await installWithApt(context, lacking);
    if (missing().length > 0) throw new Failure(installAdvice(missing()));
  }
  return {
    mysql: needs.mysql ? await describeMysqld(findMysqld()) : null,
    redis: needs.redis ? await describeRedis(findRedis()) : null,
  };
}
