import { type Matrix, ModelFormatError } from './anomaly-model';

/** What is stored: a number a column, no rows. */
export interface LogisticTable {
  intercept: number;
  /** Of the standardised columns. */
  weights: number[];
  means: number[];
  /** Standard deviations; 1 where a column was constant, whose weight is then 0. */
  scales: number[];
}

/** Half of this times the sum of the squared weights is added to the loss: a few frauds must not make certainties. */
const L2 = 20;
const MAX_STEPS = 50;
const MAX_HALVINGS = 20;
/** A step that gains less than this in log-likelihood is the last one. */
const TOLERANCE = 1e-6;

/**
 * Logistic regression with an L2 penalty, by iteratively reweighted least squares (P. J. Green 1984), that is Newton's method,
 * with halved steps where a whole one would not gain. The columns are standardised first, so that the penalty treats them
 * alike; the intercept is not penalised. The problem is convex: no seed, always the same answer.
 */
export class LogisticRegression {
  private constructor(private readonly table: LogisticTable) {}

  /** @param labels 1 or 0, one a row; both must occur. @throws RangeError when one of them does not */
  static fit(rows: Matrix, labels: Uint8Array, l2 = L2): LogisticRegression {
    const positives = labels.reduce((sum, label) => sum + label, 0);
    if (positives === 0 || positives === rows.rows) throw new RangeError('both labels must occur');
    const { means, scales } = spreadOf(rows);
    const design = standardise(rows, means, scales);
    const start = new Float64Array(rows.columns + 1);
    start[rows.columns] = Math.log(positives / (rows.rows - positives));
    const weights = maximise({ design, size: rows.columns + 1, labels, l2 }, start);
    return new LogisticRegression({
      intercept: weights[rows.columns] as number,
      weights: Array.from(weights.subarray(0, rows.columns)),
      means,
      scales,
    });
  }

  /** @throws ModelFormatError */
  static fromTable(table: LogisticTable, columns: number): LogisticRegression {
    const lists = [table.weights, table.means, table.scales];
    const isSound =
      Number.isFinite(table.intercept) &&
      lists.every((list) => list.length === columns && list.every(Number.isFinite)) &&
      table.scales.every((scale) => scale > 0);
    if (!isSound) throw new ModelFormatError('the logistic regression is broken');
    return new LogisticRegression(table);
  }

  toTable(): LogisticTable {
    return this.table;
  }

  /** The logarithm of the odds that the row is a fraud, as the training rows were mixed. */
  logOdds(row: Float32Array): number {
    const { intercept, weights, means, scales } = this.table;
    let sum = intercept;
    for (let column = 0; column < weights.length; column += 1) {
      sum += this.part(row, column, weights, means, scales);
    }
    return sum;
  }

  /** What each column adds to the log-odds, against a row of means. */
  contributions(row: Float32Array): Float64Array {
    const { weights, means, scales } = this.table;
    return Float64Array.from(weights, (_, column) => this.part(row, column, weights, means, scales));
  }

  private part(
    row: Float32Array,
    column: number,
    weights: number[],
    means: number[],
    scales: number[],
  ): number {
    const standardised = ((row[column] as number) - (means[column] as number)) / (scales[column] as number);
    return (weights[column] as number) * standardised;
  }
}

export function probabilityOf(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

function spreadOf({ rows, columns, values }: Matrix): { means: number[]; scales: number[] } {
  const means = Array<number>(columns).fill(0);
  const squares = Array<number>(columns).fill(0);
  for (let at = 0; at < values.length; at += 1) {
    means[at % columns] = (means[at % columns] as number) + (values[at] as number) / rows;
  }
  for (let at = 0; at < values.length; at += 1) {
    const column = at % columns;
    squares[column] =
      (squares[column] as number) + ((values[at] as number) - (means[column] as number)) ** 2 / rows;
  }
  // What floats leave of a constant column's spread is no spread.
  const isConstant = (column: number): boolean =>
    Math.sqrt(squares[column] as number) <= 1e-6 * Math.max(1, Math.abs(means[column] as number));
  const scales = squares.map((square, column) => (isConstant(column) ? 1 : Math.sqrt(square)));
  return { means, scales };
}

/** The columns standardised, and a column of ones behind them for the intercept. */
function standardise({ rows, columns, values }: Matrix, means: number[], scales: number[]): Float64Array {
  const size = columns + 1;
  const design = new Float64Array(rows * size);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const value = values[row * columns + column] as number;
      design[row * size + column] = (value - (means[column] as number)) / (scales[column] as number);
    }
    design[row * size + columns] = 1;
  }
  return design;
}

