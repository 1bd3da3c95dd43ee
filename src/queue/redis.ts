import { Redis, type RedisOptions } from 'ioredis';
import { tlsOptions } from '../config/transport';

const MAX_RECONNECT_DELAY_MS = 2_000;

/** Waits a little longer after each failed try to reconnect, never more than two seconds, and never gives up. */
export function reconnectDelay(tries: number): number {
  return Math.min(50 * 2 ** Math.min(tries, 10), MAX_RECONNECT_DELAY_MS);
}

/**
 * For who must not wait: commands fail at once while Redis is away, and after `timeout_ms` when it does not answer.
 * The connection itself is taken up again by its own, for ever.
 */
export function impatientRedisOptions(timeout_ms = 5_000): RedisOptions {
  return {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeout_ms,
    commandTimeout: timeout_ms,
    retryStrategy: reconnectDelay,
  };
}

/** For BullMQ's workers, whose blocking reads wait until Redis is back. */
export function patientRedisOptions(): RedisOptions {
  return { maxRetriesPerRequest: null, connectTimeout: 10_000, retryStrategy: reconnectDelay };
}

/** A client for `redisUrl`. The caller listens to `error`, or an absent Redis would end the process. */
export function createRedis(redisUrl: string, options: RedisOptions): Redis {
  const tls = tlsOptions(redisUrl);
  const url = new URL(redisUrl);
  url.searchParams.delete('ssl_ca');
  if (!tls) return new Redis(url.href, options);
  // The protocol's own TLS would take the place of these options.
  url.protocol = 'redis:';
  return new Redis(url.href, { ...options, tls });
}

const LOST =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|Connection is closed|Command timed out|Stream isn't writeable|LOADING|READONLY|UNBLOCKED|max retries|MaxRetries/i;

/** Whether an error of a client or of BullMQ says that Redis is away, and nothing else. */
export function isRedisLost(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return LOST.test(`${code ?? ''} ${message ?? ''}`);
}
