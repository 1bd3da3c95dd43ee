import { IsolationForest as MlIsolationForest } from 'ml-isolation-forest';
import { florinForest } from '../../worker/models/isolation-forest';
import { type Assessment, RowModel, type TrainingRows } from '../../worker/models/row-model';

/** A fitted method, and what fitting cost. */
export interface Fitted<Score> {
  score(row: Float32Array): Score;
  /** Processor time in milliseconds. */
  fit_ms: number;
}

/** The bank's own model, as the worker trains it. */
export function fitFlorin(
  columns: readonly string[],
  rows: TrainingRows,
  seed: number,
): Fitted<Assessment> & { model: RowModel } {
  const { result: model, cpu_ms } = timed(() => RowModel.fit(florinForest, columns, rows, seed));
  return { model, score: (row) => model.assess(row), fit_ms: cpu_ms };
}

/**
 * The npm package ml-isolation-forest as it is: 100 trees, every tree on every row. It cannot be seeded. Missing values become 0,
 * as it knows none.
 */
export function fitPeer(rows: readonly Float32Array[]): Fitted<number> {
  const { result, cpu_ms } = timed(() => {
    const forest = new MlIsolationForest({ nEstimators: 100 });
    forest.train(rows.map((row) => Array.from(row, present)));
    return forest;
  });
  const score = (row: Float32Array): number => {
    const [raw = 0] = result.predict([row.map(present)]);
    // Its constant makes the path of some leaves no number.
    return Number.isNaN(raw) ? 0 : raw;
  };
  return { score, fit_ms: cpu_ms };
}

function present(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/** Scores all rows. @returns the scores, and the processor time of one in microseconds */
export function scoreAll<Score>(
  fitted: Fitted<Score>,
  rows: readonly Float32Array[],
): { scores: Score[]; score_us: number } {
  const { result, cpu_ms } = timed(() => rows.map((row) => fitted.score(row)));
  return { scores: result, score_us: (cpu_ms * 1000) / rows.length };
}

/** Runs the work and says how much processor time it took: other programs on the machine do not count. */
export function timed<T>(work: () => T): { result: T; cpu_ms: number } {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpu_ms: (user + system) / 1000 };
}
