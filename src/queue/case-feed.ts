import type { Redis } from 'ioredis';

/**
 * Redis channel that says: there are new rows in case_events. It carries no content; each API process reads them from the database.
 * Channels know no logical databases, so banks that share a server also hear each other, and look once in vain.
 */
export const CASE_FEED_CHANNEL = 'florin:case-events';

/** Tells every API process to look. Never fails: while Redis is away they look by themselves. */
export async function announceCaseEvents(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') return;
  await redis.publish(CASE_FEED_CHANNEL, '').catch(() => undefined);
}
