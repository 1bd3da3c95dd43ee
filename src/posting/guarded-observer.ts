import type { PoolUse } from '../database';
import type { PostingOutcome } from './posting-item';
import type { PostingObserver } from './posting-queue';

export interface BatchObserver extends PostingObserver {
  itemsDecided(outcomes: readonly PostingOutcome[]): void;
  /** Told once how to see the use of the queue's own connections. */
  watchPool?(use: () => PoolUse): void;
}

/** The same observer, whose errors go to `onError`: what is committed must not look failed because it could not be measured. */
export function guarded(observer: BatchObserver, onError: (error: unknown) => void): BatchObserver {
  const quietly = (tell: () => void): void => {
    try {
      tell();
    } catch (error) {
      onError(error);
    }
  };
  return {
    itemsDecided: (outcomes) => quietly(() => observer.itemsDecided(outcomes)),
    batchPosted: (items, duration_ms) => quietly(() => observer.batchPosted(items, duration_ms)),
    batchRetried: () => quietly(() => observer.batchRetried()),
  };
}
