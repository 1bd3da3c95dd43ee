import { type Matrix, ModelFormatError, toMatrix } from './anomaly-model';
import { LogisticRegression, type LogisticTable } from './logistic-regression';

/** What is stored: numbers a column, no rows. */
export interface SupervisedTable {
  /** Where each column begins to count anew. */
  knees: number[];
  regression: LogisticTable;
}

/** A column has its knee so many standard deviations above its mean. */
const KNEE_DEVIATIONS = 1;

/**
 * What analysts have confirmed, learned: a logistic regression on the columns, each of which may count more, or less, above its
 * knee than below. A straight line alone cannot say that twice the usual amount is nothing and twenty times is a fraud.
 */
export class SupervisedModel {
  private constructor(
    private readonly knees: readonly number[],
    private readonly regression: LogisticRegression,
  ) {}

  /** @param ordinary rows that are not known to be fraud; no value is missing in either */
  static fit(ordinary: readonly Float32Array[], frauds: readonly Float32Array[]): SupervisedModel {
    const knees = kneesOf(ordinary);
    const rows = [...ordinary, ...frauds];
    const labels = Uint8Array.from(rows, (_, index) => (index < ordinary.length ? 0 : 1));
    const expanded: Matrix = toMatrix(
      rows.map((row) => expand(row, knees)),
      2 * knees.length,
    );
    return new SupervisedModel(knees, LogisticRegression.fit(expanded, labels));
  }

  /** @throws ModelFormatError */
  static fromTable({ knees, regression }: SupervisedTable, columns: number): SupervisedModel {
    if (knees.length !== columns || !knees.every(Number.isFinite)) {
      throw new ModelFormatError('the second model is of other columns');
    }
    return new SupervisedModel(knees, LogisticRegression.fromTable(regression, 2 * columns));
  }

  toTable(): SupervisedTable {
    return { knees: [...this.knees], regression: this.regression.toTable() };
  }

  /** The logarithm of the odds that the row is a fraud, as the training rows were mixed. */
  logOdds(row: Float32Array): number {
    return this.regression.logOdds(expand(row, this.knees));
  }

  /** What each column adds to the log-odds, against a row of means. */
  contributions(row: Float32Array): Float64Array {
    const parts = this.regression.contributions(expand(row, this.knees));
    return Float64Array.from(
      row,
      (_, column) => (parts[column] as number) + (parts[row.length + column] as number),
    );
  }
}

/** The columns, and behind them how far each is above its knee. */
function expand(row: Float32Array, knees: readonly number[]): Float32Array {
  const expanded = new Float32Array(2 * row.length);
  for (let column = 0; column < row.length; column += 1) {
    const value = row[column] as number;
    expanded[column] = value;
    expanded[row.length + column] = Math.max(0, value - (knees[column] as number));
  }
  return expanded;
}

function kneesOf(rows: readonly Float32Array[]): number[] {
  return Array.from(rows[0] ?? [], (_, column) => {
    const mean = rows.reduce((sum, row) => sum + (row[column] as number), 0) / rows.length;
    const variance = rows.reduce((sum, row) => sum + ((row[column] as number) - mean) ** 2, 0) / rows.length;
    return mean + KNEE_DEVIATIONS * Math.sqrt(variance);
  });
}
