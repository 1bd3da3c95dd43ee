import { resolve } from 'node:path';
import { ImportError } from '../import/data-set';
import { importDataSet } from '../import/import-data-set';
import { ProgressBar } from '../import/progress';
import { summaryLines } from '../import/summary';
import { runCommand } from './command';

const INTERRUPTED_EXIT_CODE = 130;
/** One Ctrl-C may arrive twice, from the terminal and from the process above. */
const SAME_PRESS_MS = 500;

/**
 * npm run import -- DIR: loads the "financial transactions" data set into the running bank. docs/import.md says how.
 * Exit code 0 when it went through, with or without lines that could not be loaded; 130 when it was stopped; 1 otherwise.
 */
runCommand(async () => {
  const [directory, ...rest] = process.argv.slice(2);
  if (!directory || rest.length > 0) throw new Error('Usage: npm run import -- DIR');
  const databaseUrl = process.env.OWNER_DATABASE_URL || process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error('DATABASE_URL: is required when no bank runs here');

  // npm changes into the project's folder; a relative path means the one in which it was typed.
  const startedIn = process.env.INIT_CWD || process.cwd();
  const progress = new ProgressBar(process.stdout);
  const summary = await importDataSet({
    directory: resolve(startedIn, directory),
    databaseUrl,
    cardHashKey: process.env.CARD_HASH_KEY || undefined,
    dataDirectory: resolve(process.env.BANK_DATA_DIR || '.data'),
    progress,
    signal: stopSignal(progress),
  }).catch((error: unknown) => {
    throw explained(error);
  });
  for (const line of summaryLines(summary)) progress.print(line);
  if (!summary.isInterrupted) {
    progress.print('The worker scores what was posted by itself.');
    return 0;
  }
  progress.print(`To go on, run the same command again: npm run import -- ${directory}`);
  return INTERRUPTED_EXIT_CODE;
});

/** Whatever broke in the middle: what was posted stays, and the way on is the same command. */
function explained(error: unknown): Error {
  if (error instanceof ImportError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`${message}\nWhat was posted stays posted. To go on, run the same command again.`, {
    cause: error,
  });
}

/** The first Ctrl-C lets the batch under way end, the second ends at once: the keys keep both from posting anything twice. */
function stopSignal(progress: ProgressBar): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const stop = () => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      progress.print('Stopping after the batch that is under way. Ctrl-C once more stops at once.');
      controller.abort();
    } else if (performance.now() - firstAt > SAME_PRESS_MS) {
      process.exit(INTERRUPTED_EXIT_CODE);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  return controller.signal;
}
