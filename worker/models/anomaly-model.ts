/** Rows of numbers, one after the other: row r, column c stands at r * columns + c. No value is missing. */
export interface Matrix {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;
}

/** A fitted model that says how odd a row is. */
export interface AnomalyModel {
  /** From 0 to 1, the odder the higher. `row` has as many numbers as the model was fitted on columns. */
  score(row: Float32Array): number;
  /** How much each column makes the row odd; below zero: ordinary. Any unit. Models that have no cheap way leave it out. */
  contributions?(row: Float32Array): Float64Array;
  /** The model without any of the rows it was fitted on. */
  serialise(): Buffer;
}

/** A way to make models: what SCORING_MODEL chooses from. */
export interface AnomalyModelFactory {
  readonly kind: string;
  /** The same rows and seed give the same model, unless the factory says otherwise. */
  fit(rows: Matrix, seed: number): AnomalyModel;
  /** @throws ModelFormatError when the bytes are not a model of this kind and layout. */
  load(blob: Buffer, columns: number): AnomalyModel;
}

export class ModelFormatError extends Error {
  override name = 'ModelFormatError';
}

/** Copies rows of equal length into a matrix. */
export function toMatrix(rows: readonly ArrayLike<number>[], columns: number): Matrix {
  const values = new Float32Array(rows.length * columns);
  rows.forEach((row, index) => values.set(row, index * columns));
  return { columns, rows: rows.length, values };
}
