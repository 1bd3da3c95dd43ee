import { averagePathLength } from './path-length';

/** In place of a column: this node is a leaf. */
export const LEAF = 255;
/** So many trees are walked side by side: the processor waits for the memory of one while it works on another. */
const ABREAST = 4;

/** All nodes of all trees. The right child of a node stands next to its left one, and both behind their parent. */
export interface Nodes {
  /** The column a node splits on, or LEAF. */
  columns: Uint8Array;
  /** Of a split: smaller goes left. Of a leaf: the length of the path that ends here. */
  values: Float32Array;
  lefts: Uint32Array;
  roots: Uint32Array;
}

/**
 * The trees in a form that is quick to walk: a leaf's next step leads to itself, so that every walk takes as many steps as the
 * deepest tree is deep and nothing has to be asked on the way. Four trees abreast, a row takes a third of the time.
 */
export class TreeWalk {
  private readonly columns: Uint8Array;
  private readonly thresholds: Float32Array;
  private readonly lefts: Int32Array;
  /** Of a leaf the length of the path; of any other node the mean of its training rows' paths. */
  private readonly expected: Float32Array;
  private readonly steps: number;

  constructor(
    private readonly nodes: Nodes,
    subsample: number,
  ) {
    const isLeaf = (node: number): boolean => nodes.columns[node] === LEAF;
    this.columns = nodes.columns.map((column) => (column === LEAF ? 0 : column));
    this.thresholds = nodes.values.map((value, node) => (isLeaf(node) ? -Infinity : value));
    this.lefts = Int32Array.from(nodes.lefts, (left, node) => (isLeaf(node) ? node - 1 : left));
    const depths = depthsOf(nodes);
    this.steps = depths.reduce((most, depth) => Math.max(most, depth), 0);
    this.expected = expectedPaths(nodes, depths, subsample);
  }

  /** The mean over the trees of the row's path length, in splits. */
  meanPathLength(row: Float32Array): number {
    const { columns, thresholds, lefts, expected, steps } = this;
    const { roots } = this.nodes;
    const abreast = roots.length - (roots.length % ABREAST);
    let sum = 0;
    for (let tree = 0; tree < abreast; tree += ABREAST) {
      let a = roots[tree] as number;
      let b = roots[tree + 1] as number;
      let c = roots[tree + 2] as number;
      let d = roots[tree + 3] as number;
      for (let step = 0; step < steps; step += 1) {
        // Not smaller goes right; written so that no jump depends on the data.
        a = (lefts[a] as number) + +!((row[columns[a] as number] as number) < (thresholds[a] as number));
        b = (lefts[b] as number) + +!((row[columns[b] as number] as number) < (thresholds[b] as number));
        c = (lefts[c] as number) + +!((row[columns[c] as number] as number) < (thresholds[c] as number));
        d = (lefts[d] as number) + +!((row[columns[d] as number] as number) < (thresholds[d] as number));
      }
      sum +=
        (expected[a] as number) + (expected[b] as number) + (expected[c] as number) + (expected[d] as number);
    }
    for (let tree = abreast; tree < roots.length; tree += 1) {
      let node = roots[tree] as number;
      for (let step = 0; step < steps; step += 1) {
        node =
          (lefts[node] as number) +
          +!((row[columns[node] as number] as number) < (thresholds[node] as number));
      }
      sum += expected[node] as number;
    }
    return sum / roots.length;
  }

  /**
   * By how many splits each column shortens the row's path in the mean, against what was to be expected before that column was
   * asked; below zero where it makes the row more ordinary. The numbers add up to the difference between the mean path of the
   * training rows and this row's.
   */
  shortening(row: Float32Array, columnCount: number): Float64Array {
    const { lefts, thresholds, expected } = this;
    const { columns, roots } = this.nodes;
    const result = new Float64Array(columnCount);
    for (let tree = 0; tree < roots.length; tree += 1) {
      let node = roots[tree] as number;
      let column = columns[node] as number;
      let before = expected[node] as number;
      while (column !== LEAF) {
        node = (lefts[node] as number) + +!((row[column] as number) < (thresholds[node] as number));
        const after = expected[node] as number;
        result[column] = (result[column] as number) + before - after;
        before = after;
        column = columns[node] as number;
      }
    }
    return result.map((sum) => sum / roots.length);
  }
}

function depthsOf({ columns, lefts }: Nodes): Uint8Array {
  const depths = new Uint8Array(columns.length);
  columns.forEach((column, node) => {
    if (column === LEAF) return;
    const left = lefts[node] as number;
    depths[left] = depths[left + 1] = (depths[node] as number) + 1;
  });
  return depths;
}

/**
 * The mean path length of the training rows that came through each node. How many rows a leaf held is not stored: it follows
 * from the leaf's path length, which is its depth and c(rows).
 */
function expectedPaths(
  { columns, values, lefts }: Nodes,
  depths: Uint8Array,
  subsample: number,
): Float32Array {
  const rest = Float64Array.from({ length: subsample + 1 }, (_, rows) => averagePathLength(rows));
  const rows = new Float64Array(columns.length);
  const expected = new Float64Array(columns.length);
  for (let node = columns.length - 1; node >= 0; node -= 1) {
    if (columns[node] === LEAF) {
      expected[node] = values[node] as number;
      rows[node] = nearest(rest, (values[node] as number) - (depths[node] as number));
      continue;
    }
    const left = lefts[node] as number;
    const [few, many] = [rows[left] as number, rows[left + 1] as number];
    rows[node] = few + many;
    expected[node] =
      (few * (expected[left] as number) + many * (expected[left + 1] as number)) / Math.max(few + many, 1);
  }
  return Float32Array.from(expected);
}

/** The index, from 1, of the number nearest to the wanted one in an ascending list. */
function nearest(ascending: Float64Array, wanted: number): number {
  let low = 1;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const bound = ((ascending[middle] as number) + (ascending[middle + 1] as number)) / 2;
    if (bound < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
