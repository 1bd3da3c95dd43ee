import { IsolationForest, type TreeNode } from 'ml-isolation-forest';
import { type AnomalyModel, type AnomalyModelFactory, type Matrix, ModelFormatError } from './anomaly-model';
import { seededRandom, shuffle } from './random';

const KIND = 'ml-isolation-forest';
const LAYOUT = 1;
const TREES = 100;
/** The package grows every tree on every row, which takes long and makes large trees: a sample bounds both. */
const MAX_ROWS = 1_024;

/** A node as it is stored: [column, value, left, right] of a split, the number of rows of a leaf. */
type StoredNode = [number, number, StoredNode, StoredNode] | number;

/**
 * The npm package ml-isolation-forest behind the common interface. It draws from Math.random, so two fits differ whatever the
 * seed. It keeps its training rows in its leaves; here they are replaced by their number, which is all that scoring needs, so
 * that no customer's row is saved.
 */
class MlIsolationForestModel implements AnomalyModel {
  constructor(
    private readonly forest: IsolationForest,
    private readonly columns: number,
  ) {}

  score(row: Float32Array): number {
    const [score] = this.forest.predict([row]);
    // An empty leaf gives a path that the package's constant makes NaN; the caller falls back to rules on it.
    return score ?? Number.NaN;
  }

  serialise(): Buffer {
    const { forest, trainingSet } = this.forest;
    return Buffer.from(
      JSON.stringify({
        layout: LAYOUT,
        columns: this.columns,
        rows: trainingSet.length,
        trees: forest.map(toStored),
      }),
    );
  }
}

function toStored(node: TreeNode): StoredNode {
  if (node.left && node.right) {
    return [node.splitColumn ?? 0, node.splitValue ?? 0, toStored(node.left), toStored(node.right)];
  }
  return node.trainingSet?.length ?? 0;
}

/** Nodes must be the package's own, which it does not export: they are made after one that it has grown. */
function fromStored(stored: StoredNode, prototype: object): TreeNode {
  const node = Object.create(prototype) as TreeNode;
  if (typeof stored === 'number') {
    node.trainingSet = { length: stored };
  } else {
    [node.splitColumn, node.splitValue] = stored;
    node.left = fromStored(stored[2], prototype);
    node.right = fromStored(stored[3], prototype);
  }
  return node;
}

function assemble(trees: readonly StoredNode[], rows: number, columns: number): MlIsolationForestModel {
  const sample = new IsolationForest({ nEstimators: 1 });
  sample.train([[0], [1]]);
  const prototype = Object.getPrototypeOf(sample.forest[0]) as object;
  const forest = new IsolationForest({ nEstimators: trees.length });
  forest.forest = trees.map((tree) => fromStored(tree, prototype));
  forest.trainingSet = { length: rows };
  return new MlIsolationForestModel(forest, columns);
}

function fit(matrix: Matrix, seed: number): AnomalyModel {
  const order = shuffle(
    Array.from({ length: matrix.rows }, (_, index) => index),
    seededRandom(seed),
  ).slice(0, MAX_ROWS);
  const rows = order.map((row) =>
    Array.from(matrix.values.subarray(row * matrix.columns, (row + 1) * matrix.columns)),
  );
  const forest = new IsolationForest({ nEstimators: TREES });
  forest.train(rows);
  return assemble(forest.forest.map(toStored), rows.length, matrix.columns);
}

function load(blob: Buffer, columns: number): AnomalyModel {
  let stored: { layout?: unknown; columns?: unknown; rows?: unknown; trees?: unknown };
  try {
    stored = JSON.parse(blob.toString('utf8')) as typeof stored;
  } catch {
    throw new ModelFormatError('not a model of ml-isolation-forest');
  }
  const { layout, rows, trees } = stored;
  if (layout !== LAYOUT || stored.columns !== columns || typeof rows !== 'number' || !Array.isArray(trees)) {
    throw new ModelFormatError('not a model of ml-isolation-forest of this layout and these columns');
  }
  return assemble(trees as StoredNode[], rows, columns);
}

/** ml-isolation-forest, the peer in the benchmark. */
export const mlIsolationForest: AnomalyModelFactory = { kind: KIND, fit, load };
