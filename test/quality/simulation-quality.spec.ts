import { FRAUD_PATTERNS } from '../../seeds/simulator/history';
import { simulate } from '../../seeds/simulator/simulate';
import { evaluate, total, type Evaluation } from './simulation-evaluation';

const START_US = Date.UTC(2024, 0, 1) * 1000;
/** One period is a matter of luck: of three together the tail of one in a thousand can be judged. */
const SEEDS = [1, 2, 3];
const SIZE = { customers: 500, days: 105, fraud: 0.005 };
const TRAINING = { warm_up_days: 35, train_day: 75, label_delay_days: 7 };

/** Ten seconds of processor time, on a machine that has other things to do. */
const BUSY_MACHINE_MS = 240_000;

const percent = (part: number, of: number): string => `${((100 * part) / of).toFixed(2)} %`;

function report(result: Evaluation): string {
  const honest = result.judged - result.frauds;
  return [
    `${result.judged} judged, ${result.frauds} of them fraud; ${result.confirmed_frauds} confirmed before`,
    `recall in the riskiest 1.5 %: ${percent(result.frauds_in_budget, result.frauds)}`,
    `flagged: ${percent(result.flagged, result.judged)}, recall ${percent(result.flagged_frauds, result.frauds)}`,
    `by rules alone: ${percent(result.flagged_by_rules, result.judged)}, recall ${percent(result.frauds_by_rules, result.frauds)}`,
    `CRITICAL: ${percent(result.blocked_frauds, result.frauds)} of frauds, ${percent(result.false_blocks, honest)} of honest`,
    ...FRAUD_PATTERNS.map((pattern) => {
      const { found, frauds } = result.by_pattern[pattern];
      return `  ${pattern}: ${found} of ${frauds}`;
    }),
  ].join('\n');
}

describe('the quality of verdicts on simulated banks', () => {
  let result: Evaluation;

  beforeAll(() => {
    result = total(
      SEEDS.map((seed) =>
        evaluate(simulate({ ...SIZE, seed, start_us: START_US }), {
          ...TRAINING,
          seed,
          start_us: START_US,
        }),
      ),
    );
    process.stdout.write(`${report(result)}\n`);
  }, BUSY_MACHINE_MS);

  it('has enough frauds of each pattern to say anything', () => {
    expect(result.confirmed_frauds).toBeGreaterThan(3 * 25);
    for (const pattern of FRAUD_PATTERNS) expect(result.by_pattern[pattern].frauds).toBeGreaterThanOrEqual(8);
  });

  it('finds six in ten frauds while one and a half in a hundred transactions are reviewed', () => {
    expect(result.frauds_in_budget / result.frauds).toBeGreaterThanOrEqual(0.6);
  });

  it('finds as many by its verdicts, within the same work', () => {
    expect(result.flagged_frauds / result.frauds).toBeGreaterThanOrEqual(0.6);
    expect(result.flagged / result.judged).toBeLessThan(0.0175);
  });

  it('blocks less than one in a thousand honest transactions', () => {
    expect(result.false_blocks / (result.judged - result.frauds)).toBeLessThan(0.001);
  });
});
