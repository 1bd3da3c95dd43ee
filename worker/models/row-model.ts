import { type AnomalyModel, type AnomalyModelFactory, ModelFormatError, toMatrix } from './anomaly-model';
import {
  type AlertBudget,
  Calibration,
  type CalibrationTable,
  DEFAULT_BUDGET,
  riskOfRarity,
} from './calibration';
import { assertReference, type DistributionReference, type Drift, driftOf, referenceOf } from './drift';
import { probabilityOf } from './logistic-regression';
import { seededRandom, shuffle } from './random';
import { SupervisedModel, type SupervisedTable } from './supervised-model';

const MAGIC = 'FLRM';
/** Goes up when the layout changes: a blob of another format is refused. */
const FORMAT = 2;
const PREFIX_BYTES = 8;
/** The share of rows the models are fitted on; the rest calibrates them, as the tail of the scores needs many. */
const FIT_SHARE = 0.3;
const MIN_HELD_OUT = 100;
/** Rarity, that is −log10 p, for each unit by which a column lies above everything the model has seen. */
const RARITY_PER_UNIT_BEYOND = 0.1;
/** A double's powers of ten end somewhere; p never becomes 0. */
const LEAST_P = 1e-300;
/**
 * Once there is a second model the first one has this share of the alerts: it still finds what nobody has confirmed before, and
 * no longer crowds out what is known to be fraud.
 */
const ANOMALY_SHARE = 0.25;
const RARITY_HANDED_OVER = -Math.log10(ANOMALY_SHARE);
/** From so many confirmed frauds on a second model learns from them. */
export const MIN_CONFIRMED_FRAUDS = 25;

export interface TrainingRows {
  /** Transactions that are not known to be fraud; NaN: missing. At least 200. */
  ordinary: readonly Float32Array[];
  /** Those that an analyst has confirmed as fraud by the time of training. */
  confirmed_frauds?: readonly Float32Array[];
}

/** What one model says of a row. */
export interface Opinion {
  /** The model's own score, from 0 to 1; comparable only within one version of one model. */
  raw_score: number;
  /** How rare it is that an ordinary transaction is as odd, above 0 and at most 1. */
  p_value: number;
  /** From 0 to 1, by the line of docs/fraud-model.md. */
  risk_score: number;
}

/** What the models say together: the opinion of the one that finds the higher risk, and both. */
export interface Assessment extends Opinion {
  decided_by: 'anomaly' | 'supervised';
  anomaly: Opinion;
  /** null: there is no second model yet. */
  supervised: Opinion | null;
}

/** A column that makes a row odd. */
export interface Contribution {
  column: number;
  /** Percent of all that makes the row odd, one decimal. */
  share: number;
}

/** The model that learns from what analysts have confirmed. */
interface Supervised {
  model: SupervisedModel;
  calibration: Calibration;
  /** From the larger rarity of the two models to that of both together. */
  joint: Calibration;
  confirmed_frauds: number;
}

interface Header {
  format: number;
  kind: string;
  columns: readonly string[];
  /** What stands in for a missing value, a number a column. */
  neutral: number[];
  /** The largest value of each column among all rows. */
  largest: number[];
  calibration: CalibrationTable;
  supervised: StoredSupervised | null;
  reference: DistributionReference;
}

interface StoredSupervised {
  model: SupervisedTable;
  calibration: CalibrationTable;
  joint: CalibrationTable;
  confirmed_frauds: number;
}

interface Parts {
  kind: string;
  columns: readonly string[];
  anomaly: AnomalyModel;
  calibration: Calibration;
  supervised: Supervised | null;
  neutral: readonly number[];
  largest: readonly number[];
  reference: DistributionReference;
}

/**
 * A model with everything that turns a row of numbers into a risk: stand-ins for missing values, the anomaly model, the
 * supervised one once there are labels, their calibration, and what later rows are compared with. Knows no customer and no
 * database: the worker and the evaluation on public sets both come through here.
 */
export class RowModel {
  private constructor(private readonly parts: Parts) {}

