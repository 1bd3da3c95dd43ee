import { basename } from 'node:path';
import { normal, type Random, seededRandom, shuffle } from '../../worker/models/random';
import { rowsOf } from './csv';
import { type Figures, figuresOf, type Scored } from './figures';
import { fitFlorin, fitPeer, type Fitted, scoreAll } from './methods';
import type { RowModel } from '../../worker/models/row-model';

/** Which anomalies fall into the test matters more than the forest's seed: ten splits, so that their mean stands. */
export const SPLITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
/** Seeds of forests on the first split, whose flagged sets are compared. */
const STABILITY_SEEDS = 3;
const MAX_ROWS = 10_000;
const TRAINING_SHARE = 0.7;
const PLANTED_ROWS = 300;

/** A set of the ADBench collection (S. Han and others, NeurIPS 2022): columns f0 to fN, then y, 1 the anomaly. */
interface LabelledRows {
  columns: string[];
  rows: Float32Array[];
  labels: number[];
}

interface Split {
  training: Float32Array[];
  test: Float32Array[];
  labels: number[];
}

export interface AnomalySetResult {
  figures: Figures[];
  /** Of planted odd values, the share whose column is among the first three contributions. */
  explained_share: number;
}

export function isAnomalySet(header: readonly string[]): boolean {
  return (
    header.length > 1 && header.at(-1) === 'y' && header.slice(0, -1).every((name, at) => name === `f${at}`)
  );
}

/** "23_mammography.csv" is mammography. */
export function nameOfSet(file: string): string {
  return basename(file)
    .replace(/^\d+_/, '')
    .replace(/\.csv(\.gz)?$/, '');
}

/**
 * By the protocol of ADBench: at most 10,000 rows, 70 % for training without their labels and 30 % for the test, each class in
 * its share; columns scaled to what the training rows span.
 */
export async function evaluateAnomalySet(
  file: string,
  seeds: readonly number[] = SPLITS,
): Promise<AnomalySetResult> {
  const data = await readLabelled(file);
  const name = nameOfSet(file);
  const splits = seeds.map((seed) => splitRows(data, seed));
  const [firstSplit] = splits as [Split];
  const florin = splits.map((split, index) =>
    fitFlorin(data.columns, { ordinary: split.training }, seeds[index] ?? 1),
  );
  const risks = florin.map((fitted, index) =>
    run(splits[index] as Split, fitted, ({ risk_score }) => risk_score),
  );
  const peers = splits.map((split) => run(split, fitPeer(split.training), (score) => score, false));
  // The split of the first seed again with other forests: what changes is chance alone.
  const others = seeds
    .slice(1, STABILITY_SEEDS)
    .map((seed) =>
      run(
        firstSplit,
        fitFlorin(data.columns, { ordinary: firstSplit.training }, seed),
        ({ risk_score }) => risk_score,
      ),
    );
  const [firstRisks] = risks as [Scored];
  return {
    figures: [
      figuresOf(name, 'florin', risks, [firstRisks, ...others]),
      figuresOf(name, 'ml-isolation-forest', peers, []),
    ],
    explained_share: explainedShare((florin[0] as { model: RowModel }).model, firstSplit),
  };
}

async function readLabelled(file: string): Promise<LabelledRows> {
  const rows: Float32Array[] = [];
  const labels: number[] = [];
  for await (const fields of rowsOf(file)) {
    const numbers = fields.map(Number);
    if (numbers.some(Number.isNaN)) throw new Error(`${file}: row ${rows.length + 1} is not all numbers`);
    labels.push(numbers.pop() as number);
    rows.push(Float32Array.from(numbers));
  }
  const columns = Array.from(rows[0] ?? [], (_, at) => `f${at}`);
  return { columns, rows, labels };
}

function splitRows({ rows, labels, columns }: LabelledRows, seed: number): Split {
  const random = seededRandom(seed);
  const drawn = shuffle(
    rows.map((_, row) => row),
    random,
  ).slice(0, MAX_ROWS);
  const classes = [0, 1].map((label) => drawn.filter((row) => labels[row] === label));
  const training = classes.flatMap((members) =>
    members.slice(0, Math.round(members.length * TRAINING_SHARE)),
  );
  const test = classes.flatMap((members) => members.slice(Math.round(members.length * TRAINING_SHARE)));
  const spans = columns.map((_, column) => {
    const values = training.map((row) => (rows[row] as Float32Array)[column] as number);
    const least = values.reduce((a, b) => Math.min(a, b), Infinity);
    return { least, width: values.reduce((a, b) => Math.max(a, b), -Infinity) - least || 1 };
  });
  const scaled = (row: number): Float32Array =>
    (rows[row] as Float32Array).map(
      (value, column) => (value - (spans[column]?.least ?? 0)) / (spans[column]?.width ?? 1),
    );
  return {
    training: training.map(scaled),
    test: test.map(scaled),
    labels: test.map((row) => labels[row] as number),
  };
}

function run<Score>(
  split: Split,
  fitted: Fitted<Score>,
  of: (score: Score) => number,
  is_calibrated = true,
): Scored {
  const { scores, score_us } = scoreAll(fitted, split.test);
  return { scores: scores.map(of), labels: split.labels, fit_ms: fitted.fit_ms, score_us, is_calibrated };
}

/** Puts a value well outside a column's range into ordinary rows and asks which columns the model names. */
function explainedShare(model: RowModel, split: Split): number {
  const random: Random = seededRandom(7);
  const ordinary = split.test.filter((_, row) => split.labels[row] === 0);
  let named = 0;
  for (let planted = 0; planted < PLANTED_ROWS; planted += 1) {
    const row = Float32Array.from(ordinary[Math.floor(random() * ordinary.length)] as Float32Array);
    const column = Math.floor(random() * row.length);
    // Columns are scaled to 0 to 1.
    row[column] = 1.2 + 0.2 * Math.abs(normal(random));
    if (model.explain(row).some((contribution) => contribution.column === column)) named += 1;
  }
  return named / PLANTED_ROWS;
}
