import { WaitingLine } from './waiting-line';

/** Work that ends when it is told to. */
function task() {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (end = resolve));
  return { work: jest.fn(() => done), end };
}

describe('a waiting line', () => {
  const line = () => new WaitingLine({ running_max: 1, waiting_max: 2, retry_after_s: 7 });

  it('lets one work, two wait in order, and sends the fourth away', async () => {
    const queue = line();
    const tasks = [task(), task(), task()];
    const runs = tasks.map(({ work }) => queue.run(work));
    await expect(queue.run(task().work)).rejects.toMatchObject({
      code: 'TOO_MANY_LOGINS',
      retryAfterSeconds: 7,
    });
    for (const [index, { end }] of tasks.entries()) {
      expect(tasks.map(({ work }) => work.mock.calls.length)).toEqual(tasks.map((_, i) => +(i <= index)));
      end();
      await runs[index];
    }
    expect(queue.isEmpty).toBe(true);
  });

  it('goes on after work that failed', async () => {
    const queue = line();
    await expect(queue.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(queue.run(() => Promise.resolve(1))).resolves.toBe(1);
  });
});
