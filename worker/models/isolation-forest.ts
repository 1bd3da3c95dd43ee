import { type AnomalyModel, type AnomalyModelFactory, type Matrix, ModelFormatError } from './anomaly-model';
import { averagePathLength } from './path-length';
import { type Random, seededRandom } from './random';
import { LEAF, type Nodes, TreeWalk } from './tree-walk';

const KIND = 'florin-forest';
const LAYOUT = 1;
/** 400 trees keep the flagged set the same from seed to seed; 100, the paper's number, do not. */
const TREES = 400;
/** Rows a tree is grown on, as in the paper. */
const SUBSAMPLE = 256;
/** How strongly the choice of columns follows their kurtosis: 0 not at all, as in the paper. */
const KURTOSIS_POWER = 0.25;
/** How strongly columns must correlate to share a weight: |r| to this power, so that 0.9 counts a fifth and 0.7 nothing. */
const LIKENESS_POWER = 16;
/** Rows that likeness is told from. */
const LIKENESS_ROWS = 2_000;
const HEADER_BYTES = 20;
const NODE_BYTES = 9;

/**
 * Isolation forest: odd rows are separated by fewer random splits.
 *
 * F. T. Liu, K. M. Ting, Z.-H. Zhou: Isolation Forest. ICDM 2008, doi 10.1109/ICDM.2008.17. Each tree is grown on 256 rows
 * drawn without replacement, down to ceil(log2 256) = 8 splits; a leaf that still holds n rows counts c(n) more; the score is
 * 2^(−mean path length / c(256)). A column that is constant among a node's rows is passed over for another one, as splits on
 * it would separate nothing and only lengthen paths.
 *
 * The column of a split is drawn with a weight, the fourth root of its kurtosis among the tree's rows (after isotree's
 * prob_pick_col_by_kurt, D. Cortes 2019): where many columns are noise, those with rare far values, such as a counterparty's
 * rate of fraud, are asked more often. Columns that say the same share one weight, or a feature that comes in three versions would be
 * asked three times as often as another. docs/fraud-model.md says what that brings.
 */
export class IsolationForest implements AnomalyModel {
  private readonly walk: TreeWalk;

  private constructor(
    private readonly nodes: Nodes,
    private readonly subsample: number,
    private readonly columns: number,
  ) {
    this.walk = new TreeWalk(nodes, subsample);
  }

  /** Grows a forest. The same rows, seed and numbers give the same forest. Needs at least two rows. */
  static fit(rows: Matrix, seed: number, trees = TREES, subsample = SUBSAMPLE): IsolationForest {
    if (rows.rows < 2 || rows.columns < 1 || rows.columns >= LEAF)
      throw new RangeError('a forest needs two rows');
    const size = Math.min(subsample, rows.rows);
    const grower = new Grower(rows, trees, size, seededRandom(seed));
    return new IsolationForest(grower.grow(), size, rows.columns);
  }

  /** @throws ModelFormatError */
  static deserialise(blob: Buffer, columns: number): IsolationForest {
    if (blob.length < HEADER_BYTES || blob.readUInt32LE(0) !== LAYOUT) {
      throw new ModelFormatError('not an isolation forest of this layout');
    }
    const [subsample, fittedColumns, trees, count] = [4, 8, 12, 16].map((at) => blob.readUInt32LE(at)) as [
      number,
      number,
      number,
      number,
    ];
    if (fittedColumns !== columns || blob.length !== HEADER_BYTES + trees * 4 + count * NODE_BYTES) {
      throw new ModelFormatError('the forest was cut short or fitted on other columns');
    }
    let at = HEADER_BYTES;
    const take = (bytes: number): ArrayBuffer => {
      const part = new Uint8Array(blob.subarray(at, at + bytes));
      at += bytes;
      return part.buffer;
    };
    const nodes: Nodes = {
      roots: new Uint32Array(take(trees * 4)),
      lefts: new Uint32Array(take(count * 4)),
      values: new Float32Array(take(count * 4)),
      columns: new Uint8Array(take(count)),
    };
    if (!isSound(nodes, columns)) throw new ModelFormatError('the forest points outside itself');
    return new IsolationForest(nodes, subsample, columns);
  }

