import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { WorkerEnvironment } from '../src/config/environment';
import { requireDurableServer } from '../src/database/server-checks';
import { loadSigningKey, type SealSigningKey } from '../src/seal';
import { postBatch, PostingQueue } from '../src/posting';
import { AlertActions } from '../src/risk';
import {
  announceCaseEvents,
  createRedis,
  impatientRedisOptions,
  isRedisLost,
  patientRedisOptions,
  type Prejudgement,
  type ProposedTransaction,
  SCORING_JOB_TRANSACTIONS,
} from '../src/queue';
import { BalanceMarks } from './audit/balance-marks';
import { ALERT_WATCH_OPTIONS, AlertWatch, type AlertWatchOptions } from './actions/alert-watch';
import { LEDGER_PROOF_INTERVAL_MS, LedgerProof } from './audit/ledger-proof';
import { MerchantCounter } from './features/merchant-activity';
import { EARLY_HOLD_OPTIONS, EarlyHoldWatch, type EarlyHoldOptions } from './prejudge/early-hold-watch';
import { PrejudgeDesk } from './prejudge/prejudge-desk';
import { ProfileBuilder } from './features/profile-builder';
import { HOLD_EXPIRY_OPTIONS, HoldExpiry, type HoldExpiryOptions } from './holds/hold-expiry';
import { LIFECYCLE_OPTIONS, type LifecycleOptions, ModelLifecycle } from './models/model-lifecycle';
import { ModelStore } from './models/model-store';
import { OutboxRelay } from './relay/outbox-relay';
import { ScoreSweep, SWEEP_OPTIONS, type SweepOptions } from './relay/score-sweep';
import { ScoringProducer } from './relay/scoring-producer';
import { backoffDelay, pause } from './runtime/backoff';
import { ConnectionState, reasonOf } from './runtime/connection-state';
import { Heartbeat } from './runtime/heartbeat';
import { Loop, type LoopStates } from './runtime/loop';
import { WorkerDatabase } from './runtime/worker-database';
import { Scorer } from './scoring/scorer';
import { ScoringFailures } from './scoring/scoring-failures';
import { ScoringWorker } from './scoring/scoring-worker';
import { SEAL_OPTIONS, SealKeeper, type SealOptions } from './seal/seal-keeper';
import { TokenCleanup } from './sessions/token-cleanup';

/** What the tests turn faster. */
export interface FraudWorkerOptions {
  sweep?: SweepOptions;
  hold_expiry?: HoldExpiryOptions;
  alert_watch?: AlertWatchOptions;
  early_holds?: EarlyHoldOptions;
  ledger_proof_interval_ms?: number;
  seal?: SealOptions;
  model_lifecycle?: LifecycleOptions;
  /** Takes the console's lines; by default they go to stdout. */
  print?: (lines: string) => void;
}

/** Base table missing, or no right to it yet, or the database itself: migrations have not run so far. */
const NOT_MIGRATED = new Set([1044, 1049, 1142, 1146, 1370]);

/** A connection that waits in a blocking command closes only when that ends: a stopping worker does not wait for it. */
const CLOSING = { consumer: {}, desk: { disconnectTimeout: 100 } };

/** The worker as a whole: relay, scoring, sweep, hold expiry, upkeep, and the two servers they stand on. */
export class FraudWorker {
  private readonly states: LoopStates;
  private readonly sealKey: SealSigningKey | null;
  private readonly database: WorkerDatabase;
  private readonly scorer: Scorer;
  private readonly postings: PostingQueue;
  private readonly producerRedis: Redis;
  private readonly consumerRedis: Redis;
  /** Mostly waits in a blocking command, so it can serve nothing else. */
  private readonly deskRedis: Redis;
  private readonly producer: ScoringProducer;
  private readonly alertWatch: AlertWatch;
  private readonly models: ModelLifecycle;
  private readonly loops: Loop[];
  private readonly failures = new ScoringFailures();
  private readonly abort = new AbortController();
  private scoring: ScoringWorker | null = null;
  private stopping: Promise<void> | null = null;
  /** Half of what may be under way, so that one job is at the database while the other is computed. */
  private readonly jobMax: number;

