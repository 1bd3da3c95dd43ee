import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Whether the kernel confines a program to its packager's folders, as Ubuntu does with /usr/sbin/mysqld. The kernel's
 * list is for root only; for others a profile below /etc that is not disabled is reason enough to step aside.
 */
export function isConfined(
  binary,
  { kernelList = '/sys/kernel/security/apparmor/profiles', etc = '/etc/apparmor.d' } = {},
) {
  try {
    return readFileSync(kernelList, 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${binary} (`) && !line.includes('(unconfined)'));
  } catch (error) {
    if (error.code === 'ENOENT') return false;
  }
  const name = binary.slice(1).replaceAll('/', '.');
  if (existsSync(join(etc, 'disable', name))) return false;
  try {
    return readFileSync(join(etc, name), 'utf8')
      .split('\n')
      .some((line) => !line.trimStart().startsWith('#') && line.includes(binary) && line.includes('{'));
  } catch {
    return false;
  }
}

/**
 * A server program that may work below the data folder: the one given, or, where a profile goes by its path, a copy.
 * @returns {{ binary: string, extra: string[] }} extra: what a copy must be told, as it finds its files by its own place
 */
export function unconfined(binary, folder) {
  const real = realpathSync(binary);
  if (process.platform !== 'linux' || !(isConfined(binary) || isConfined(real))) return { binary, extra: [] };
  const copy = join(folder, 'server', basename(real));
  const { mtime, atime, size } = statSync(real);
  const there = statSync(copy, { throwIfNoEntry: false });
  if (!there || there.size !== size || there.mtimeMs !== mtime.getTime()) {
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(real, copy);
    chmodSync(copy, 0o755);
    utimesSync(copy, atime, mtime);
  }
  return { binary: copy, extra: [`--basedir=${dirname(dirname(real))}`] };
}
