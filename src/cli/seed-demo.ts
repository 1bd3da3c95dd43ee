import { loadDemoBank } from '../../seeds/demo/load-demo-bank';
import { runCommand } from './command';

/**
 * Fills a new bank with the demo bank: customers, an auditor, an analyst, an administrator and three months of history. Prints the logins
 * on stdout, once in a bank's life; everything else goes to stderr. May be repeated, and completes a run that was interrupted.
 *
 * OWNER_DATABASE_URL, else DATABASE_URL, is the owner of the bank's tables; CARD_HASH_KEY (optional) is the bank's.
 */
runCommand(async () => {
  const { NODE_ENV, OWNER_DATABASE_URL, DATABASE_URL, CARD_HASH_KEY } = process.env;
  if (NODE_ENV === 'production') {
    throw new Error(
      'The demo bank has made-up people and money, so it is never made with NODE_ENV=production.',
    );
  }
  const databaseUrl = OWNER_DATABASE_URL || DATABASE_URL;
  if (!databaseUrl) throw new Error('DATABASE_URL: is required');
  await loadDemoBank({
    databaseUrl,
    cardHashKey: CARD_HASH_KEY,
    print: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
});
