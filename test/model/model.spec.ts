import { randomInt } from 'node:crypto';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { histories, type History } from './history';
import { type ModelBank, openModelBank } from './model-bank';
import { play, type Played } from './player';

const MINUTE_MS = 60_000;
/** How long a failing history is made smaller. */
const SHRINK_MS = MINUTE_MS;
/** Each with a bank of its own, at the same time. */
const LANES = 2;

const setting = (name: string): number | undefined =>
  process.env[name] ? Number(process.env[name]) : undefined;
/** Cases a lane; about seven histories each. */
const RUNS = setting('FUZZ_RUNS') ?? 150;
const MINUTES = setting('FUZZ_MINUTES') ?? 0;
const SEED = setting('FUZZ_SEED') ?? randomInt(2 ** 30);
const PATH = process.env.FUZZ_PATH;

/** Past Jest's console, which keeps lines back until the end. */
const say = (line: string) => process.stderr.write(`model: ${line}\n`);

const total: Played = { histories: 0, batches: 0, items: 0, codes: new Map() };

/** Plays random cases in a bank of their own; throws with the smallest one that differs. */
async function playMany(seed: number): Promise<void> {
  const model = await openModelBank();
  let failedAtMs = 0;
  const property = fc.asyncProperty(histories, async (some) => {
    // Whatever has not been tried to make the case smaller by then passes unseen.
    fc.pre(failedAtMs === 0 || Date.now() - failedAtMs < SHRINK_MS);
    await playOnOneDay(some, model).catch((error) => {
      failedAtMs ||= Date.now();
      throw error;
    });
  });
  try {
    const details = await fc.check(property, { seed, numRuns: RUNS, ...(PATH ? { path: PATH } : {}) });
    if (details.failed) throw new Error(explain(details));
  } finally {
    await model.close();
  }
}

/** Limits are of a day, of which the model knows one: a case that midnight fell into is played again. */
async function playOnOneDay(some: History[], model: ModelBank): Promise<void> {
  const today = () => new Date().toISOString().slice(0, 10);
  const startedOn = today();
  await play(some, model, total).catch((error) => {
    if (today() === startedOn) throw error;
    return play(some, model, total);
  });
}

/** What failed, the smallest case that shows it, and how to see it again. */
function explain({
  seed,
  counterexample,
  counterexamplePath,
  errorInstance,
}: fc.RunDetails<[History[]]>): string {
  const repeat = `To repeat it: npm run fuzz -- --seed ${seed} --path ${counterexamplePath}`;
  const cause = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const choices = inspect(counterexample?.[0], { depth: null, breakLength: 130 });
  return [cause, `The choices: ${choices}`, repeat].join('\n\n');
}

/** One case for each lane's seed, at once. */
async function playLanes(seed: number): Promise<void> {
  const lanes = Array.from({ length: PATH ? 1 : LANES }, (_, lane) => playMany(seed + lane));
  for (const end of await Promise.allSettled(lanes)) if (end.status === 'rejected') throw end.reason;
}

describe('sp_post_batch against a model of the bank', () => {
  it(
    'answers and books alike, whatever the history',
    async () => {
      const untilMs = Date.now() + MINUTES * MINUTE_MS;
      for (let seed = SEED; ; seed += LANES) {
        say(`seed ${seed}${PATH ? `, path ${PATH}` : ''}`);
        await playLanes(seed);
        say(`${total.histories} histories, ${total.batches} batches, ${total.items} items`);
        if (Date.now() >= untilMs) break;
      }
      say([...total.codes].map(([code, count]) => `${code} ${count}`).join(', '));
      expect(total.items).toBeGreaterThan(0);
    },
    MINUTES * MINUTE_MS + 10 * MINUTE_MS,
  );
});
