import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import {
  answerPrejudgement,
  type Prejudgement,
  type PrejudgementRequest,
  type ProposedTransaction,
  takePrejudgementRequest,
} from '../../src/queue';
import { reasonOf } from '../runtime/connection-state';

/** Judged at the same time. Who waits longer than the API does is not answered. */
const UNDER_WAY_MAX = 8;
const TAKE_TIMEOUT_S = 1;

/** Answers the API's questions about transactions that are to be judged before they are posted. */
export class PrejudgeDesk {
  private readonly underWay = new Set<Promise<void>>();

  /**
   * @param waiting a connection that may be blocked, closed with the first stop
   * @param answering one that is not
   */
  constructor(
    private readonly waiting: Redis,
    private readonly answering: Redis,
    private readonly judge: (proposed: ProposedTransaction) => Promise<Prejudgement>,
    private readonly logger: Logger,
  ) {}

  /** Takes the next request, if one comes within a second, and has it judged while the next one is waited for. */
  async step(signal: AbortSignal): Promise<number> {
    const end = (): void => this.waiting.disconnect();
    signal.addEventListener('abort', end, { once: true });
    try {
      const request = await takePrejudgementRequest(this.waiting, TAKE_TIMEOUT_S);
      if (request) this.begin(request);
      if (this.underWay.size >= UNDER_WAY_MAX) await Promise.race(this.underWay);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', end);
    }
    if (signal.aborted) await Promise.all(this.underWay);
    return 0;
  }

  private begin(request: PrejudgementRequest): void {
    const answer = this.answer(request).finally(() => this.underWay.delete(answer));
    this.underWay.add(answer);
  }

  /** No answer is an answer: the API posts as held when its time is over. */
  private async answer({ id, proposed }: PrejudgementRequest): Promise<void> {
    try {
      await answerPrejudgement(this.answering, { id, ...(await this.judge(proposed)) });
    } catch (error) {
      this.logger.warn({ reason: reasonOf(error) }, 'a transaction could not be judged before it was posted');
    }
  }
}
