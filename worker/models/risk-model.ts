import { type Features, MODEL_FEATURES, toModelRow } from '../features/features';
import { type AnomalyModel, type AnomalyModelFactory, ModelFormatError, toMatrix } from './anomaly-model';
import { Calibration, type CalibrationTable, riskOfRarity } from './calibration';
import { seededRandom, shuffle } from './random';

const MAGIC = 'FLRM';
const FORMAT = 1;
const PREFIX_BYTES = 8;
/** The share of rows the model is fitted on; the rest calibrates it, as the tail of the scores needs many. */
const FIT_SHARE = 0.3;
const MIN_HELD_OUT = 100;
/** Rarity, that is −log10 p, for each unit by which a column lies above everything the model has seen. */
const RARITY_PER_UNIT_BEYOND = 0.1;

interface Header {
  format: number;
  kind: string;
  features: readonly string[];
  /** What stands in for a missing value, a number a column. */
  neutral: number[];
  /** The largest value of each column among all rows. */
  largest: number[];
  calibration: CalibrationTable;
}

/** A model with everything that turns features into a risk: stand-ins for missing values, the model, its calibration. */
export class RiskModel {
  private constructor(
    readonly kind: string,
    private readonly model: AnomalyModel,
    private readonly neutral: readonly number[],
    private readonly largest: readonly number[],
    private readonly calibration: Calibration,
  ) {}

  /**
   * Fits on a part of the rows and calibrates on the others. Missing values (NaN) become the median of their column, so that
   * they make a row neither odd nor ordinary.
   * @param rows of toModelRow; at least 200
   */
  static fit(factory: AnomalyModelFactory, rows: readonly Float32Array[], seed: number): RiskModel {
    const columns = MODEL_FEATURES.length;
    const neutral = Array.from({ length: columns }, (_, column) => medianOf(rows, column));
    const filled = shuffle(
      rows.map((row) => fill(row, neutral)),
      seededRandom(seed),
    );
    const fitted = Math.min(Math.floor(rows.length * FIT_SHARE), rows.length - MIN_HELD_OUT);
    const model = factory.fit(toMatrix(filled.slice(0, fitted), columns), seed);
    const largest = neutral.map((_, column) =>
      filled.reduce((most, row) => Math.max(most, row[column] ?? most), -Infinity),
    );
    const scores = filled.slice(fitted).map((row) => model.score(row));
    return new RiskModel(
      factory.kind,
      model,
      neutral,
      largest,
      Calibration.fit(scores.filter(Number.isFinite)),
    );
  }

  /** @throws ModelFormatError when the bytes are not such a model, or one of other features. */
  static deserialise(factory: AnomalyModelFactory, blob: Buffer): RiskModel {
    if (blob.subarray(0, 4).toString('latin1') !== MAGIC) throw new ModelFormatError('not a risk model');
    const end = PREFIX_BYTES + blob.readUInt32LE(4);
    const header = readHeader(blob.subarray(PREFIX_BYTES, end));
    if (header.format !== FORMAT || header.kind !== factory.kind) {
      throw new ModelFormatError(`a model of kind ${header.kind} and format ${header.format}`);
    }
    const columns = MODEL_FEATURES.length;
    const hasColumns = header.neutral.length === columns && header.largest.length === columns;
    if (header.features.join() !== MODEL_FEATURES.join() || !hasColumns) {
      throw new ModelFormatError('a model of other features');
    }
    const model = factory.load(blob.subarray(end), columns);
    return new RiskModel(
      header.kind,
      model,
      header.neutral,
      header.largest,
      Calibration.fromTable(header.calibration),
    );
  }

  /** Bytes for risk_models.model_blob: trees, medians and a table of scores, no customer's row. */
  serialise(): Buffer {
    const header: Header = {
      format: FORMAT,
      kind: this.kind,
      features: MODEL_FEATURES,
      neutral: [...this.neutral],
      largest: [...this.largest],
      calibration: this.calibration.toTable(),
    };
    const json = Buffer.from(JSON.stringify(header));
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.write(MAGIC, 'latin1');
    prefix.writeUInt32LE(json.length, 4);
    return Buffer.concat([prefix, json, this.model.serialise()]);
  }

  /**
   * The model's own score and the risk it means, both from 0 to 1. A forest cannot tell apart values that lie beyond all it has
   * seen, so each step beyond makes the transaction a little rarer: a transfer of millions stands above one of thousands.
   * @throws Error when the model gives no number
   */
  assess(features: Features): { raw_score: number; risk_score: number } {
    const row = fill(toModelRow(features), this.neutral);
    const raw = this.model.score(row);
    const beyond = row.reduce(
      (sum, value, column) => sum + Math.max(0, value - (this.largest[column] ?? value)),
      0,
    );
    const risk = riskOfRarity(this.calibration.rarity(raw) + RARITY_PER_UNIT_BEYOND * beyond);
    if (!Number.isFinite(raw) || !Number.isFinite(risk)) throw new Error('the model gave no number');
    return { raw_score: raw, risk_score: risk };
  }
}

function readHeader(bytes: Buffer): Header {
  try {
    return JSON.parse(bytes.toString('utf8')) as Header;
  } catch {
    throw new ModelFormatError('the header of the model cannot be read');
  }
}

function fill(row: Float32Array, neutral: readonly number[]): Float32Array {
  return row.map((value, column) => (Number.isNaN(value) ? (neutral[column] ?? 0) : value));
}

function medianOf(rows: readonly Float32Array[], column: number): number {
  const values = rows.map((row) => row[column] ?? Number.NaN).filter((value) => !Number.isNaN(value));
  values.sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
}
