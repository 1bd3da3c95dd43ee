import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder: every path of the launcher starts here, whatever folder it was called from. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** An absolute path of something in the repository. */
export function inRoot(...parts) {
  return resolve(ROOT, ...parts);
}
