import { relative } from 'node:path';
import { runningBank } from './bank-state.mjs';
import { withDatabaseName } from './database-urls.mjs';
import { BANK_KEYS, dataFolder, setting } from './environment.mjs';
import { Failure } from './failure.mjs';
import { ROOT } from './paths.mjs';

/**
 * The environment for a command that works on a bank: the running bank's, unless DATABASE_URL names another database.
 * @throws Failure when there is neither
 */
export function bankEnvironment() {
  const folder = dataFolder();
  const bank = runningBank(folder);
  const given = setting('DATABASE_URL');
  const isOther = given && URL.canParse(given) && withDatabaseName(given) !== bank?.DATABASE_URL;
  if (isOther) return { ...process.env, DATABASE_URL: withDatabaseName(given) };
  if (!bank) {
    throw new Failure(
      `No bank runs on ${relative(ROOT, folder) || folder}. Start one with npm start in another terminal, ` +
        'name its folder with BANK_DATA_DIR, or name a database with DATABASE_URL.',
    );
  }
  const own = Object.fromEntries(BANK_KEYS.filter((key) => bank[key]).map((key) => [key, bank[key]]));
  return { ...process.env, ...own, BANK_DATA_DIR: folder };
}
