import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Redis } from 'ioredis';
import { CurrenciesService } from '../accounts/currencies.service';
import { TokenService } from '../auth/token.service';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { idOrNull, timeOrNull, toIso } from '../database';
import { BankError } from '../errors';
import { CASE_FEED_CHANNEL, createRedis, patientRedisOptions } from '../queue';
import { eventDetail } from './event-detail';
import { AlertStream, type Frame, type FrameSource } from './alert-stream';
import { priorityOf } from './alerts.service';
import { CaseFeedRepository, type FeedRow } from './case-feed.repository';

/** Who listens, by which token. */
export interface Listener {
  user_id: string;
  token: string;
}

const PAGE = 200;
const MAX_STREAMS = 1_000;
const MAX_STREAMS_OF_USER = 20;

/**
 * The live feed: rows of case_events, to every client of this process. Redis says when there are new ones, so that each process
 * looks at once; while it is away, and in case a word of it was lost, the process looks by itself. The rows are read once for all
 * clients, and kept for a while for those that come back.
 */
@Injectable()
export class CaseFeed implements FrameSource, BeforeApplicationShutdown, OnApplicationShutdown {
  /** What the tests turn faster. */
  readonly options = {
    heartbeat_ms: 15_000,
    poll_ms: 500,
    calm_poll_ms: 5_000,
    retry_ms: 2_000,
    kept: 1_000,
  };
  private readonly logger = new Logger(CaseFeed.name);
  private readonly streams = new Map<AlertStream, Listener>();
  private subscriber: Redis | null = null;
  private timers: NodeJS.Timeout[] = [];
  private lookedAt = 0;
  /** The newest events, without gaps from the first one on; null while nobody listens. */
  private newest: { from: bigint; frames: Frame[] } | null = null;
  private looking: Promise<void> | null = null;
  private isLookWanted = false;
  private isFailing = false;
  private isStopping = false;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly rows: CaseFeedRepository,
    private readonly tokens: TokenService,
    private readonly currencies: CurrenciesService,
  ) {}

  /**
   * A feed of what comes after `lastEventId`, or from now on. It ends with the token.
   * @throws BankError SHUTTING_DOWN; RATE_LIMITED when there are too many already
   */
  async open(listener: Listener, lastEventId: string | undefined): Promise<AlertStream> {
    if (this.isStopping) throw new BankError('SHUTTING_DOWN', { retry_after_s: 2 });
    const own = [...this.streams.values()].filter(({ user_id }) => user_id === listener.user_id).length;
    if (own >= MAX_STREAMS_OF_USER || this.streams.size >= MAX_STREAMS)
      throw new BankError('RATE_LIMITED', { detail: 'Too many open feeds', retry_after_s: 30 });
    const newest = await this.rows.newestId();
    const wanted = lastEventId === undefined ? newest : BigInt(lastEventId);
    const stream = new AlertStream(this, wanted < newest ? wanted : newest, this.options.retry_ms);
    this.newest ??= { from: newest, frames: [] };
    this.streams.set(stream, listener);
    const end = setTimeout(() => stream.finish(), msLeft(listener.token));
    stream.once('close', () => {
      clearTimeout(end);
      this.streams.delete(stream);
      if (this.streams.size === 0) this.rest();
    });
    this.listen();
    return stream;
  }

  async after(id: bigint): Promise<Frame[]> {
    if (this.newest && id >= this.newest.from)
      return this.newest.frames.filter((frame) => frame.id > id).slice(0, PAGE);
    return (await this.rows.after(id, PAGE)).map((row) => this.frame(row));
  }

  /** Before the web server waits for its requests to end: these would not. */
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    this.rest();
    for (const stream of this.streams.keys()) stream.finish();
  }

  onApplicationShutdown(): void {
    this.subscriber?.disconnect();
  }

  private listen(): void {
    if (this.timers.length === 0) {
      this.timers = [
        setInterval(() => this.poll(), this.options.poll_ms),
        setInterval(() => this.beat(), this.options.heartbeat_ms),
      ];
      for (const timer of this.timers) timer.unref();
    }
    if (this.subscriber) return;
    const subscriber = createRedis(this.environment.REDIS_URL, patientRedisOptions());
    this.subscriber = subscriber;
    // The API's other connection says in the log when Redis goes and comes.
    subscriber.on('error', () => undefined);
    subscriber.on('message', () => this.look());
    subscriber.on('ready', () => this.look());
    subscriber.subscribe(CASE_FEED_CHANNEL).catch(() => undefined);
  }

  /** Nobody listens: nothing is asked of the database. */
  private rest(): void {
    for (const timer of this.timers.splice(0)) clearInterval(timer);
    this.newest = null;
  }

  private poll(): void {
    const every = this.subscriber?.status === 'ready' ? this.options.calm_poll_ms : 0;
    if (Date.now() - this.lookedAt >= every) this.look();
  }

  /** A word from Redis while we are looking may be about what we have not seen: look again. */
  private look(): void {
    this.isLookWanted = true;
    this.looking ??= this.readNew().finally(() => {
      this.looking = null;
    });
  }

  private async readNew(): Promise<void> {
    while (this.isLookWanted && this.newest) {
      this.isLookWanted = false;
      this.lookedAt = Date.now();
      try {
        const { from, frames } = this.newest;
        const rows = await this.rows.after(frames.at(-1)?.id ?? from, PAGE);
        this.isFailing = false;
        if (rows.length === 0 || !this.newest) continue;
        this.keep([...frames, ...rows.map((row) => this.frame(row))]);
        this.isLookWanted ||= rows.length === PAGE;
        this.toEach((stream) => stream.news());
      } catch (error) {
        if (!this.isFailing) this.logger.warn(`cannot read new alerts: ${(error as Error).message}`);
        this.isFailing = true;
      }
    }
  }

  private keep(frames: Frame[]): void {
    const dropped = Math.max(0, frames.length - this.options.kept);
    const from = dropped > 0 ? frames[dropped - 1]?.id : this.newest?.from;
    this.newest = { from: from ?? 0n, frames: frames.slice(dropped) };
  }

  private beat(): void {
    this.toEach((stream) => stream.heartbeat());
  }

  /** Whose token was ended hears nothing more: by a change of password or role, or a logout. */
  private toEach(tell: (stream: AlertStream) => void): void {
    for (const [stream, { token }] of this.streams) {
      try {
        this.tokens.verify(token);
      } catch {
        stream.finish();
        continue;
      }
      tell(stream);
    }
  }

  private frame(row: FeedRow): Frame {
    const data = JSON.stringify(this.content(row));
    return {
      id: BigInt(row.event_id),
      text: `id: ${row.event_id}\nevent: ${row.event}\ndata: ${data}\n\n`,
    };
  }

  private content(row: FeedRow): object {
    return {
      event_id: String(row.event_id),
      event: row.event,
      occurred_at: toIso(row.occurred_at),
      actor_user_id: idOrNull(row.actor_user_id),
      case: {
        case_id: String(row.case_id),
        user_id: String(row.user_id),
        username: row.username,
        status: row.case_status,
        priority: priorityOf(row.case_priority),
        assigned_to: idOrNull(row.assigned_to),
      },
      alert:
        row.alert_id === null
          ? null
          : {
              alert_id: String(row.alert_id),
              verdict: row.verdict,
              risk_score: Number(row.risk_score),
              priority: priorityOf(row.priority ?? 0),
              status: row.status,
              due_at: timeOrNull(row.due_at),
            },
      transaction:
        row.transaction_id === null
          ? null
          : {
              transaction_id: String(row.transaction_id),
              reference_id: row.reference_id,
              type: row.type,
              currency: row.currency,
              amount: this.currencies.format(row.amount_minor ?? 0, row.currency ?? ''),
            },
      detail: eventDetail(row.detail, row.currency, this.currencies),
    };
  }
}

/** Until the token expires, by its own word: it was verified by whoever let the listener in. */
function msLeft(token: string): number {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number;
  };
  return Math.max(0, exp * 1000 - Date.now());
}
