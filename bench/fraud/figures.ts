import {
  aucRoc,
  averagePrecision,
  type Flagged,
  flaggedAt,
  jaccardOfTop,
  precisionInDailyTop,
} from '../../worker/models/quality';

/** Analysts look into so many alerts a day. */
const DAILY_ALERTS = 100;
/** The flagged sets that are compared between seeds: the top one in a hundred. */
const FLAGGED_SHARE = 0.01;

/** The scored rows of one run. */
export interface Scored {
  scores: number[];
  labels: ArrayLike<number>;
  /** Of each row; absent where the set has no days. */
  days?: ArrayLike<number>;
  fit_ms: number;
  score_us: number;
  /** The scores are calibrated risks, so that 0.5 and 0.8 mean something. */
  is_calibrated: boolean;
}

/** What one method reached on one set, in the mean over the seeds. Shares from 0 to 1. */
export interface Figures {
  set: string;
  method: string;
  auc_roc: number;
  average_precision: number;
  precision_in_daily_100: number | null;
  at_50: Flagged | null;
  at_80: Flagged | null;
  /** Common over all rows of the flagged sets of two seeds, in the mean over the pairs. */
  seed_stability: number | null;
  fit_ms: number;
  score_us: number;
}

/** @param stability runs of the same test rows that differ by their seed only; fewer than two: none */
export function figuresOf(
  set: string,
  method: string,
  runs: readonly Scored[],
  stability: readonly Scored[] = runs,
): Figures {
  const mean = (of: (run: Scored) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const flagged = (bound: number): Flagged | null => {
    if (!runs.every((run) => run.is_calibrated)) return null;
    const all = runs.map((run) => flaggedAt(bound, run.scores, run.labels));
    const of = (name: keyof Flagged): number => meanOfNumbers(all.map((one) => one[name]));
    return {
      rate: of('rate'),
      precision: of('precision'),
      recall: of('recall'),
      false_rate: of('false_rate'),
    };
  };
  return {
    set,
    method,
    auc_roc: mean((run) => aucRoc(run.scores, run.labels)),
    average_precision: mean((run) => averagePrecision(run.scores, run.labels)),
    precision_in_daily_100: runs.every((run) => run.days)
      ? mean((run) => precisionInDailyTop(run.scores, run.labels, run.days ?? [], DAILY_ALERTS))
      : null,
    at_50: flagged(0.5),
    at_80: flagged(0.8),
    seed_stability: stabilityOf(stability),
    fit_ms: mean((run) => run.fit_ms),
    score_us: mean((run) => run.score_us),
  };
}

function stabilityOf(runs: readonly Scored[]): number | null {
  const pairs = runs.flatMap((a, index) => runs.slice(index + 1).map((b) => [a, b] as const));
  if (pairs.length === 0) return null;
  return meanOfNumbers(
    pairs.map(([a, b]) =>
      jaccardOfTop(a.scores, b.scores, Math.max(1, Math.round(a.scores.length * FLAGGED_SHARE))),
    ),
  );
}

/** Of those that are numbers: where nothing was flagged there is no precision. */
function meanOfNumbers(values: readonly number[]): number {
  const present = values.filter((value) => !Number.isNaN(value));
  return present.reduce((sum, value) => sum + value, 0) / present.length;
}
