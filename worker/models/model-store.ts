import type { Logger } from 'pino';
import { MODEL_FEATURES } from '../features/features';
import type { WorkerDatabase } from '../runtime/worker-database';
import { type AnomalyModelFactory, ModelFormatError } from './anomaly-model';
import { factoryOf } from './fitting';
import { countTransactions, MIN_HISTORY_ROWS, trainModel, type TrainedOn } from './model-trainer';
import { RiskModel } from './risk-model';

/** Longer than most trainings take: a worker that waits uses what the other one has trained. */
const LOCK_TIMEOUT_S = 120;
/** Versions that a start tries when newer ones cannot be read. */
const FALLBACKS = 5;

export type ModelState = 'shadow' | 'active' | 'retired' | 'refused';

/** A model with the version that its verdicts carry. */
export interface VersionedModel {
  version: number;
  model: RiskModel;
  /** Posted transactions when it was trained, counted up to 5,000; 0 on the baseline. See limitForColdStart. */
  learned_from: number;
}

/** A version without its blob. */
export interface ModelEntry {
  version: number;
  state: ModelState;
  trained_on: TrainedOn;
  learned_from: number;
  confirmed_frauds: number;
  created_at: string;
  /** Seconds since it was trained, by the database's clock. */
  age_s: number;
}

interface EntryRow {
  model_version: number;
  state: ModelState;
  trained_on: TrainedOn;
  learned_from: number;
  confirmed_frauds: number;
  created_at: string;
  age_s: string;
}

/** Keeps trained models in risk_models, so that all workers score with the same one and a restart does not train again. */
export class ModelStore {
  private readonly factory: AnomalyModelFactory;

  constructor(
    private readonly database: WorkerDatabase,
    kind: string,
    private readonly logger: Logger,
  ) {
    this.factory = factoryOf(kind);
  }

  /**
   * The active model of the chosen kind. When it cannot be read, it is refused and the newest earlier version that can be read
   * takes its place; a new one is trained when there is none, and when the one there is was trained on the baseline while the
   * bank has history by now. Of several workers that start at once only one does so.
   * @throws Error when another worker has been training for two minutes.
   */
  async prepare(): Promise<VersionedModel> {
    const prepared = await this.withLock(LOCK_TIMEOUT_S, async () => {
      const saved = await this.lastGood();
      const needsHistory = saved?.trained_on === 'baseline' && (await this.hasHistory());
      if (saved && !needsHistory) return saved;
      return (await this.train('active', saved ? 'the bank has a history now' : null)) ?? saved;
    });
    if (!prepared) throw new Error('another worker is training the risk model');
    this.logger.info({ model_version: prepared.version, kind: this.factory.kind }, 'the risk model is ready');
    const { version, model, learned_from } = prepared;
    return { version, model, learned_from };
  }

  /** Runs `work` unless another worker changes models for longer than `timeout_s`: then null. */
  withLock<T>(timeout_s: number, work: () => Promise<T>): Promise<T | null> {
    return this.database.withLock('risk_model', timeout_s, work);
  }

  /** The active version and those in shadow, newest first. */
  living(): Promise<ModelEntry[]> {
    return this.entries("state IN ('active', 'shadow')", 10);
  }

  /** The version that was trained last, whatever became of it. */
  async newest(): Promise<ModelEntry | null> {
    return (await this.entries('TRUE', 1))[0] ?? null;
  }

  /** @throws ModelFormatError when the version cannot be used; another Error when it could not be read, which says nothing of it */
  async load({
    version,
    learned_from,
  }: Pick<ModelEntry, 'version' | 'learned_from'>): Promise<VersionedModel> {
    const [row] = await this.database.query<{ model_blob: Buffer }>(
      'SELECT model_blob FROM risk_models WHERE model_version = ?',
      [version],
    );
    if (!row) throw new Error(`no version ${version} of the risk model`);
    return { version, learned_from, model: this.deserialise(row.model_blob) };
  }

