import { setTimeout as sleep } from 'node:timers/promises';
import { inRoot } from './paths.mjs';
import { runProgram } from './processes.mjs';

const ASK_EVERY_MS = 500;
const NO_PROGRESS_MS = 10_000;
const UNSCORED = `SELECT (SELECT COUNT(*) FROM transactions)
  - (SELECT COUNT(DISTINCT transaction_id) FROM transaction_risk_scores) AS unscored`;

/**
 * Waits until the worker has scored what the demo bank brought along, or gets no further. It tells of every transaction on
 * the console, and what people are to read should not scroll away with that.
 */
export async function untilHistoryIsScored({ env, signal, note }) {
  let fewest = Infinity;
  let progressMs = Date.now();
  while (fewest > 0 && Date.now() - progressMs < NO_PROGRESS_MS) {
    const lines = await runProgram('sql', process.execPath, [inRoot('dist/src/cli/sql.js'), UNSCORED], {
      env,
      signal,
    });
    const unscored = Number(lines.at(-1));
    if (unscored < fewest) {
      fewest = unscored;
      progressMs = Date.now();
      note(`${unscored} transactions to go`);
    }
    if (fewest > 0) await sleep(ASK_EVERY_MS);
  }
  note(null);
}