  /**
   * Fits on a part of the rows and calibrates on the others. Missing values (NaN) become the median of their column, so that
   * they make a row neither odd nor ordinary. Confirmed frauds teach the second model only; neither is calibrated on them.
   */
  static fit(
    factory: AnomalyModelFactory,
    columns: readonly string[],
    { ordinary, confirmed_frauds = [] }: TrainingRows,
    seed: number,
  ): RowModel {
    const neutral = columns.map((_, column) => medianOf(ordinary, column));
    const filled = shuffle(
      ordinary.map((row) => fill(row, neutral)),
      seededRandom(seed),
    );
    const fitted = Math.min(Math.floor(filled.length * FIT_SHARE), filled.length - MIN_HELD_OUT);
    const anomaly = factory.fit(toMatrix(filled.slice(0, fitted), columns.length), seed);
    // ml-isolation-forest gives no number for some rows.
    const heldOut = filled
      .slice(fitted)
      .map((row) => ({ row, score: anomaly.score(row) }))
      .filter(({ score }) => Number.isFinite(score));
    const scores = heldOut.map(({ score }) => score);
    const calibration = Calibration.fit(scores);
    const frauds = confirmed_frauds.map((row) => fill(row, neutral));
    const largest = neutral.map((_, column) =>
      filled.reduce((most, row) => Math.max(most, row[column] as number), -Infinity),
    );
    return new RowModel({
      kind: factory.kind,
      columns,
      anomaly,
      calibration,
      supervised: fitSupervised(
        frauds,
        filled.slice(0, fitted),
        heldOut.map(({ row, score }) => ({ row, rarity: calibration.rarity(score) })),
      ),
      neutral,
      largest,
      reference: referenceOf(ordinary, scores),
    });
  }

  /** @throws ModelFormatError when the bytes are not such a model, or one of other columns. */
  static deserialise(factory: AnomalyModelFactory, columns: readonly string[], blob: Buffer): RowModel {
    if (blob.length < PREFIX_BYTES || blob.subarray(0, 4).toString('latin1') !== MAGIC)
      throw new ModelFormatError('not a risk model');
    const end = PREFIX_BYTES + blob.readUInt32LE(4);
    const header = readHeader(blob.subarray(PREFIX_BYTES, end));
    if (header.format !== FORMAT || header.kind !== factory.kind) {
      throw new ModelFormatError(`a model of kind ${header.kind} and format ${header.format}`);
    }
    const { neutral, largest, supervised, reference } = header;
    const hasColumns = neutral.length === columns.length && largest.length === columns.length;
    if (header.columns.join() !== columns.join() || !hasColumns) {
      throw new ModelFormatError('a model of other features');
    }
    assertReference(reference, columns.length);
    return new RowModel({
      kind: header.kind,
      columns,
      anomaly: factory.load(blob.subarray(end), columns.length),
      calibration: Calibration.fromTable(header.calibration),
      supervised: supervised && restoreSupervised(supervised, columns.length),
      neutral,
      largest,
      reference,
    });
  }

  get kind(): string {
    return this.parts.kind;
  }

  /** How many confirmed frauds the second model has learned from; 0: there is none. */
  get confirmedFrauds(): number {
    return this.parts.supervised?.confirmed_frauds ?? 0;
  }

  /** Bytes: trees, weights, medians, tables of scores and histograms, no customer's row. */
  serialise(): Buffer {
    const { anomaly, supervised, calibration, neutral, largest, kind, columns, reference } = this.parts;
    const header: Header = {
      format: FORMAT,
      kind,
      columns,
      neutral: [...neutral],
      largest: [...largest],
      calibration: calibration.toTable(),
      supervised: supervised && {
        model: supervised.model.toTable(),
        calibration: supervised.calibration.toTable(),
        joint: supervised.joint.toTable(),
        confirmed_frauds: supervised.confirmed_frauds,
      },
      reference,
    };
    const json = Buffer.from(JSON.stringify(header));
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.write(MAGIC, 'latin1');
    prefix.writeUInt32LE(json.length, 4);
    return Buffer.concat([prefix, json, anomaly.serialise()]);
  }

  /**
   * The models' own scores and the risks they mean; the higher risk decides. A forest cannot tell apart values that lie beyond
   * all it has seen, so each step beyond makes the row a little rarer: a transfer of millions stands above one of thousands.
   * @param row NaN: missing
   * @throws Error when the model gives no number
   */
  assess(row: Float32Array, budget: AlertBudget = DEFAULT_BUDGET): Assessment {
    const { supervised, calibration } = this.parts;
    const filled = fill(row, this.parts.neutral);
    const raw = this.parts.anomaly.score(filled);
    const rarity = calibration.rarity(raw) + RARITY_PER_UNIT_BEYOND * this.beyond(filled);
    if (!Number.isFinite(raw) || !Number.isFinite(rarity)) throw new Error('the model gave no number');
    if (!supervised) {
      const anomaly = opinionOf(raw, rarity, budget);
      return { ...anomaly, decided_by: 'anomaly', anomaly, supervised: null };
    }
    const logOdds = supervised.model.logOdds(filled);
    const anomaly = opinionOf(raw, supervised.joint.rarity(rarity - RARITY_HANDED_OVER), budget);
    const second = opinionOf(
      probabilityOf(logOdds),
      supervised.joint.rarity(supervised.calibration.rarity(logOdds)),
      budget,
    );
    return second.risk_score > anomaly.risk_score
      ? { ...second, decided_by: 'supervised', anomaly, supervised: second }
      : { ...anomaly, decided_by: 'anomaly', anomaly, supervised: second };
  }

