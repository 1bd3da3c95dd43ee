import { randomInt } from 'node:crypto';
import * as fc from 'fast-check';
import { inspect } from 'node:util';
import { histories, type History } from './history';
import { openModelBank } from './model-bank';
import { play, type Played } from './player';

const setting = (name: string): number | undefined => {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
};

/** Histories a lane in a run of the tests. */
const RUNS = setting('FUZZ_RUNS') ?? 150;
const LANES = 2;
const MINUTES = setting('FUZZ_MINUTES');
const PATH = process.env.FUZZ_PATH;

const say = (line: string) => process.stderr.write(`model: ${line}\n`);

/** Many random histories, each played in the bank and in the model; throws with the smallest one that differs. */
async function playMany(seed: number, runs: number, path?: string): Promise<Played> {
  const played: Played = { histories: 0, batches: 0, items: 0, codes: new Map() };
  const model = await openModelBank();
  try {
    const property = fc.asyncProperty(histories, (some) => play(some, model, played));
    const details = await fc.check(property, { seed, numRuns: runs, ...(path ? { path } : {}) });
    if (details.failed) throw new Error(explain(details));
  } finally {
    await model.close();
  }
  return played;
}

/** What failed, the smallest history that shows it, and how to see it again. */
function explain({
  seed,
  counterexample,
  counterexamplePath,
  errorInstance,
}: fc.RunDetails<[History[]]>): string {
  const cause = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return [
    cause,
    `The histories: ${inspect(counterexample?.[0], { depth: null, breakLength: 130 })}`,
    `To repeat it: npm run fuzz -- --seed ${seed} --path ${counterexamplePath}`,
  ].join('\n\n');
}

function report(all: Played[]): string {
  const sum = (of: (played: Played) => number) => all.reduce((total, played) => total + of(played), 0);
  return `${sum(({ histories }) => histories)} histories, ${sum(({ batches }) => batches)} batches, ${sum(({ items }) => items)} items`;
}

describe('sp_post_batch against a model of the bank', () => {
  const seed = setting('FUZZ_SEED') ?? randomInt(2 ** 31);

  it('answers and books alike, whatever the history', async () => {
    const codes = new Map<string, number>();
    say(`seed ${seed}${PATH ? `, path ${PATH}` : ''}`);
    const lanes = PATH ? 1 : LANES;
    const ends = await Promise.allSettled(
      Array.from({ length: lanes }, (_, lane) => playMany(seed + lane, RUNS, PATH)),
    );
    const all = ends.map((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    });
    for (const played of all)
      for (const [code, count] of played.codes) codes.set(code, (codes.get(code) ?? 0) + count);
    say(report(all));
    say([...codes].map(([code, count]) => `${code} ${count}`).join(', '));
  }, 600_000);
});
