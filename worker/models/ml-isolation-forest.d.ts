/** The package ships no types: what the adapter uses of it. */
declare module 'ml-isolation-forest' {
  export interface TreeNode {
    depth?: number;
    maxDepth?: number;
    splitColumn?: number;
    splitValue?: number;
    left?: TreeNode;
    right?: TreeNode;
    /** Of a leaf: the rows that ended here, of which only the number is used. */
    trainingSet?: ArrayLike<unknown>;
  }

  export class IsolationForest {
    constructor(options?: { nEstimators?: number });
    forest: TreeNode[];
    trainingSet: ArrayLike<unknown>;
    nEstimators: number;
    train(trainingSet: number[][]): void;
    predict(data: ArrayLike<number>[]): number[];
  }
}