  constructor(
    private readonly environment: WorkerEnvironment,
    private readonly logger: Logger,
    options: FraudWorkerOptions = {},
  ) {
    // Before anything is connected: a key that is none ends it here.
    this.sealKey = loadSigningKey(environment);
    this.jobMax = Math.min(Math.ceil(environment.SCORING_CONCURRENCY / 2), SCORING_JOB_TRANSACTIONS);
    this.states = {
      database: new ConnectionState('the database', logger),
      redis: new ConnectionState('Redis', logger),
    };
    this.database = new WorkerDatabase(
      environment.DATABASE_URL,
      environment.DATABASE_POOL_SIZE,
      this.states.database,
    );
    const print = options.print ?? ((lines: string) => void process.stdout.write(lines));
    this.scorer = new Scorer(this.database, logger, {
      print: environment.SCORING_LOG ? print : undefined,
      onAlerts: () => this.onAlerts(),
    });
    this.postings = new PostingQueue((items) => postBatch(this.database.pool, items), {
      batch_max: 500,
      batches_in_flight: 1,
      queue_max: 10_000,
      gather: true,
    });
    this.producerRedis = this.connectRedis('producer');
    this.consumerRedis = this.connectRedis('consumer');
    this.deskRedis = this.connectRedis('desk');
    this.producer = new ScoringProducer(this.producerRedis, this.jobMax, (error) => this.onRedisError(error));
    this.alertWatch = new AlertWatch(
      this.database,
      new AlertActions(this.database, this.postings),
      logger,
      () => announceCaseEvents(this.producerRedis),
      options.alert_watch ?? { ...ALERT_WATCH_OPTIONS, acts: environment.RISK_ACTIONS === 'on' },
    );
    this.models = new ModelLifecycle(
      this.database,
      new ModelStore(this.database, environment.SCORING_MODEL, logger),
      this.scorer,
      logger,
      options.model_lifecycle ?? {
        ...LIFECYCLE_OPTIONS,
        shadow: { ...LIFECYCLE_OPTIONS.shadow, transactions: environment.MODEL_SHADOW_TRANSACTIONS },
      },
    );
    this.loops = this.createLoops(options);
  }

  /**
   * Resolves when everything runs. Waits for the database, and for its tables, for as long as that takes.
   * @throws UnsafeServerError when the server could lose what it acknowledged
   */
  async start(): Promise<void> {
    await this.waitForDatabase();
    if (this.abort.signal.aborted) return;
    await requireDurableServer(this.database, this.environment.ALLOW_UNSAFE_DURABILITY);
    await this.models.prepare(this.abort.signal);
    if (this.abort.signal.aborted) return;
    this.scoring = new ScoringWorker(
      this.database,
      (ids) => this.scorer.score(ids),
      this.states.redis,
      this.logger,
      {
        concurrency: Math.floor(this.environment.SCORING_CONCURRENCY / this.jobMax),
        connection: this.consumerRedis,
        failures: this.failures,
      },
    );
    this.scoring.start();
    for (const loop of this.loops) loop.start();
    this.logger.info({ concurrency: this.environment.SCORING_CONCURRENCY }, 'the worker is ready');
  }

