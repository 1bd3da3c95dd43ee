import { type Features, MODEL_FEATURES, type FeatureName, toModelRow } from '../features/features';
import type { AnomalyModelFactory } from './anomaly-model';
import type { AlertBudget } from './calibration';
import type { Drift } from './drift';
import { type Assessment, RowModel } from './row-model';

/** A feature that makes a transaction odd. */
export interface FeatureContribution {
  name: FeatureName;
  /** Percent of all that makes it odd, one decimal. */
  share: number;
}

/** The model of the bank: a RowModel whose columns are the features of transactions. */
export class RiskModel {
  private constructor(private readonly model: RowModel) {}

  /**
   * @param rows of toModelRow, transactions that are not known to be fraud; at least 200
   * @param confirmedFrauds rows that an analyst has confirmed by the time of training; from 25 on a second model learns from them
   */
  static fit(
    factory: AnomalyModelFactory,
    rows: readonly Float32Array[],
    seed: number,
    confirmedFrauds: readonly Float32Array[] = [],
  ): RiskModel {
    return new RiskModel(
      RowModel.fit(factory, MODEL_FEATURES, { ordinary: rows, confirmed_frauds: confirmedFrauds }, seed),
    );
  }

  /** @throws ModelFormatError when the bytes are not such a model, one of another format, or one of other features. */
  static deserialise(factory: AnomalyModelFactory, blob: Buffer): RiskModel {
    return new RiskModel(RowModel.deserialise(factory, MODEL_FEATURES, blob));
  }

  get kind(): string {
    return this.model.kind;
  }

  /** How many confirmed frauds the second model has learned from; 0: there is none. */
  get confirmedFrauds(): number {
    return this.model.confirmedFrauds;
  }

  /** Bytes for risk_models.model_blob: trees, weights, medians, tables of scores and histograms, no customer's row. */
  serialise(): Buffer {
    return this.model.serialise();
  }

  /** @throws Error when the model gives no number */
  assess(features: Features, budget?: AlertBudget): Assessment {
    return this.model.assess(toModelRow(features), budget);
  }

  /** The three features that make the transaction odd in the eyes of the model that decided, the largest share first. */
  explain(features: Features, decidedBy?: Assessment['decided_by'], count?: number): FeatureContribution[] {
    return this.model
      .explain(toModelRow(features), decidedBy, count)
      .map(({ column, share }) => ({ name: MODEL_FEATURES[column] as FeatureName, share }));
  }

  /** PSI of the raw scores and of each feature, in the order of MODEL_FEATURES, against the rows of the training. */
  drift(features: readonly Features[]): Drift {
    return this.model.drift(features.map(toModelRow));
  }
}
