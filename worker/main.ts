import { setFlagsFromString } from 'node:v8';
import pino from 'pino';
import { loadWorkerEnvironment } from '../src/config/environment';
import { FraudWorker } from './fraud-worker';
import { reasonOf } from './runtime/connection-state';

/** As in the API: the heap grows by a part of what is in use before it is tidied, not fourfold. Models and profiles stay within memory. */
setFlagsFromString('--heap-growing-percent=60');

/** Longer than a group takes; past it the process ends, and what was under way is found again by the sweep. */
const STOP_TIMEOUT_MS = 15_000;

/** The worker process: npm run start:worker. Ends in order on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  const environment = loadWorkerEnvironment();
  const logger = pino({ name: 'worker', level: environment.LOG_LEVEL });
  const worker = new FraudWorker(environment, logger);
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.error('stopping took too long; leaving the rest to the next start');
      process.exit(1);
    }, STOP_TIMEOUT_MS).unref();
    worker.stop().then(
      () => logger.info('stopped'),
      (error: unknown) => {
        logger.error({ reason: reasonOf(error) }, 'could not stop in order');
        process.exitCode = 1;
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A library's stray rejection, such as one of a command that was under way when Redis went, must not end the worker.
  process.on('unhandledRejection', (error) =>
    logger.error({ reason: reasonOf(error) }, 'an error that nobody handled'),
  );
  await worker.start();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
