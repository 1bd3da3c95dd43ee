/** Fewest months that a prediction is made from. */
export const MIN_MONTHS = 3;
/** Most months that are looked at: older habits say little about next month, and the cost stays bounded. */
export const MAX_MONTHS = 24;
/** How likely next month's expenses are meant to lie in the interval. */
export const INTERVAL_LEVEL = 0.8;

/** How much of the trend is carried on into next month. */
const DAMPING = 0.85;
/** A trend below this share of the usual month is no trend. */
const STABLE_SHARE = 0.05;

/** Quantiles 0.9 of Student's t distribution, for 1, 2, … degrees of freedom: the bounds of a two-sided interval of 80 %. */
const T_QUANTILES = [
  3.078, 1.886, 1.638, 1.533, 1.476, 1.44, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356, 1.35, 1.345, 1.341,
  1.337, 1.333, 1.33, 1.328, 1.325, 1.323, 1.321,
];

export const PREDICTION_METHOD =
  'Theil-Sen trend over complete months (Theil 1950, Sen 1968), damped by 0.85 (Gardner and McKenzie 1985), with an 80 % ' +
  "prediction interval from the residuals and Student's t";

export interface Prediction {
  /** In the unit of the values given. Never below zero. */
  predicted: number;
  low: number;
  high: number;
  trend: 'increasing' | 'stable' | 'decreasing';
}

/**
 * Predicts the next value of a monthly series.
 *
 * The slope is the median of the slopes between all pairs of months (Theil 1950, Sen 1968), so that one holiday or one new car
 * does not bend the trend; the line lies at the median of what is left (Conover 1980). The trend is damped when it is carried
 * on, because trends fade (Gardner and McKenzie 1985). The interval is that of simple regression, with the scatter around this
 * line; with few months Student's t makes it honestly wide. A trend is called one when it moves the median month by more
 * than 5 % a month.
 *
 * @param values one a month, oldest first, without gaps; the last MAX_MONTHS count
 * @throws RangeError for fewer than MIN_MONTHS
 */
export function predictNextMonth(values: readonly number[]): Prediction {
  const y = values.slice(-MAX_MONTHS);
  const n = y.length;
  if (n < MIN_MONTHS) throw new RangeError(`needs at least ${MIN_MONTHS} months`);
  const slope = theilSenSlope(y);
  const intercept = median(y.map((value, x) => value - slope * x));
  const predicted = intercept + slope * (n - 1) + DAMPING * slope;

  const squares = y.reduce((sum, value, x) => sum + (value - intercept - slope * x) ** 2, 0);
  const center = (n - 1) / 2;
  const spread = y.reduce((sum, _value, x) => sum + (x - center) ** 2, 0);
  const deviation = Math.sqrt(squares / (n - 2)) * Math.sqrt(1 + 1 / n + (n - center) ** 2 / spread);
  const margin = (T_QUANTILES[n - 3] ?? 0) * deviation;
  return {
    predicted: Math.max(predicted, 0),
    low: Math.max(predicted - margin, 0),
    high: Math.max(predicted + margin, 0),
    trend: trendOf(slope, median(y.map(Math.abs))),
  };
}

function trendOf(slope: number, usual: number): Prediction['trend'] {
  if (Math.abs(slope) <= STABLE_SHARE * usual) return 'stable';
  return slope > 0 ? 'increasing' : 'decreasing';
}

function theilSenSlope(y: readonly number[]): number {
  const slopes: number[] = [];
  for (const [i, from] of y.entries()) {
    for (const [distance, to] of y.slice(i + 1).entries()) slopes.push((to - from) / (distance + 1));
  }
  return median(slopes);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper;
}
