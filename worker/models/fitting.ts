import { baselineFeatures } from './baseline';
import type { AnomalyModelFactory } from './anomaly-model';
import { toModelRow } from '../features/features';
import { florinForest } from './isolation-forest';
import { mlIsolationForest } from './ml-isolation-forest-model';
import { RiskModel } from './risk-model';

const FACTORIES: Readonly<Record<string, AnomalyModelFactory>> = Object.fromEntries(
  [florinForest, mlIsolationForest].map((factory) => [factory.kind, factory]),
);

/** @throws RangeError when no model is of this kind */
export function factoryOf(kind: string): AnomalyModelFactory {
  const factory = FACTORIES[kind];
  if (!factory) throw new RangeError(`no model of kind ${kind}`);
  return factory;
}

/** What a model learns from: rows of toModelRow. */
export interface ModelLesson {
  ordinary: readonly Float32Array[];
  frauds: readonly Float32Array[];
}

export interface FittingRequest {
  kind: string;
  seed: number;
  /** null: the invented customers of the baseline. */
  lesson: ModelLesson | null;
}

/** A fitted model as it is saved, so that it can come from another thread. */
export interface FittedModel {
  blob: Buffer;
  /** Ordinary rows it was fitted on. */
  rows: number;
}

/** Fits right here: a second or more, in which nothing else runs on this thread. */
export function fitHere({ kind, seed, lesson }: FittingRequest): FittedModel {
  const { ordinary, frauds } = lesson ?? { ordinary: baselineFeatures(seed).map(toModelRow), frauds: [] };
  const model = RiskModel.fit(factoryOf(kind), ordinary, seed, frauds);
  return { blob: model.serialise(), rows: ordinary.length };
}
