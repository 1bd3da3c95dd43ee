import type { Logger } from 'pino';
import { reasonOf } from '../runtime/connection-state';
import { jittered } from '../runtime/loop';
import type { WorkerDatabase } from '../runtime/worker-database';
import { DELIVERED_BUDGET, readBudget, type SetBudget } from './alert-budget';
import { ModelFormatError } from './anomaly-model';
import type { AlertBudget } from './calibration';
import { measure, shadowRecord } from './model-measures';
import { type ModelEntry, type ModelStore, type VersionedModel } from './model-store';
import { countTransactions } from './model-trainer';
import { judgeShadow, type Measures, reasonToTrain, type ShadowOptions } from './retraining';
import { MIN_CONFIRMED_FRAUDS } from './row-model';

export interface LifecycleOptions {
  /** How often a worker looks which versions are in force. */
  look_ms: number;
  /** How often it is asked whether a version in shadow has shown enough, and whether a new one should be trained. */
  check_ms: number;
  /** How often drift is measured. */
  measure_ms: number;
  shadow: ShadowOptions;
  /** How long a start that failed is waited for. */
  retry_ms: number;
}

export const LIFECYCLE_OPTIONS: LifecycleOptions = {
  look_ms: 2_000,
  check_ms: 30_000,
  measure_ms: 3_600_000,
  shadow: { transactions: 2_000, time_s: 3 * 86_400 },
  retry_ms: 60_000,
};

/** Who judges with the models. */
export interface ModelUser {
  useModel(model: VersionedModel): void;
  /** null: none is in shadow. */
  useShadow(model: VersionedModel | null): void;
  /** How many alerts the bank can look into. */
  useBudget(budget: AlertBudget): void;
}

/** procedures/risk/sp_ask_model_training.sql writes it: a time of the database, a space, and why. */
const ASKED_KEY = 'model_training_asked';
const TIME_LENGTH = 26;

/**
 * The life of the model's versions in one worker: loads what is in force, has a new version trained when it is time, lets it
 * shadow, and puts it in force or refuses it. What all workers must agree on stands in risk_models.
 */
export class ModelLifecycle {
  private active: VersionedModel | null = null;
  private shadow: VersionedModel | null = null;
  /** Versions that this worker cannot use, each told once. */
  private readonly unusable = new Set<number>();
  private nextPreparation = -Infinity;
  private nextCheck = -Infinity;
  private nextMeasurement = -Infinity;
  private nextTraining = -Infinity;
  private measures: Measures | null = null;
  private budget: SetBudget = DELIVERED_BUDGET;

  constructor(
    private readonly database: WorkerDatabase,
    private readonly store: ModelStore,
    private readonly user: ModelUser,
    private readonly logger: Logger,
    private readonly options: LifecycleOptions = LIFECYCLE_OPTIONS,
  ) {}

  /** Of the model in force; null: rules alone judge. */
  get version(): number | null {
    return this.active?.version ?? null;
  }

  /** Without a model rules alone judge, marked degraded: scoring late would be worse. */
  async prepare(signal: AbortSignal): Promise<void> {
    this.nextPreparation = performance.now() + this.options.retry_ms;
    try {
      this.use(await this.database.persist(() => this.store.prepare(), signal));
      await this.look();
    } catch (error) {
      if (signal.aborted) return;
      const reason = reasonOf(error);
      this.logger.error({ reason }, 'the risk model could not be prepared; judging by rules alone');
    }
  }

  /** Answers the time to wait for the next one in milliseconds. */
  async step(signal: AbortSignal): Promise<number> {
    const now = performance.now();
    if (this.active === null) {
      if (now >= this.nextPreparation) await this.prepare(signal);
      return this.options.look_ms;
    }
    const { active, shadow } = await this.look();
    if (now >= this.nextCheck && active) {
      this.nextCheck = now + jittered(this.options.check_ms);
      // Another worker that holds the lock is doing the same.
      await this.store.withLock(0, () => this.check(active, shadow));
    }
    return this.options.look_ms;
  }

  /** Takes up what came into force, and keeps the last good version when that cannot be used here. */
  private async look(): Promise<{ active: ModelEntry | undefined; shadow: ModelEntry | undefined }> {
    const [entries, budget] = await Promise.all([this.store.living(), readBudget(this.database)]);
    this.budget = budget;
    this.user.useBudget(budget);
    const active = entries.find(({ state }) => state === 'active');
    const shadow = entries.find(({ state }) => state === 'shadow');
    if (active && active.version !== this.active?.version) {
      const loaded = await this.tryLoad(active);
      if (loaded) this.use(loaded);
    }
    if (shadow?.version !== this.shadow?.version) {
      this.shadow = shadow ? await this.tryLoad(shadow) : null;
      this.user.useShadow(this.shadow);
    }
    return { active, shadow };
  }

