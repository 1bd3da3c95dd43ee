import type { Logger } from 'pino';
import { isConnectionLost } from '../../src/database';
import { isRedisLost } from '../../src/queue';
import { backoffDelay, pause } from './backoff';
import { type ConnectionState, reasonOf } from './connection-state';

export interface LoopStates {
  database: ConnectionState;
  redis: ConnectionState;
}

/**
 * Runs a step again and again, one at a time, until it is stopped. The step says how long to wait for the next one. A step that
 * fails is run again after a growing pause: the loop itself never ends on an error.
 */
export class Loop {
  private readonly abort = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly name: string,
    private readonly step: (signal: AbortSignal) => Promise<number>,
    private readonly states: LoopStates,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Waits for the step under way, which sees the signal. */
  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    for (let failures = 0; !signal.aborted;) {
      let delay_ms: number;
      try {
        delay_ms = await this.step(signal);
        this.states.database.up();
        failures = 0;
      } catch (error) {
        failures += 1;
        this.report(error);
        delay_ms = backoffDelay(failures);
      }
      await pause(delay_ms, signal);
    }
  }

  private report(error: unknown): void {
    const cause = error instanceof Error ? error.cause : undefined;
    if (isConnectionLost(error) || isConnectionLost(cause)) this.states.database.down(error);
    else if (isRedisLost(error)) this.states.redis.down(error);
    else
      this.logger.error(
        { task: this.name, reason: reasonOf(error) },
        'a task of the worker failed; trying again',
      );
  }
}

/** About `interval_ms`, ten percent more or less, so that several workers spread out. */
export function jittered(interval_ms: number): number {
  return interval_ms * (0.9 + 0.2 * Math.random());
}
