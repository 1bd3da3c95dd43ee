import { ModelFormatError } from './anomaly-model';

/** How one number was distributed in training: shares, not rows. */
export interface Histogram {
  /** Ascending. Bin k holds what is above edge k − 1 and at most edge k; the last bin what is above all edges. */
  edges: number[];
  /** The share of each bin, then that of missing values. */
  shares: number[];
}

/** What later transactions are compared with, stored in the model's blob. */
export interface DistributionReference {
  /** Of the raw scores of rows that the model was not fitted on. */
  score: Histogram;
  /** Of each column, in the model's order. */
  columns: Histogram[];
}

export interface Drift {
  /** PSI of the model's raw scores. */
  score: number;
  /** PSI of each column, in the model's order. */
  columns: number[];
}

const BINS = 10;
/** A bin that was empty on one side counts as one in ten thousand, so that a single transaction is no drift. */
const LEAST_SHARE = 0.0001;

/** Ten bins of equal weight, or one a value when there are no more than ten values. @param values NaN: missing */
export function histogramOf(values: readonly number[]): Histogram {
  const present = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  const histogram: Histogram = { edges: edgesOf(present), shares: [] };
  histogram.shares = sharesOf(histogram.edges, values);
  return histogram;
}

function edgesOf(ascending: Float64Array): number[] {
  const distinct: number[] = [];
  for (let index = 0; index < ascending.length && distinct.length <= BINS; index += 1) {
    if (ascending[index] !== distinct.at(-1)) distinct.push(ascending[index] as number);
  }
  if (distinct.length <= BINS) return distinct.slice(0, -1);
  const deciles = Array.from(
    { length: BINS - 1 },
    (_, index) => ascending[Math.floor(((index + 1) * ascending.length) / BINS)] as number,
  );
  const largest = ascending[ascending.length - 1] as number;
  return deciles.filter((edge, index) => edge < largest && edge !== deciles[index - 1]);
}

function sharesOf(edges: readonly number[], values: readonly number[]): number[] {
  const counts = Array<number>(edges.length + 2).fill(0);
  for (const value of values) {
    let bin = edges.length + 1;
    if (!Number.isNaN(value)) {
      const found = edges.findIndex((edge) => value <= edge);
      bin = found < 0 ? edges.length : found;
    }
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts.map((count) => count / Math.max(values.length, 1));
}

/**
 * The population stability index: the sum over the bins of (now − then) · ln(now / then), 0 for the same distribution. By
 * custom under 0.1 is calm and over 0.2 a shift. By chance alone n values give about 10 / n, so ask for some hundreds.
 */
export function populationStabilityIndex(reference: Histogram, values: readonly number[]): number {
  if (values.length === 0) return 0;
  return sharesOf(reference.edges, values).reduce((sum, share, bin) => {
    const now = Math.max(share, LEAST_SHARE);
    const then = Math.max(reference.shares[bin] ?? 0, LEAST_SHARE);
    return sum + (now - then) * Math.log(now / then);
  }, 0);
}

/** @param rows as the model takes them, NaN: missing. @param scores raw scores of rows that were not fitted on */
export function referenceOf(rows: readonly Float32Array[], scores: readonly number[]): DistributionReference {
  const columns = rows[0]?.length ?? 0;
  return {
    score: histogramOf(scores),
    columns: Array.from({ length: columns }, (_, column) => histogramOf(valuesOf(rows, column))),
  };
}

/** How far recent transactions have moved from those the model was trained on. The rows should cover whole days. */
export function driftOf(
  reference: DistributionReference,
  rows: readonly Float32Array[],
  scores: readonly number[],
): Drift {
  return {
    score: populationStabilityIndex(reference.score, scores),
    columns: reference.columns.map((histogram, column) =>
      populationStabilityIndex(histogram, valuesOf(rows, column)),
    ),
  };
}

/** A PSI over this, of the scores or of a column, is a reason to train again. */
export const DRIFT_LIMIT = 0.2;
/** With fewer transactions neither a PSI nor a rate of alerts says anything. */
export const MIN_DRIFT_ROWS = 500;
/** An alert rate that is off its budget by more than this share of it is a reason to train again. */
const BUDGET_TOLERANCE = 0.5;
/** So many alerts must be too many, or missing, that it is no chance. */
const SURE_DEVIATIONS = 3;

/** The names of what has drifted, the most first: columns, and `score` for the model's raw scores. */
export function driftedParts(drift: Drift, columns: readonly string[]): { name: string; psi: number }[] {
  return [
    ...drift.columns.map((psi, index) => ({ name: columns[index] ?? '', psi })),
    { name: 'score', psi: drift.score },
  ]
    .filter(({ psi }) => psi > DRIFT_LIMIT)
    .sort((a, b) => b.psi - a.psi);
}

/**
 * Whether the share of alerts is off the bank's budget by more than half, and surely so: beyond three standard deviations of
 * what the budget gives by chance among so many.
 * @param alerts how many of the transactions the model itself found suspicious or worse
 * @param budget the share it should, such as 0.01
 */
export function isOffBudget(alerts: number, transactions: number, budget: number): boolean {
  if (transactions < MIN_DRIFT_ROWS) return false;
  const expected = budget * transactions;
  const difference = Math.abs(alerts - expected);
  return difference > BUDGET_TOLERANCE * expected && difference > SURE_DEVIATIONS * Math.sqrt(expected);
}

/** @throws ModelFormatError when what was stored is no reference for so many columns */
export function assertReference(reference: DistributionReference, columns: number): void {
  const isSound = ({ edges, shares }: Histogram): boolean =>
    shares.length === edges.length + 2 && [...edges, ...shares].every(Number.isFinite);
  if (reference.columns.length !== columns || ![reference.score, ...reference.columns].every(isSound)) {
    throw new ModelFormatError('the reference for drift is broken');
  }
}

function valuesOf(rows: readonly Float32Array[], column: number): number[] {
  return rows.map((row) => row[column] as number);
}
