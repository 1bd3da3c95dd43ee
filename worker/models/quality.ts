/**
 * How well scores tell frauds (label 1) from the rest (label 0). Pure functions, the same for the public sets, the simulator
 * and a new version of the model beside the old one.
 */

/** A ranking of equal scores is shared among them, so that a model that says the same of all gets no credit. */
interface Tie {
  /** Frauds and others among the rows of this score. */
  frauds: number;
  others: number;
}

/** From the highest score to the lowest. */
function ties(scores: ArrayLike<number>, labels: ArrayLike<number>): Tie[] {
  const order = rankedRows(scores);
  const result: Tie[] = [];
  let previous = Number.NaN;
  for (const row of order) {
    const score = scores[row] as number;
    if (score !== previous) result.push({ frauds: 0, others: 0 });
    previous = score;
    const tie = result[result.length - 1] as Tie;
    if (labels[row]) tie.frauds += 1;
    else tie.others += 1;
  }
  return result;
}

/** Row numbers, the highest score first, equal ones in the order of the rows. */
export function rankedRows(scores: ArrayLike<number>): number[] {
  const order = Array.from({ length: scores.length }, (_, row) => row);
  return order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
}

/**
 * The area under the receiver operating characteristic: the probability that a fraud scores above another row, equal scores
 * counting half. NaN without frauds or without others.
 */
export function aucRoc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  let frauds = 0;
  let others = 0;
  let wins = 0;
  for (const tie of ties(scores, labels)) {
    wins += tie.others * (frauds + tie.frauds / 2);
    frauds += tie.frauds;
    others += tie.others;
  }
  return wins / (frauds * others);
}

/** The area under precision over recall as steps, without interpolation: Σ (recall gained) · precision. NaN without frauds. */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  let frauds = 0;
  let rows = 0;
  let sum = 0;
  for (const tie of ties(scores, labels)) {
    frauds += tie.frauds;
    rows += tie.frauds + tie.others;
    sum += (tie.frauds * frauds) / rows;
  }
  return sum / frauds;
}

/** The share of frauds among the `top` highest scores of each day, in the mean over the days. */
export function precisionInDailyTop(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  days: ArrayLike<number>,
  top: number,
): number {
  const rowsOfDay = new Map<number, number[]>();
  for (let row = 0; row < scores.length; row += 1) {
    const day = days[row] as number;
    const rows = rowsOfDay.get(day);
    if (rows) rows.push(row);
    else rowsOfDay.set(day, [row]);
  }
  const precisions = [...rowsOfDay.values()].map((rows) => {
    const best = rankedRows(rows.map((row) => scores[row] as number)).slice(0, top);
    return best.filter((place) => labels[rows[place] as number]).length / Math.max(best.length, 1);
  });
  return precisions.reduce((sum, precision) => sum + precision, 0) / precisions.length;
}

export interface Flagged {
  /** The share of all rows that score at least the bound. */
  rate: number;
  /** The share of frauds among them; NaN when there are none. */
  precision: number;
  /** The share of all frauds that is among them. */
  recall: number;
  /** The share of the rows that are no fraud which is among them. */
  false_rate: number;
}

/** What a bound on the score flags. */
export function flaggedAt(bound: number, scores: ArrayLike<number>, labels: ArrayLike<number>): Flagged {
  let flagged = 0;
  let caught = 0;
  let frauds = 0;
  for (let row = 0; row < scores.length; row += 1) {
    if (labels[row]) frauds += 1;
    if ((scores[row] as number) < bound) continue;
    flagged += 1;
    if (labels[row]) caught += 1;
  }
  return {
    rate: flagged / scores.length,
    precision: caught / flagged,
    recall: caught / frauds,
    false_rate: (flagged - caught) / (scores.length - frauds),
  };
}

/** The `count` highest scores of one ranking and of another: common ones over all of them; 1 when they are the same. */
export function jaccardOfTop(a: ArrayLike<number>, b: ArrayLike<number>, count: number): number {
  const top = new Set(rankedRows(a).slice(0, count));
  const common = rankedRows(b)
    .slice(0, count)
    .filter((row) => top.has(row)).length;
  return common / (2 * top.size - common);
}