  /** @throws ModelFormatError, whatever goes wrong: it is the bytes that are wrong */
  private deserialise(blob: Buffer): RiskModel {
    try {
      return RiskModel.deserialise(this.factory, blob);
    } catch (error) {
      throw error instanceof ModelFormatError
        ? error
        : new ModelFormatError('it is broken', { cause: error });
    }
  }

  /**
   * Trains a new version and saves it. One that is to shadow takes the place of an earlier one that still does; one that is
   * active at once retires the active one.
   * @param because null: there is no model at all, so that one trained on the baseline is better than none
   * @returns null when the history gives too little
   */
  async train(state: 'active' | 'shadow', because: string | null): Promise<VersionedModel | null> {
    const { model, trained_on, trained_rows, learned_from } = await trainModel(
      this.database,
      this.factory.kind,
      this.logger,
    );
    if (trained_on === 'baseline' && because !== null) return null;
    const version = await this.database.transaction(async (queries) => {
      await queries.execute(
        `UPDATE risk_models SET state = 'retired', state_reason = 'a newer version was trained', state_changed_at = UTC_TIMESTAMP(6)
         WHERE kind = ? AND state IN ('shadow', ?)`,
        [this.factory.kind, state],
      );
      const { insertId } = await queries.execute(
        `INSERT INTO risk_models (kind, trained_on, trained_rows, feature_names, model_blob, state, state_reason, trained_because,
           learned_from, confirmed_frauds, created_at, state_changed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
        [
          this.factory.kind,
          trained_on,
          trained_rows,
          JSON.stringify(MODEL_FEATURES),
          model.serialise(),
          state,
          state === 'active' ? 'it was needed at once' : 'it shows what it would say',
          (because ?? 'there was no model').slice(0, 255),
          learned_from,
          model.confirmedFrauds,
        ],
      );
      return Number(insertId);
    });
    this.logger.info({ model_version: version, state, because }, 'saved a new version of the risk model');
    return { version, model, learned_from };
  }

  /** The version judges, and the one that did is retired. */
  async activate(version: number, reason: string): Promise<void> {
    await this.database.call('sp_activate_risk_model', [version, reason.slice(0, 255)]);
  }

  async refuse(version: number, reason: string): Promise<void> {
    await this.database.execute(
      `UPDATE risk_models SET state = 'refused', state_reason = ?, state_changed_at = UTC_TIMESTAMP(6) WHERE model_version = ?`,
      [reason.slice(0, 255), version],
    );
  }

  /** Whether there are enough transactions to learn from. */
  async hasHistory(): Promise<boolean> {
    return (await countTransactions(this.database)) >= MIN_HISTORY_ROWS;
  }

  private async lastGood(): Promise<(VersionedModel & { trained_on: TrainedOn }) | null> {
    const candidates = await this.entries(
      "state IN ('active', 'retired')",
      FALLBACKS,
      "state = 'active' DESC,",
    );
    for (const [place, entry] of candidates.entries()) {
      try {
        const loaded = await this.load(entry);
        if (place > 0) await this.activate(entry.version, 'newer versions cannot be used');
        return { ...loaded, trained_on: entry.trained_on };
      } catch (error) {
        if (!(error instanceof ModelFormatError)) throw error;
        const reason = error.message;
        this.logger.warn({ model_version: entry.version, reason }, 'a saved risk model cannot be used');
        if (entry.state === 'active') await this.refuse(entry.version, `it cannot be used: ${reason}`);
      }
    }
    return null;
  }

  private async entries(condition: string, limit: number, order = ''): Promise<ModelEntry[]> {
    const rows = await this.database.query<EntryRow>(
      `SELECT model_version, state, trained_on, learned_from, confirmed_frauds, created_at,
         TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP(6)) AS age_s
       FROM risk_models WHERE kind = ? AND ${condition} ORDER BY ${order} model_version DESC LIMIT ?`,
      [this.factory.kind, limit],
    );
    return rows.map((row) => ({
      version: Number(row.model_version),
      state: row.state,
      trained_on: row.trained_on,
      learned_from: Number(row.learned_from),
      confirmed_frauds: Number(row.confirmed_frauds),
      created_at: row.created_at,
      age_s: Number(row.age_s),
    }));
  }
}
