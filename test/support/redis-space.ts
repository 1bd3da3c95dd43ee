import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

export interface RedisSpace {
  /** The server's URL with a logical database of its own, so that neither BullMQ nor a FLUSHDB meets another test's keys. */
  url: string;
  release(): Promise<void>;
}

/** Redis has 16 logical databases unless told otherwise; 0 holds the claims. */
const SPACES = 15;
/** A test run that was killed gives its spaces back after this long. */
const CLAIM_S = 600;

/** Claims an empty logical database of the Redis server at `serverUrl`. Waits while all are taken. */
export async function claimRedisSpace(serverUrl: string): Promise<RedisSpace> {
  const redis = new Redis(serverUrl, { db: 0 });
  try {
    const index = await claim(redis);
    const url = new URL(serverUrl);
    url.pathname = `/${index}`;
    await redis.select(index);
    await redis.flushdb();
    return { url: url.href, release: () => release(url.href, serverUrl, index) };
  } finally {
    redis.disconnect();
  }
}

async function claim(redis: Redis): Promise<number> {
  for (;;) {
    const start = await redis.incr('florin:test:turn');
    for (let offset = 0; offset < SPACES; offset += 1) {
      const index = ((start + offset) % SPACES) + 1;
      if (await redis.set(claimKey(index), process.pid, 'EX', CLAIM_S, 'NX')) return index;
    }
    await sleep(100);
  }
}

async function release(url: string, serverUrl: string, index: number): Promise<void> {
  const redis = new Redis(url);
  await redis.flushdb();
  redis.disconnect();
  const claims = new Redis(serverUrl, { db: 0 });
  await claims.del(claimKey(index));
  claims.disconnect();
}

function claimKey(index: number): string {
  return `florin:test:claim:${index}`;
}
