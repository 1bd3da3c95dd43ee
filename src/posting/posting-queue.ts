import { isConnectionLost, isDuplicateKey, isRetryable } from '../database';
import { BankError } from '../errors';
import { FairLine } from './fair-line';
import type { BatchItem } from './post-batch';
import type { PostingItem, PostingOutcome } from './posting-item';

export interface PostingQueueOptions {
  /** Most items in one batch. A request larger than this travels alone. */
  batch_max: number;
  /** Batches at the database at the same time. */
  batches_in_flight: number;
  /** Most items waiting; beyond it requests are refused with QUEUE_FULL. */
  queue_max: number;
  /** Most items of one submitter waiting, beyond its first request; absent: all of the queue may be one submitter's. */
  submitter_max?: number;
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
  submitter: string;
  linked: boolean;
  resolve: (outcomes: PostingOutcome[]) => void;
  reject: (error: unknown) => void;
}

const MAX_TRIES = 5;
/** Submitter of what no user asked for. */
const BANK = '';

/**
 * Gathers what is asked while a batch is at the database, and sends it as the next one: no timer, no wait when idle, larger
 * batches the busier the bank is. Requests stay whole. Those of one submitter (the user who asked) keep their order; submitters
 * take turns.
 */
export class PostingQueue {
  private readonly waiting = new FairLine<Submission>();
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
    return this.waiting.items;
  }

  /**
   * Posts the items of one request and answers with their outcomes, in order. A declined item is an outcome, not an error.
   * @throws BankError QUEUE_FULL, RATE_LIMITED (too many items of this submitter wait) or SHUTTING_DOWN before anything was sent,
   * DATABASE_UNAVAILABLE when the outcome is unknown: the same keys find it out.
   */
  submit(items: readonly PostingItem[], linked = false): Promise<PostingOutcome[]> {
    if (items.length === 0) return Promise.resolve([]);
    const submitter = items[0]?.actor ?? BANK;
    const refusal = this.refusalOf(submitter, items.length);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.waiting.add({ items, submitter, linked, resolve, reject });
      this.scheduleFlush(1);
    });
  }

  /** Refuses new requests and waits until all accepted ones are answered. */
  async drain(): Promise<void> {
    this.isClosing = true;
    if (this.inFlight === 0 && this.waiting.isEmpty) return;
    await new Promise<void>((resolve) => this.idleListeners.push(resolve));
  }

  private refusalOf(submitter: string, count: number): BankError | null {
    const { queue_max, submitter_max = queue_max } = this.options;
    if (this.isClosing) return new BankError('SHUTTING_DOWN', { retry_after_s: 5 });
    if (this.waiting.items + count > queue_max) return new BankError('QUEUE_FULL', { retry_after_s: 1 });
    const theirs = this.waiting.itemsOf(submitter);
    if (theirs === 0 || theirs + count <= submitter_max) return null;
    return new BankError('RATE_LIMITED', {
      retry_after_s: 1,
      detail: 'Too many of your postings wait already: nothing of this request was posted',
    });
  }

  /**
   * Sends after `turns` turns of the event loop. One brings the requests that arrive together into one batch. When others wait
   * already as a batch comes back it takes two: in the first its clients are answered, in the second they ask again, and what they
   * ask joins those who waited. What that gains and costs: docs/adr/0006.
   */
  private scheduleFlush(turns: 1 | 2): void {
    if (this.isFlushScheduled) return;
    this.isFlushScheduled = true;
    const flush = () => {
      this.isFlushScheduled = false;
      this.flush();
    };
    setImmediate(turns === 1 ? flush : () => setImmediate(flush));
  }

  private flush(): void {
    const { gather, batches_in_flight, batch_max } = this.options;
    while (!this.waiting.isEmpty && (!gather || this.inFlight < batches_in_flight)) {
      // Of no size nothing but the first request fits.
      const batch = this.waiting.take(gather ? batch_max : 0);
      this.inFlight += 1;
      void this.send(batch).finally(() => {
        this.inFlight -= 1;
        if (!this.waiting.isEmpty) this.scheduleFlush(2);
        else if (this.inFlight === 0) this.idleListeners.splice(0).forEach((listener) => listener());
      });
    }
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