interface Problem {
  /** Rows of `size` numbers, the last of which is 1. */
  design: Float64Array;
  size: number;
  labels: Uint8Array;
  l2: number;
}

function maximise(problem: Problem, start: Float64Array): Float64Array {
  let weights = start;
  let reached = penalisedLikelihood(problem, weights);
  for (let taken = 0; taken < MAX_STEPS; taken += 1) {
    const step = newtonStep(problem, weights);
    let share = 1;
    let next = weights;
    let likelihood = -Infinity;
    for (let halving = 0; halving < MAX_HALVINGS && !(likelihood >= reached); halving += 1, share /= 2) {
      next = weights.map((weight, index) => weight + share * (step[index] as number));
      likelihood = penalisedLikelihood(problem, next);
    }
    if (!(likelihood > reached)) return weights;
    const gain = likelihood - reached;
    weights = next;
    reached = likelihood;
    if (gain < TOLERANCE) return weights;
  }
  return weights;
}

function linear({ design, size }: Problem, weights: Float64Array, row: number): number {
  let sum = 0;
  for (let index = 0; index < size; index += 1) {
    sum += (design[row * size + index] as number) * (weights[index] as number);
  }
  return sum;
}

function penalisedLikelihood(problem: Problem, weights: Float64Array): number {
  const { labels, l2, size } = problem;
  let sum = 0;
  for (let row = 0; row < labels.length; row += 1) {
    const odds = linear(problem, weights, row);
    // ln(1 + e^x) without overflow.
    sum += (labels[row] ? odds : 0) - Math.max(odds, 0) - Math.log1p(Math.exp(-Math.abs(odds)));
  }
  for (let index = 0; index < size - 1; index += 1) sum -= (l2 / 2) * (weights[index] as number) ** 2;
  return sum;
}

/** The gradient divided by the curvature at these weights. */
function newtonStep(problem: Problem, weights: Float64Array): Float64Array {
  const { design, size, labels, l2 } = problem;
  const gradient = new Float64Array(size);
  const curvature = new Float64Array(size * size);
  for (let row = 0; row < labels.length; row += 1) {
    const at = row * size;
    const probability = probabilityOf(linear(problem, weights, row));
    const residual = (labels[row] as number) - probability;
    const weight = probability * (1 - probability);
    for (let i = 0; i < size; i += 1) {
      const value = design[at + i] as number;
      gradient[i] = (gradient[i] as number) + residual * value;
      const weighted = weight * value;
      for (let j = 0; j <= i; j += 1) {
        curvature[i * size + j] = (curvature[i * size + j] as number) + weighted * (design[at + j] as number);
      }
    }
  }
  for (let index = 0; index < size; index += 1) {
    const penalty = index < size - 1 ? l2 : 0;
    gradient[index] = (gradient[index] as number) - penalty * (weights[index] as number);
    // The sliver keeps the intercept's curvature above zero where every probability is 0 or 1.
    curvature[index * size + index] = (curvature[index * size + index] as number) + penalty + 1e-9;
  }
  return solve(curvature, gradient, size);
}

/** Solves a symmetric positive definite system by Cholesky's decomposition, in place. @param lower the lower triangle */
function solve(lower: Float64Array, right: Float64Array, size: number): Float64Array {
  const entry = (i: number, j: number): number => lower[i * size + j] as number;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = entry(i, j);
      for (let k = 0; k < j; k += 1) sum -= entry(i, k) * entry(j, k);
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / entry(j, j);
    }
  }
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) right[i] = (right[i] as number) - entry(i, k) * (right[k] as number);
    right[i] = (right[i] as number) / entry(i, i);
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1)
      right[i] = (right[i] as number) - entry(k, i) * (right[k] as number);
    right[i] = (right[i] as number) / entry(i, i);
  }
  return right;
}
