import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { BankError } from '../errors';

export interface RateLimiterOptions {
  /** Kept apart from other limiters by this. */
  name: string;
  /** Requests of a key in a window. */
  points: number;
  /** Seconds. */
  window_s?: number;
  redis: Redis;
}

/** What this process may still let through for one key without asking again. */
interface Lease {
  points: number;
  /** performance.now() when the lease, or the refusal, ends. */
  ends_at_ms: number;
  is_refusal: boolean;
}

const MINUTE_S = 60;
const MAX_KEYS = 20_000;
/** Points are fetched this many times a window at most, so that a busy user costs a round trip to Redis only now and then. */
const BLOCKS_IN_WINDOW = 200;

/**
 * Counts requests a key and window, a minute unless told otherwise, in Redis, for all API processes together. Points are taken in
 * blocks, a half percent of the limit each, and spent from memory: nearly every request is a subtraction. What a process does not
 * spend of its block is lost to the others until the window ends, so the limit is met from below, never exceeded. Limits below 200
 * count one by one. While Redis is away each process counts for itself.
 */
export class RateLimiter {
  private readonly limiter: RateLimiterRedis;
  private readonly blockPoints: number;
  private readonly leases = new LRUCache<string, Lease>({ max: MAX_KEYS });
  private readonly refills = new Map<string, Promise<Lease>>();

  constructor(private readonly options: RateLimiterOptions) {
    const { name, points, window_s = MINUTE_S, redis } = options;
    const common = { keyPrefix: `florin:rate:${name}`, points, duration: window_s };
    this.limiter = new RateLimiterRedis({
      ...common,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(common),
    });
    this.blockPoints = Math.max(1, Math.floor(points / BLOCKS_IN_WINDOW));
  }

  /**
   * Takes one point: true at once from memory, or after a look into Redis.
   * @throws BankError RATE_LIMITED with the time until the window ends
   */
  take(key: string): true | Promise<true> {
    const lease = this.leases.get(key);
    return lease && this.spend(lease) ? true : this.refillAndTake(key);
  }

  /**
   * Takes nothing, and lets nobody on who has no point left.
   * @throws BankError RATE_LIMITED with the time until the window ends
   */
  async requireLeft(key: string): Promise<void> {
    const now = await this.limiter.get(key);
    if (now && now.consumedPoints >= this.options.points)
      throw new BankError('RATE_LIMITED', { retry_after_s: now.msBeforeNext / 1000 });
  }

  /** Whether a point was there. A lease that has ended has none, nor forbids anything. */
  private spend(lease: Lease): boolean {
    const leftMs = lease.ends_at_ms - performance.now();
    if (leftMs <= 0) return false;
    if (lease.points > 0) {
      lease.points -= 1;
      return true;
    }
    if (lease.is_refusal) throw new BankError('RATE_LIMITED', { retry_after_s: leftMs / 1000 });
    return false;
  }

  private async refillAndTake(key: string): Promise<true> {
    for (;;) {
      let refill = this.refills.get(key);
      if (!refill) {
        refill = this.fetch(key).finally(() => this.refills.delete(key));
        this.refills.set(key, refill);
      }
      if (this.spend(await refill)) return true;
    }
  }

  private async fetch(key: string): Promise<Lease> {
    const lease = await this.limiter.consume(key, this.blockPoints).then(
      (answer) => this.lease(this.blockPoints, answer, false),
      (refusal: unknown) => {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        // The last points of the window may be fewer than a block.
        const before = refusal.consumedPoints - this.blockPoints;
        return this.lease(Math.max(0, this.options.points - before), refusal, true);
      },
    );
    this.leases.set(key, lease);
    return lease;
  }

  private lease(points: number, answer: RateLimiterRes, isRefusal: boolean): Lease {
    // A window that ends this moment still lets the one who asked go through.
    const leftMs = Math.max(answer.msBeforeNext, 5);
    return { points, ends_at_ms: performance.now() + leftMs, is_refusal: isRefusal };
  }
}