  /** Takes nothing more, finishes what is under way, and closes every connection. */
  stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    return this.stopping;
  }

  private async stopInOrder(): Promise<void> {
    this.abort.abort();
    await Promise.all(this.loops.map((loop) => loop.stop()));
    const isRedisUp = this.consumerRedis.status === 'ready';
    await this.scoring?.stop(isRedisUp).catch((error: unknown) => this.onRedisError(error));
    await this.postings.drain();
    if (isRedisUp) await this.producer.close().catch((error: unknown) => this.onRedisError(error));
    this.producerRedis.disconnect();
    this.consumerRedis.disconnect();
    this.deskRedis.disconnect();
    await this.database.close();
  }

  private createLoops(options: FraudWorkerOptions): Loop[] {
    const relay = new OutboxRelay(this.database, this.producer);
    const sweep = new ScoreSweep(this.database, this.producer, this.logger, options.sweep ?? SWEEP_OPTIONS);
    const expiry = new HoldExpiry(
      this.database,
      this.postings,
      this.logger,
      options.hold_expiry ?? HOLD_EXPIRY_OPTIONS,
    );
    const earlyHolds = new EarlyHoldWatch(
      this.database,
      this.postings,
      this.logger,
      options.early_holds ?? { ...EARLY_HOLD_OPTIONS, acts: this.environment.RISK_ACTIONS === 'on' },
    );
    const desk = new PrejudgeDesk(
      this.deskRedis,
      this.producerRedis,
      (proposed) => this.prejudge(proposed),
      this.logger,
    );
    const proof = new LedgerProof(
      this.database,
      this.logger,
      options.ledger_proof_interval_ms ?? LEDGER_PROOF_INTERVAL_MS,
    );
    const seal = new SealKeeper(this.database, this.sealKey, this.logger, options.seal ?? SEAL_OPTIONS);
    const marks = new BalanceMarks(this.database, this.logger);
    const merchants = new MerchantCounter(this.database);
    const profiles = new ProfileBuilder(this.database);
    const tokens = new TokenCleanup(this.database, this.logger);
    const heartbeat = new Heartbeat(this.database, this.producer, () => this.models.version, this.failures);
    const steps: Record<string, (signal: AbortSignal) => Promise<number>> = {
      relay: () => relay.step(),
      sweep: (signal) => sweep.step(signal),
      hold_expiry: (signal) => expiry.step(signal),
      alert_watch: (signal) => this.alertWatch.step(signal),
      early_holds: (signal) => earlyHolds.step(signal),
      prejudge_desk: (signal) => desk.step(signal),
      ledger_proof: (signal) => proof.step(signal),
      seal: (signal) => seal.step(signal),
      balance_marks: (signal) => marks.step(signal),
      merchant_activity: () => merchants.step(),
      account_profiles: () => profiles.step(),
      token_cleanup: (signal) => tokens.step(signal),
      heartbeat: () => heartbeat.step(),
      models: (signal) => this.models.step(signal),
    };
    return Object.entries(steps).map(([name, step]) => new Loop(name, step, this.states, this.logger));
  }

  /** The producer fails fast, so that the relay gives its rows back; BullMQ's worker waits. */
  private connectRedis(use: 'producer' | 'consumer' | 'desk'): Redis {
    const redis = createRedis(
      this.environment.REDIS_URL,
      use === 'producer' ? impatientRedisOptions() : { ...patientRedisOptions(), ...CLOSING[use] },
    );
    redis.on('error', (error: Error) => this.onRedisError(error));
    redis.on('ready', () => this.states.redis.up());
    return redis;
  }

  /** A bank that wants no actions has everything posted. */
  private async prejudge(proposed: ProposedTransaction): Promise<Prejudgement> {
    const judgement = await this.scorer.prejudge(proposed);
    return this.environment.RISK_ACTIONS === 'on' ? judgement : { ...judgement, decision: 'post' };
  }

  private onAlerts(): void {
    this.alertWatch.ring();
    void announceCaseEvents(this.producerRedis);
  }

  private onRedisError(error: unknown): void {
    if (isRedisLost(error)) this.states.redis.down(error);
    else this.logger.warn({ reason: reasonOf(error) }, 'Redis reported an error');
  }

  private async waitForDatabase(): Promise<void> {
    const { signal } = this.abort;
    let isLogged = false;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.database.persist(() => this.database.query('SELECT 1 FROM worker_state LIMIT 1'), signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!NOT_MIGRATED.has((error as { errno?: number }).errno ?? 0)) throw error;
        if (!isLogged) this.logger.warn('the database is not migrated yet; waiting for npm run db:migrate');
        isLogged = true;
        await pause(backoffDelay(failures), signal);
      }
    }
  }
}