  /**
   * The columns that make the row odd in the eyes of the model that decided, the largest share first. A missing value is no
   * reason and is left out.
   */
  explain(row: Float32Array, decidedBy: Assessment['decided_by'] = 'anomaly', count = 3): Contribution[] {
    const filled = fill(row, this.parts.neutral);
    const contributions =
      decidedBy === 'supervised' && this.parts.supervised
        ? this.parts.supervised.model.contributions(filled)
        : (this.parts.anomaly.contributions?.(filled) ?? this.occlusions(filled));
    const odd = Array.from(contributions, (amount, column) => ({ column, amount })).filter(
      ({ column, amount }) => amount > 0 && !Number.isNaN(row[column]),
    );
    const total = odd.reduce((sum, { amount }) => sum + amount, 0);
    return odd
      .sort((a, b) => b.amount - a.amount)
      .slice(0, count)
      .map(({ column, amount }) => ({ column, share: Math.round((amount / total) * 1000) / 10 }));
  }

  /** How far the rows have moved from those of the training, by PSI. @param rows NaN: missing */
  drift(rows: readonly Float32Array[]): Drift {
    const scores = rows.map((row) => this.parts.anomaly.score(fill(row, this.parts.neutral)));
    return driftOf(this.parts.reference, rows, scores);
  }

  private beyond(filled: Float32Array): number {
    const { largest } = this.parts;
    let sum = 0;
    for (let column = 0; column < filled.length; column += 1) {
      const above = (filled[column] as number) - (largest[column] as number);
      if (above > 0) sum += above;
    }
    return sum;
  }

  /** For a model that cannot say it itself: by how much the score falls when a column is made neutral. */
  private occlusions(filled: Float32Array): Float64Array {
    const score = this.parts.anomaly.score(filled);
    return Float64Array.from(filled, (_, column) => {
      const without = Float32Array.from(filled);
      without[column] = this.parts.neutral[column] as number;
      return score - this.parts.anomaly.score(without);
    });
  }
}

function opinionOf(raw_score: number, rarity: number, budget: AlertBudget): Opinion {
  return { raw_score, p_value: Math.max(10 ** -rarity, LEAST_P), risk_score: riskOfRarity(rarity, budget) };
}

/**
 * The second model and its calibration on the same held-out rows as the first one's. Two models that each flag one in a
 * hundred would flag up to two together, so what they say is calibrated once more by the larger of both on those rows: the
 * larger risk still decides, and the bank's budget of alerts holds.
 */
function fitSupervised(
  frauds: readonly Float32Array[],
  ordinary: readonly Float32Array[],
  heldOut: readonly { row: Float32Array; rarity: number }[],
): Supervised | null {
  if (frauds.length < MIN_CONFIRMED_FRAUDS) return null;
  const model = SupervisedModel.fit(ordinary, frauds);
  const scores = heldOut.map(({ row }) => model.logOdds(row));
  const calibration = Calibration.fit(scores);
  const larger = heldOut.map(({ rarity }, index) =>
    Math.max(rarity - RARITY_HANDED_OVER, calibration.rarity(scores[index] as number)),
  );
  return { model, calibration, joint: Calibration.fit(larger), confirmed_frauds: frauds.length };
}

function restoreSupervised(stored: StoredSupervised, columns: number): Supervised {
  return {
    model: SupervisedModel.fromTable(stored.model, columns),
    calibration: Calibration.fromTable(stored.calibration),
    joint: Calibration.fromTable(stored.joint),
    confirmed_frauds: stored.confirmed_frauds,
  };
}

function readHeader(bytes: Buffer): Header {
  try {
    return JSON.parse(bytes.toString('utf8')) as Header;
  } catch {
    throw new ModelFormatError('the header of the model cannot be read');
  }
}

function fill(row: Float32Array, neutral: readonly number[]): Float32Array {
  return row.map((value, column) => (Number.isNaN(value) ? (neutral[column] as number) : value));
}

function medianOf(rows: readonly Float32Array[], column: number): number {
  const values = Float32Array.from(
    rows.map((row) => row[column] as number).filter((value) => !Number.isNaN(value)),
  ).sort();
  return values[values.length >> 1] ?? 0;
}
