import type { Logger } from 'pino';
import type { Queries } from '../../src/database';
import type { WorkerDatabase } from '../runtime/worker-database';
import { MODEL_FEATURES } from '../features/features';
import { type AnomalyModelFactory, ModelFormatError } from './anomaly-model';
import { florinForest } from './isolation-forest';
import { mlIsolationForest } from './ml-isolation-forest-model';
import { hasEnoughHistory, trainModel, type TrainedModel, type TrainedOn } from './model-trainer';
import { RiskModel } from './risk-model';

const FACTORIES: Readonly<Record<string, AnomalyModelFactory>> = Object.fromEntries(
  [florinForest, mlIsolationForest].map((factory) => [factory.kind, factory]),
);
/** Longer than any training takes: a worker that waits uses what the other one has trained. */
const LOCK_TIMEOUT_S = 60;

/** A model with the version that its verdicts carry. */
export interface VersionedModel {
  version: number;
  model: RiskModel;
}

interface ModelRow {
  model_version: number;
  trained_on: TrainedOn;
  model_blob: Buffer;
}

/** Keeps trained models in risk_models, so that all workers score with the same one and a restart does not train again. */
export class ModelStore {
  private readonly factory: AnomalyModelFactory;

  constructor(
    private readonly database: WorkerDatabase,
    kind: string,
    private readonly logger: Logger,
  ) {
    const factory = FACTORIES[kind];
    if (!factory) throw new RangeError(`no model of kind ${kind}`);
    this.factory = factory;
  }

  /**
   * The newest active model of the chosen kind. A new version is trained when there is none, when it cannot be read, and when it
   * was trained on the baseline while the bank has history by now. Of several workers that start at once only one trains.
   * @throws Error when another worker has been training for a minute.
   */
  async prepare(): Promise<VersionedModel> {
    const prepared = await this.database.withLock('risk_model', LOCK_TIMEOUT_S, async () => {
      const saved = await this.load();
      if (saved && !(saved.trained_on === 'baseline' && (await hasEnoughHistory(this.database))))
        return saved;
      const trained = await trainModel(this.database, this.factory, this.logger);
      if (saved && trained.trained_on === 'baseline') return saved;
      return { version: await this.save(trained), model: trained.model };
    });
    if (!prepared) throw new Error('another worker is training the risk model');
    this.logger.info({ model_version: prepared.version, kind: this.factory.kind }, 'the risk model is ready');
    return { version: prepared.version, model: prepared.model };
  }

  private async load(): Promise<(VersionedModel & { trained_on: TrainedOn }) | null> {
    const [row] = await this.database.query<ModelRow>(
      `SELECT model_version, trained_on, model_blob FROM risk_models
       WHERE is_active AND kind = ? ORDER BY model_version DESC LIMIT 1`,
      [this.factory.kind],
    );
    if (!row) return null;
    try {
      const model = RiskModel.deserialise(this.factory, row.model_blob);
      return { version: Number(row.model_version), model, trained_on: row.trained_on };
    } catch (error) {
      // Anything else that goes wrong while reading bytes is a broken blob too.
      const reason = error instanceof ModelFormatError ? error.message : 'it is broken';
      this.logger.warn(
        { model_version: row.model_version, reason },
        'the saved risk model cannot be used; training a new one',
      );
      return null;
    }
  }

  private save({ model, trained_on, trained_rows }: TrainedModel): Promise<number> {
    return this.database.transaction(async (queries: Queries) => {
      await queries.execute('UPDATE risk_models SET is_active = FALSE WHERE is_active AND kind = ?', [
        this.factory.kind,
      ]);
      const { insertId } = await queries.execute(
        `INSERT INTO risk_models (kind, trained_on, trained_rows, feature_names, model_blob) VALUES (?, ?, ?, ?, ?)`,
        [this.factory.kind, trained_on, trained_rows, JSON.stringify(MODEL_FEATURES), model.serialise()],
      );
      return Number(insertId);
    });
  }
}
