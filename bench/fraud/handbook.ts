import { MODEL_FEATURES } from '../../worker/features/features';
import { MAX_HISTORY_ROWS } from '../../worker/models/model-trainer';
import { seededRandom, shuffle } from '../../worker/models/random';
import { type Assessment, MIN_CONFIRMED_FRAUDS } from '../../worker/models/row-model';
import { rowsOf } from './csv';
import { type Figures, figuresOf, type Scored } from './figures';
import { COUNTERPARTY_COLUMN, HandbookFeatures, LABEL_DELAY_DAYS } from './handbook-features';
import { type Fitted, fitFlorin, fitPeer, scoreAll } from './methods';

const REQUIRED = ['TX_DATETIME', 'CUSTOMER_ID', 'TERMINAL_ID', 'TX_AMOUNT', 'TX_FRAUD'] as const;
export const HANDBOOK = 'handbook';
export const SEEDS = [1, 2, 3] as const;
/** Days at the start that only make history. */
const WARM_UP_DAYS = 8;
/** The days at the end that are judged. */
const TEST_DAYS = 7;
const DAY_MS = 86_400_000;

interface Payments {
  rows: Float32Array[];
  labels: number[];
  /** From 0, the first day of the file. */
  days: number[];
}

interface Experiment {
  training: readonly Float32Array[];
  /** Confirmed by the first day that is judged, in random order. */
  confirmed: readonly Float32Array[];
  test: readonly Float32Array[];
  labels: readonly number[];
  days: readonly number[];
}

export function isHandbook(header: readonly string[]): boolean {
  return REQUIRED.every((name) => header.includes(name));
}

/**
 * The card payments of the Fraud Detection Handbook (Y.-A. Le Borgne, W. Siblini, B. Lebichot, G. Bontempi 2022): history first,
 * training, the last week is judged. A label is known a week after its payment, so frauds of the week before the test are among
 * the training rows, unknown.
 */
export async function evaluateHandbook(
  file: string,
  header: readonly string[],
  seeds: readonly number[] = SEEDS,
): Promise<Figures[]> {
  const payments = await readPayments(file, header);
  const experiments = seeds.map((seed) => experimentOf(payments, seed));
  const each = <Score>(
    method: string,
    fit: (experiment: Experiment, seed: number) => Fitted<Score>,
    of: (score: Score) => number,
    is_calibrated = true,
  ): Figures => {
    const runs = experiments.map((experiment, index): Scored => {
      const fitted = fit(experiment, seeds[index] ?? 1);
      const { scores, score_us } = scoreAll(fitted, experiment.test);
      const { labels, days } = experiment;
      return { scores: scores.map(of), labels, days, fit_ms: fitted.fit_ms, score_us, is_calibrated };
    });
    return figuresOf(HANDBOOK, method, runs, is_calibrated ? runs : []);
  };
  const risk = ({ risk_score }: Assessment): number => risk_score;
  const taught = (frauds: number) => (experiment: Experiment, seed: number) =>
    fitFlorin(
      MODEL_FEATURES,
      { ordinary: experiment.training, confirmed_frauds: experiment.confirmed.slice(0, frauds) },
      seed,
    );
  return [
    each('florin, behaviour only', fitBehaviour, risk),
    each("florin, and the counterparty's frauds", taught(0), risk),
    each(`florin, and ${MIN_CONFIRMED_FRAUDS} confirmed frauds`, taught(MIN_CONFIRMED_FRAUDS), risk),
    each(
      `second model alone, ${MIN_CONFIRMED_FRAUDS} confirmed frauds`,
      taught(MIN_CONFIRMED_FRAUDS),
      ({ supervised }) => supervised?.risk_score ?? 0,
    ),
    each('florin, and all labels known by then', taught(Infinity), risk),
    each(
      'ml-isolation-forest, all columns',
      ({ training }) => fitPeer(training),
      (score) => score,
      false,
    ),
  ];
}

function fitBehaviour(experiment: Experiment, seed: number): Fitted<Assessment> {
  const without = (row: Float32Array): Float32Array =>
    row.filter((_, column) => column !== COUNTERPARTY_COLUMN);
  const columns = MODEL_FEATURES.filter((_, column) => column !== COUNTERPARTY_COLUMN);
  const fitted = fitFlorin(columns, { ordinary: experiment.training.map(without) }, seed);
  return { fit_ms: fitted.fit_ms, score: (row) => fitted.score(without(row)) };
}

async function readPayments(file: string, header: readonly string[]): Promise<Payments> {
  const [at, customer, terminal, amount, fraud] = REQUIRED.map((name) => header.indexOf(name)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const features = new HandbookFeatures();
  const payments: Payments = { rows: [], labels: [], days: [] };
  let start_ms = Number.NaN;
  for await (const fields of rowsOf(file)) {
    const at_ms = Date.parse(`${fields[at]?.replace(' ', 'T')}Z`);
    const amount_minor = Math.round(Number(fields[amount]) * 100);
    if (Number.isNaN(at_ms) || Number.isNaN(amount_minor))
      throw new Error(`${file}: payment ${payments.rows.length + 1} has no time or no amount`);
    if (Number.isNaN(start_ms)) start_ms = Math.floor(at_ms / DAY_MS) * DAY_MS;
    const is_fraud = fields[fraud] === '1';
    payments.rows.push(
      features.next({
        at_us: at_ms * 1000,
        customer: fields[customer] ?? '',
        terminal: fields[terminal] ?? '',
        amount_minor,
        is_fraud,
      }),
    );
    payments.labels.push(Number(is_fraud));
    payments.days.push(Math.floor((at_ms - start_ms) / DAY_MS));
  }
  return payments;
}

function experimentOf({ rows, labels, days }: Payments, seed: number): Experiment {
  const firstTestDay = (days.at(-1) ?? 0) + 1 - TEST_DAYS;
  const indexes = shuffle(
    rows.map((_, index) => index),
    seededRandom(seed),
  );
  const trainable = indexes.filter((index) => isBetween(days[index], WARM_UP_DAYS, firstTestDay));
  const isConfirmed = (index: number): boolean =>
    labels[index] === 1 && isBetween(days[index], WARM_UP_DAYS, firstTestDay - LABEL_DELAY_DAYS);
  const test = rows.map((_, index) => index).filter((index) => (days[index] ?? 0) >= firstTestDay);
  const rowsAt = (chosen: readonly number[]): Float32Array[] =>
    chosen.map((index) => rows[index] as Float32Array);
  return {
    training: rowsAt(trainable.filter((index) => !isConfirmed(index)).slice(0, MAX_HISTORY_ROWS)),
    confirmed: rowsAt(trainable.filter(isConfirmed)),
    test: rowsAt(test),
    labels: test.map((index) => labels[index] as number),
    days: test.map((index) => days[index] as number),
  };
}

function isBetween(day: number | undefined, from: number, before: number): boolean {
  return day !== undefined && day >= from && day < before;
}
