import { isConnectionLost, isDuplicateKey, isRetryable } from '../database';
import { BankError } from '../errors';
import type { BatchItem } from './post-batch';
import type { PostingItem, PostingOutcome } from './posting-item';

export interface PostingQueueOptions {
  /** Most items in one batch. A request larger than this travels alone. */
  batch_max: number;
  /** Batches at the database at the same time. */
  batches_in_flight: number;
  /** Most items waiting; beyond it requests are refused with QUEUE_FULL. */
  queue_max: number;
  /** off: every request is a batch of its own, as many at a time as ask; for comparison. */
  gather: boolean;
}

/** Told of each batch, for the metrics. */
export interface PostingObserver {
  batchPosted(items: number, duration_ms: number): void;
  batchRetried(): void;
}

interface Submission {
  items: readonly PostingItem[];
  linked: boolean;
  resolve: (outcomes: PostingOutcome[]) => void;
  reject: (error: unknown) => void;
}

const MAX_TRIES = 5;

/**
 * Gathers what is asked while a batch is at the database, and sends it as the next one: no timer, no wait when idle, larger
 * batches the busier the bank is. Requests stay whole and in the order in which they came.
 */
export class PostingQueue {
  private readonly waiting: Submission[] = [];
  private waitingItems = 0;
  private inFlight = 0;
  private isFlushScheduled = false;
  private isClosing = false;
  private readonly idleListeners: (() => void)[] = [];

  constructor(
    private readonly post: (items: readonly BatchItem[]) => Promise<PostingOutcome[]>,
    private readonly options: PostingQueueOptions,
    private readonly observer?: PostingObserver,
  ) {}

  /** Items that wait for a batch. */
  get depth(): number {
    return this.waitingItems;
  }

  /**
   * Posts the items of one request and answers with their outcomes, in order. A declined item is an outcome, not an error.
   * @throws BankError QUEUE_FULL or SHUTTING_DOWN before anything was sent, DATABASE_UNAVAILABLE when the outcome is unknown:
   * the same keys find it out.
   */
  submit(items: readonly PostingItem[], linked = false): Promise<PostingOutcome[]> {
    if (items.length === 0) return Promise.resolve([]);
    if (this.isClosing) return Promise.reject(new BankError('SHUTTING_DOWN', { retry_after_s: 5 }));
    if (this.waitingItems + items.length > this.options.queue_max) {
      return Promise.reject(new BankError('QUEUE_FULL', { retry_after_s: 1 }));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ items, linked, resolve, reject });
      this.waitingItems += items.length;
      this.scheduleFlush();
    });
  }

  /** Refuses new requests and waits until all accepted ones are answered. */
  async drain(): Promise<void> {
    this.isClosing = true;
    if (this.inFlight === 0 && this.waiting.length === 0) return;
    await new Promise<void>((resolve) => this.idleListeners.push(resolve));
  }

  private scheduleFlush(): void {
    if (this.isFlushScheduled) return;
    this.isFlushScheduled = true;
    // After the I/O of this turn of the event loop, so that requests which arrived together travel together.
    setImmediate(() => {
      this.isFlushScheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    while (
      this.waiting.length > 0 &&
      (!this.options.gather || this.inFlight < this.options.batches_in_flight)
    ) {
      const batch = this.takeBatch();
      this.inFlight += 1;
      void this.send(batch).finally(() => {
        this.inFlight -= 1;
        if (this.waiting.length > 0) this.flush();
        else if (this.inFlight === 0) this.idleListeners.splice(0).forEach((listener) => listener());
      });
    }
  }

  private takeBatch(): Submission[] {
    let size = 0;
    let count = 0;
    for (const submission of this.waiting) {
      const fits =
        count === 0 || (this.options.gather && size + submission.items.length <= this.options.batch_max);
      if (!fits) break;
      size += submission.items.length;
      count += 1;
    }
    this.waitingItems -= size;
    return this.waiting.splice(0, count);
  }

  private async send(batch: Submission[]): Promise<void> {
    try {
      const outcomes = await this.postWithRetries(batch);
      let start = 0;
      for (const submission of batch) {
        submission.resolve(outcomes.slice(start, start + submission.items.length));
        start += submission.items.length;
      }
    } catch (error) {
      const isLost = isConnectionLost(error);
      if (isLost || batch.length === 1) {
        // Without a database none fares better alone, and trying each would keep the callers of a full queue for minutes.
        const reason = isLost
          ? new BankError('DATABASE_UNAVAILABLE', { cause: error, retry_after_s: 1 })
          : error;
        for (const submission of batch) submission.reject(reason);
        return;
      }
      // One bad request must not fail its neighbours: each travels alone.
      for (const submission of batch) await this.send([submission]);
    }
  }

  private async postWithRetries(batch: Submission[]): Promise<PostingOutcome[]> {
    const items = batch.flatMap((submission, index) =>
      submission.items.map((item): BatchItem => ({
        ...item,
        request: index + 1,
        linked: submission.linked ? 1 : 0,
      })),
    );
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = performance.now();
      try {
        const outcomes = await this.post(items);
        this.observer?.batchPosted(items.length, performance.now() - startedAt);
        return outcomes;
      } catch (error) {
        // 1062: another batch decided one of these keys first; sent again, its answer is found.
        const mayRepeat = isRetryable(error) || isDuplicateKey(error) || isConnectionLost(error);
        if (!mayRepeat || attempt >= MAX_TRIES) throw error;
        this.observer?.batchRetried();
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt));
      }
    }
  }
}
