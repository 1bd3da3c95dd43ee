import { parseArgs } from 'node:util';
import { loadSimulation, type SimulationSummary } from '../../seeds/simulator/load-simulation';
import { grouped, ProgressBar } from '../import/progress';
import { runCommand } from './command';

const USAGE =
  'Usage: npm run simulate -- [options]\n\n' +
  [
    '  --customers=200    20 to 5000',
    '  --days=60          8 to 730, until last midnight',
    '  --seed=1           the same seed and options give the same history',
    '  --fraud=0.002      share of transactions that are fraud, 0 to 0.05',
    '  --label-delay=7    days after which a fraud is labelled, or none',
    '  --force            even with NODE_ENV=production',
  ].join('\n');
const INTERRUPTED_EXIT_CODE = 130;
const LABEL_WIDTH = 22;

/**
 * npm run simulate: makes customers with salaries, rents, habits and eight patterns of fraud, and posts their history into the
 * running bank. docs/fraud-model.md says what the patterns are. Exit code 0 when it went through, 130 when it was stopped.
 */
runCommand(async () => {
  const options = optionsOf(process.argv.slice(2));
  if (process.env.NODE_ENV === 'production' && !options.force) {
    throw new Error(
      'Simulated people and money are not for NODE_ENV=production; --force makes them all the same.',
    );
  }
  const databaseUrl = process.env.OWNER_DATABASE_URL || process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error('DATABASE_URL: is required when no bank runs here');
  const progress = new ProgressBar(process.stdout);
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort());
  const summary = await loadSimulation({ ...options, databaseUrl, progress, signal: controller.signal });
  for (const line of linesOf(summary)) progress.print(line);
  return summary.is_interrupted ? INTERRUPTED_EXIT_CODE : 0;
});

function optionsOf(words: string[]) {
  const { values } = parse(words);
  const number = (name: 'customers' | 'days' | 'seed' | 'fraud', least: number, most: number): number => {
    const value = Number(values[name]);
    const isWhole = name === 'fraud' || Number.isInteger(value);
    if (values[name] === '' || !isWhole || !(value >= least && value <= most))
      throw new Error(
        `--${name}: must be ${name === 'fraud' ? '' : 'a whole number '}from ${least} to ${most}\n\n${USAGE}`,
      );
    return value;
  };
  const delay = values['label-delay'];
  if (delay !== 'none' && !/^\d{1,3}$/.test(delay))
    throw new Error(`--label-delay: must be a number of days, or none\n\n${USAGE}`);
  return {
    customers: number('customers', 20, 5_000),
    days: number('days', 8, 730),
    seed: number('seed', 0, 2_147_483_647),
    fraud: number('fraud', 0, 0.05),
    label_delay_days: delay === 'none' ? null : Number(delay),
    force: values.force,
  };
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      options: {
        customers: { type: 'string', default: '200' },
        days: { type: 'string', default: '60' },
        seed: { type: 'string', default: '1' },
        fraud: { type: 'string', default: '0.002' },
        'label-delay': { type: 'string', default: '7' },
        force: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, {
      cause: error,
    });
  }
}

function linesOf(summary: SimulationSummary): string[] {
  const line = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}${text}`;
  const frauds = [...summary.frauds.values()].reduce((sum, count) => sum + count, 0);
  return [
    '',
    summary.is_interrupted ? 'Stopped before the end; the same command goes on. So far:' : 'Simulated:',
    line('customers', grouped(summary.customers)),
    line('since', summary.first_day),
    line(
      'transactions',
      `${grouped(summary.posted)}${summary.there > 0 ? ` (${grouped(summary.there)} already there)` : ''}`,
    ),
    ...[...summary.declined].map(([code, count]) => line('declined', `${grouped(count)} ${code}`)),
    line('frauds', grouped(frauds)),
    ...[...summary.frauds].map(([pattern, count]) => line('', `${grouped(count)} ${pattern}`)),
    line('of them labelled', grouped(summary.labels)),
    'The worker scores what was posted by itself.',
  ];
}