  score(row: Float32Array): number {
    return 2 ** (-this.walk.meanPathLength(row) / averagePathLength(this.subsample));
  }

  /**
   * How much each column shortens the row's path, in splits: the path contributions of TreeInterpreter (A. Saabas 2014), with
   * path lengths in place of predictions, close to the local form of DIFFI (M. Carletti, M. Terzi, G. A. Susto 2023).
   */
  contributions(row: Float32Array): Float64Array {
    return this.walk.shortening(row, this.columns);
  }

  serialise(): Buffer {
    const { columns, values, lefts, roots } = this.nodes;
    const header = Buffer.alloc(HEADER_BYTES);
    [LAYOUT, this.subsample, this.columns, roots.length, columns.length].forEach((number, index) => {
      header.writeUInt32LE(number, index * 4);
    });
    return Buffer.concat([header, bytesOf(roots), bytesOf(lefts), bytesOf(values), bytesOf(columns)]);
  }
}

function bytesOf(array: Uint32Array | Float32Array | Uint8Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Children stand behind their parents, so that every walk ends. */
function isSound({ columns, lefts, roots }: Nodes, columnCount: number): boolean {
  const splitsAreSound = columns.every(
    (column, node) =>
      column === LEAF ||
      (column < columnCount && (lefts[node] ?? 0) > node && (lefts[node] ?? 0) + 1 < columns.length),
  );
  return splitsAreSound && roots.length > 0 && roots.every((root) => root < columns.length);
}

class Grower {
  private readonly nodes: Nodes;
  private readonly depthLimit: number;
  private readonly drawn: Uint32Array;
  private readonly columnOrder: number[];
  /** Of each column, in the tree that is being grown; 0 of a constant one. */
  private readonly columnWeights: Float64Array;
  /** Of each column, how many columns say the same, itself included: 1 and more. */
  private readonly alike: Float64Array;
  private count = 0;

  constructor(
    private readonly rows: Matrix,
    private readonly trees: number,
    private readonly size: number,
    private readonly random: Random,
  ) {
    this.depthLimit = Math.ceil(Math.log2(size));
    const most = trees * Math.min(2 * size - 1, 2 ** (this.depthLimit + 1) - 1);
    this.nodes = {
      columns: new Uint8Array(most),
      values: new Float32Array(most),
      lefts: new Uint32Array(most),
      roots: new Uint32Array(trees),
    };
    this.drawn = Uint32Array.from({ length: rows.rows }, (_, index) => index);
    this.columnWeights = new Float64Array(rows.columns);
    this.alike = likenessOf(rows);
    this.columnOrder = Array.from({ length: rows.columns }, (_, index) => index);
  }

  grow(): Nodes {
    for (let tree = 0; tree < this.trees; tree += 1) {
      this.draw();
      this.weighColumns();
      const root = this.count;
      this.nodes.roots[tree] = root;
      this.count += 1;
      this.growNode(root, 0, this.size, 0);
    }
    return {
      columns: this.nodes.columns.slice(0, this.count),
      values: this.nodes.values.slice(0, this.count),
      lefts: this.nodes.lefts.slice(0, this.count),
      roots: this.nodes.roots,
    };
  }

  /** Brings a random sample without replacement to the front: the first steps of a shuffle. */
  private draw(): void {
    for (let place = 0; place < this.size; place += 1) {
      this.swap(place, place + Math.floor(this.random() * (this.drawn.length - place)));
    }
  }

  private weighColumns(): void {
    for (let column = 0; column < this.rows.columns; column += 1) {
      let mean = 0;
      for (let place = 0; place < this.size; place += 1) mean += this.valueAt(place, column) / this.size;
      let second = 0;
      let fourth = 0;
      for (let place = 0; place < this.size; place += 1) {
        const square = (this.valueAt(place, column) - mean) ** 2;
        second += square;
        fourth += square * square;
      }
      const kurtosis = (this.size * fourth) / (second * second);
      this.columnWeights[column] =
        kurtosis > 0 && kurtosis < Infinity ? kurtosis ** KURTOSIS_POWER / (this.alike[column] as number) : 0;
    }
  }

  private growNode(node: number, from: number, to: number, depth: number): void {
    const split = to - from > 1 && depth < this.depthLimit ? this.chooseSplit(from, to) : null;
    if (!split) {
      this.nodes.columns[node] = LEAF;
      this.nodes.values[node] = depth + averagePathLength(to - from);
      return;
    }
    const middle = this.partition(from, to, split.column, split.value);
    const left = this.count;
    this.count += 2;
    this.nodes.columns[node] = split.column;
    this.nodes.values[node] = split.value;
    this.nodes.lefts[node] = left;
    this.growNode(left, from, middle, depth + 1);
    this.growNode(left + 1, middle, to, depth + 1);
  }

  /** A random column that is not constant here, and a random value that leaves rows on both sides. */
  private chooseSplit(from: number, to: number): { column: number; value: number } | null {
    for (let tried = 0; tried < this.columnOrder.length; tried += 1) {
      const other = this.chooseColumn(tried);
      const column = this.columnOrder[other] as number;
      this.columnOrder[other] = this.columnOrder[tried] as number;
      this.columnOrder[tried] = column;
      let min = Infinity;
      let max = -Infinity;
      for (let place = from; place < to; place += 1) {
        const value = this.valueAt(place, column);
        if (value < min) min = value;
        if (value > max) max = value;
      }
      if (min < max) {
        const value = Math.fround(min + this.random() * (max - min));
        return { column, value: value > min ? value : max };
      }
    }
    return null;
  }

  /** A place of columnOrder that was not tried yet, by the columns' weights. */
  private chooseColumn(tried: number): number {
    const weightAt = (place: number): number =>
      this.columnWeights[this.columnOrder[place] as number] as number;
    let total = 0;
    for (let place = tried; place < this.columnOrder.length; place += 1) total += weightAt(place);
    let rest = this.random() * total;
    for (let place = tried; place < this.columnOrder.length; place += 1) {
      rest -= weightAt(place);
      if (rest < 0) return place;
    }
    // Only columns that are constant are left, or the sum was rounded.
    return this.columnOrder.length - 1;
  }

  private partition(from: number, to: number, column: number, value: number): number {
    let middle = from;
    for (let place = from; place < to; place += 1) {
      if (this.valueAt(place, column) < value) {
        this.swap(place, middle);
        middle += 1;
      }
    }
    return middle;
  }

  private valueAt(place: number, column: number): number {
    return this.rows.values[(this.drawn[place] as number) * this.rows.columns + column] as number;
  }

  private swap(a: number, b: number): void {
    const kept = this.drawn[a] as number;
    this.drawn[a] = this.drawn[b] as number;
    this.drawn[b] = kept;
  }
}

function likenessOf({ values, rows, columns }: Matrix): Float64Array {
  const count = Math.min(rows, LIKENESS_ROWS);
  const standardised = Array.from({ length: columns }, (_, column) => {
    const own = Float64Array.from({ length: count }, (_row, row) => values[row * columns + column] as number);
    const mean = own.reduce((sum, value) => sum + value, 0) / count;
    const length = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    return own.map((value) => (length > 0 ? (value - mean) / length : 0));
  });
  return Float64Array.from(standardised, (one) => {
    const sum = standardised.reduce(
      (total, other) => total + Math.abs(correlation(one, other)) ** LIKENESS_POWER,
      0,
    );
    // A constant column is like nothing, not even itself.
    return Math.max(1, sum);
  });
}

function correlation(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < one.length; row += 1) sum += (one[row] as number) * (other[row] as number);
  return sum;
}

/** Florin's own forest behind the common interface. */
export const florinForest: AnomalyModelFactory = {
  kind: KIND,
  fit: (rows, seed) => IsolationForest.fit(rows, seed),
  load: (blob, columns) => IsolationForest.deserialise(blob, columns),
};
