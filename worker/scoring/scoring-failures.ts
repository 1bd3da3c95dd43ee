/** What followed when transactions could not be scored: tried again later, or left for the sweep to find. */
export type FailureOutcome = 'retried' | 'given_up';

/** Counts transactions that could not be scored, each time, until someone writes the numbers down. */
export class ScoringFailures {
  private readonly counts: Record<FailureOutcome, number> = { retried: 0, given_up: 0 };

  add(outcome: FailureOutcome, transactions: number): void {
    this.counts[outcome] += transactions;
  }

  /** Hands over what has come together. What `write` fails for is kept for the next time. @throws the error of `write` */
  async flush(write: (outcome: FailureOutcome, count: number) => Promise<void>): Promise<void> {
    for (const outcome of ['retried', 'given_up'] as const) {
      const count = this.counts[outcome];
      if (count === 0) continue;
      await write(outcome, count);
      this.counts[outcome] -= count;
    }
  }
}
