import { Keyring, parseDataKeys } from '../crypto/keyring';
import { reencrypt } from '../crypto/reencrypt';
import { Database } from '../database';
import { runCommand } from './command';

/**
 * npm run keys:reencrypt: brings every secret in the database under the first key of DATA_KEYS, so that the others can be taken away.
 * Exit code 1 when some value cannot be opened: keep the old keys then.
 */
runCommand(async () => {
  const databaseUrl = process.env.OWNER_DATABASE_URL || process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error('DATABASE_URL: is required when no bank runs here');
  if (!process.env.DATA_KEYS) throw new Error('DATA_KEYS: is required');
  const keyring = new Keyring(dataKeys(process.env.DATA_KEYS));
  const database = await Database.connect(databaseUrl, 1);
  try {
    const columns = await reencrypt(database, keyring);
    for (const { column, renewed, unreadable } of columns)
      process.stdout.write(`${column}: ${renewed} renewed, ${unreadable} unreadable\n`);
    return columns.some(({ unreadable }) => unreadable > 0) ? 1 : 0;
  } finally {
    await database.close();
  }
});

function dataKeys(text: string) {
  try {
    return parseDataKeys(text);
  } catch (error) {
    throw new Error(`DATA_KEYS: ${(error as Error).message}`, { cause: error });
  }
}
