import { ScoringFailures } from './scoring-failures';

describe('failures of scoring', () => {
  it('are handed over once, and kept when nobody takes them', async () => {
    const failures = new ScoringFailures();
    const written: [string, number][] = [];
    const write = async (outcome: string, count: number): Promise<void> => {
      written.push([outcome, count]);
    };
    failures.add('retried', 2);
    await expect(failures.flush(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    failures.add('retried', 1);
    failures.add('given_up', 1);
    await failures.flush(write);
    await failures.flush(write);
    expect(written).toEqual([
      ['retried', 3],
      ['given_up', 1],
    ]);
  });

  it('that come in while they are handed over count for the next time', async () => {
    const failures = new ScoringFailures();
    const counts: number[] = [];
    failures.add('retried', 2);
    await failures.flush(async (outcome, count) => {
      counts.push(count);
      failures.add(outcome, 5);
    });
    await failures.flush(async (_outcome, count) => void counts.push(count));
    expect(counts).toEqual([2, 5]);
  });
});
