import { ModelFormatError } from './anomaly-model';

/** What is stored: scores, ascending, and −log10 of the share of ordinary transactions that reach each. */
export interface CalibrationTable {
  /** Number of held-out scores. */
  held_out: number;
  scores: number[];
  /** −log10 p of each score, ascending like them. */
  rarities: number[];
  /** Growth of −log10 p per unit of score above the last one. */
  tail_slope: number;
}

/** How many alerts a bank can look into: shares of ordinary transactions. */
export interface AlertBudget {
  /** Scores from 0.5 on. */
  review_share: number;
  /** Scores from 0.8 on; less than review_share. */
  block_share: number;
}

/** One in a hundred is reviewed, one in a thousand is blocked. */
export const DEFAULT_BUDGET: AlertBudget = { review_share: 0.01, block_share: 0.001 };
/** Every rank from the top up to this one is kept as it is; below, ranks that grow by a twentieth. */
const EXACT_RANKS = 100;
const RANK_GROWTH = 1.05;
/** The share of held-out scores, and the bounds of their number, that the slope of the tail is estimated from. */
const TAIL_SHARE = 0.02;
const MIN_TAIL = 20;
const MAX_TAIL = 400;

/**
 * Turns a model's raw score into a risk that means the same for every model: how rare is it that an ordinary transaction
 * scores as high?
 *
 * With n held-out scores p = (number of scores ≥ s, plus 1) / (n + 1), the conformal p-value of Laxhammar and Falkman 2010.
 * Between two held-out scores −log10 p is interpolated, so that scores keep their order. Above the largest one it goes on in
 * the way of an exponential tail, whose mean excess is that of the top two percent (peaks over threshold, Pickands 1975 with
 * shape 0): more extreme is higher, without an end.
 */
export class Calibration {
  constructor(private readonly table: CalibrationTable) {}

  /** @param scores raw scores of held-out rows, which the model was not fitted on; at least 100 of them. */
  static fit(scores: readonly number[]): Calibration {
    const n = scores.length;
    if (n < 100) throw new RangeError('calibration needs at least 100 held-out scores');
    const descending = Float64Array.from(scores).sort().reverse();
    const table: CalibrationTable = {
      held_out: n,
      scores: [],
      rarities: [],
      tail_slope: tailSlope(descending),
    };
    for (const rank of ranks(n)) {
      const score = descending[rank - 1] as number;
      // Among equal scores the lowest rank counts them all.
      if (rank < n && descending[rank] === score) continue;
      table.scores.unshift(score);
      table.rarities.unshift(Math.log10((n + 1) / (rank + 1)));
    }
    return new Calibration(table);
  }

  /** @throws ModelFormatError */
  static fromTable(table: CalibrationTable): Calibration {
    const isAscending = (numbers: readonly number[]): boolean =>
      numbers.every(
        (number, index) => Number.isFinite(number) && (index === 0 || number > (numbers[index - 1] ?? 0)),
      );
    const isSound =
      table.scores.length > 0 &&
      table.scores.length === table.rarities.length &&
      isAscending(table.scores) &&
      isAscending(table.rarities) &&
      table.tail_slope > 0;
    if (!isSound) throw new ModelFormatError('the calibration table is not ascending');
    return new Calibration(table);
  }

  toTable(): CalibrationTable {
    return this.table;
  }

  /** −log10 p: 0 for the most ordinary score, 2 for one in a hundred, 3 for one in a thousand. */
  rarity(score: number): number {
    const { scores, rarities, tail_slope } = this.table;
    const last = scores.length - 1;
    const largest = scores[last] as number;
    if (score >= largest) return (rarities[last] as number) + (score - largest) * tail_slope;
    if (score <= (scores[0] as number)) return rarities[0] as number;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((scores[middle] as number) <= score) low = middle;
      else high = middle;
    }
    return between(score, scores[low], rarities[low], scores[high], rarities[high]);
  }
}

/**
 * Rarity, −log10 p, to risk from 0 to 1: straight lines through (0, 0), (review, 0.5), (block, 0.8) and (block + 1, 0.95), where
 * review and block are the rarities of the budget's shares, 2 and 3 unless the bank has set others; 0.5 and 0.8 are where the
 * verdicts change. Past the last point the rest to 1 shrinks as 1 / (1 + excess): never reached, and slowly enough that alerts
 * stay apart in four decimals.
 */
export function riskOfRarity(rarity: number, budget: AlertBudget = DEFAULT_BUDGET): number {
  const review = -Math.log10(budget.review_share);
  const block = -Math.log10(budget.block_share);
  if (rarity <= review) return between(Math.max(rarity, 0), 0, 0, review, 0.5);
  if (rarity <= block) return between(rarity, review, 0.5, block, 0.8);
  if (rarity <= block + 1) return between(rarity, block, 0.8, block + 1, 0.95);
  return 1 - 0.05 / (1 + rarity - block - 1);
}

function between(x: number, x0 = 0, y0 = 0, x1 = 1, y1 = 1): number {
  return y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
}

/** Ranks from the top, 1 the largest score, down to n. */
function ranks(n: number): number[] {
  const result: number[] = [];
  for (let rank = 1; rank < n; rank = rank < EXACT_RANKS ? rank + 1 : Math.ceil(rank * RANK_GROWTH))
    result.push(rank);
  result.push(n);
  return result;
}

function tailSlope(descending: Float64Array): number {
  const count = Math.min(Math.max(Math.round(descending.length * TAIL_SHARE), MIN_TAIL), MAX_TAIL);
  const threshold = descending[count] as number;
  const excess = descending.subarray(0, count).reduce((sum, score) => sum + score - threshold, 0) / count;
  // When the top is all one score, anything above it is rare beyond measure.
  return 1 / (Math.max(excess, 1e-6) * Math.LN10);
}
