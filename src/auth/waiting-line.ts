import { BankError } from '../errors';

export interface WaitingLineOptions {
  running_max: number;
  waiting_max: number;
  /** What who finds the line full is told to wait for. */
  retry_after_s: number;
}

/** Lets a few work at a time, and a few more wait for their turn, first come first served. */
export class WaitingLine {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly options: WaitingLineOptions) {}

  get isEmpty(): boolean {
    return this.running === 0;
  }

  /** @throws BankError TOO_MANY_LOGINS when too many wait */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { running_max, waiting_max, retry_after_s } = this.options;
    if (this.running >= running_max) {
      if (this.waiting.length >= waiting_max) throw new BankError('TOO_MANY_LOGINS', { retry_after_s });
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      // The place goes to the next in line without becoming free in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