  private use(model: VersionedModel): void {
    this.active = model;
    this.measures = null;
    this.nextMeasurement = -Infinity;
    this.user.useModel(model);
    this.logger.info({ model_version: model.version }, 'a version of the risk model is in force');
  }

  /** null: it cannot be used. @throws Error when it could not be read, which the next look tries again */
  private async tryLoad(entry: ModelEntry): Promise<VersionedModel | null> {
    if (this.unusable.has(entry.version)) return null;
    try {
      return await this.store.load(entry);
    } catch (error) {
      if (!(error instanceof ModelFormatError)) throw error;
      this.unusable.add(entry.version);
      const details = { model_version: entry.version, state: entry.state, reason: error.message };
      this.logger.error(details, 'a version of the risk model cannot be used; the last good one stays');
      return null;
    }
  }

  /** Holds the lock of all changes of models. */
  private async check(active: ModelEntry, shadow: ModelEntry | undefined): Promise<void> {
    if (shadow) await this.judgeShadow(shadow);
    else await this.measure();
    const reason = await this.reasonToTrain(active);
    // What only the passing of time asks for waits until the version in shadow is decided on.
    if (reason === null || (shadow && !reason.startsWith('asked'))) return;
    if (performance.now() < this.nextTraining) return;
    const trained = await this.store.train(active.trained_on === 'baseline' ? 'active' : 'shadow', reason);
    // Transactions of the bank itself teach nothing: there may be fewer to learn from than there are.
    if (!trained) this.nextTraining = performance.now() + this.options.measure_ms;
  }

  private async judgeShadow(entry: ModelEntry): Promise<void> {
    if (this.unusable.has(entry.version)) return this.store.refuse(entry.version, 'it cannot be used');
    const record = await shadowRecord(this.database, entry.version, this.budget);
    const decision = judgeShadow({ ...record, age_s: entry.age_s }, this.options.shadow, this.budget);
    await this.saveMeasures(entry.version, {
      transactions: record.transactions,
      alert_rate: record.transactions === 0 ? null : record.alerts / record.transactions,
    });
    if (decision.action === 'wait') return;
    this.logger.info({ model_version: entry.version, ...decision }, 'a version has shadowed long enough');
    if (decision.action === 'activate') await this.store.activate(entry.version, decision.reason);
    else await this.store.refuse(entry.version, decision.reason);
  }

  private async measure(): Promise<void> {
    if (!this.active || performance.now() < this.nextMeasurement) return;
    this.nextMeasurement = performance.now() + this.options.measure_ms;
    this.measures = await measure(this.database, this.active, this.budget);
    await this.saveMeasures(this.active.version, { ...this.measures });
  }

  private async saveMeasures(version: number, measures: Record<string, unknown>): Promise<void> {
    await this.database.execute('UPDATE risk_models SET measures = ? WHERE model_version = ?', [
      JSON.stringify({ ...measures, measured_at: new Date().toISOString() }),
      version,
    ]);
  }

  private async reasonToTrain(active: ModelEntry): Promise<string | null> {
    const newest = await this.store.newest();
    const [frauds] = await this.database.query<{ known: string }>(
      `SELECT COUNT(*) AS known FROM (
         SELECT 1 FROM fraud_labels WHERE is_fraud = TRUE LIMIT ${MIN_CONFIRMED_FRAUDS}) some_labels`,
    );
    const [asked] = await this.database.query<{ state_value: string }>(
      'SELECT state_value FROM worker_state WHERE state_key = ?',
      [ASKED_KEY],
    );
    const isAsked = asked && newest && asked.state_value.slice(0, TIME_LENGTH) > newest.created_at;
    const situation = {
      trained_on: active.trained_on,
      learned_from: active.learned_from,
      confirmed_frauds: active.confirmed_frauds,
      trained_ago_s: newest?.age_s ?? 0,
      transactions: await countTransactions(this.database),
      known_frauds: Number(frauds?.known ?? 0),
      measures: this.measures,
      asked: isAsked ? asked.state_value.slice(TIME_LENGTH + 1) : null,
    };
    return reasonToTrain(situation, this.budget);
  }
}
