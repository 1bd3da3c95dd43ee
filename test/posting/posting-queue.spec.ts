import { postBatch, PostingQueue, type BatchItem, type PostingOutcome } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';
import { startProcess } from '../support/queues';

describe('PostingQueue', () => {
  let bank: TestBank;
  let user: string;
  let flooder: string;
  let account: string;
  let other: string;

  beforeAll(async () => {
    bank = await createTestBank();
    user = (await bank.createUser()).user_id;
    flooder = (await bank.createUser()).user_id;
    account = await bank.openAccount(user, { balance: 1_000_000n });
    other = await bank.openAccount(user);
  });
  afterAll(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
    await bank.close();
  });

  /** A queue whose batches are seen on their way to the database, and wait there until `open` is called. */
  function gatedQueue(options: Partial<ConstructorParameters<typeof PostingQueue>[1]> = {}) {
    const batches: BatchItem[][] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const post = async (items: readonly BatchItem[]): Promise<PostingOutcome[]> => {
      batches.push([...items]);
      await gate;
      return postBatch(bank.pool, items);
    };
    const queue = new PostingQueue(post, {
      batch_max: 10,
      batches_in_flight: 1,
      queue_max: 100,
      gather: true,
      ...options,
    });
    return { queue, batches, open };
  }
  const nextTurn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const transfers = (count: number) => Array.from({ length: count }, () => p.transfer(account, other, 1n));
  const allOk = (outcomes: PostingOutcome[][]) => outcomes.flat().every((outcome) => outcome.code === 'OK');

  it('gathers what is asked while a batch is on its way, whole requests in order', async () => {
    const { queue, batches, open } = gatedQueue();
    const answers = [queue.submit(transfers(1))];
    await nextTurn();
    answers.push(...[3, 4, 3, 2].map((count) => queue.submit(transfers(count))));
    await nextTurn();
    expect(batches.map((batch) => batch.length)).toEqual([1]);
    expect(queue.depth).toBe(12);
    open();
    const outcomes = await Promise.all(answers);
    expect(batches.map((batch) => batch.length)).toEqual([1, 10, 2]);
    expect(batches[1]?.map((item) => item.request)).toEqual([1, 1, 1, 2, 2, 2, 2, 3, 3, 3]);
    expect(outcomes.map((outcome) => outcome.length)).toEqual([1, 3, 4, 3, 2]);
    expect(allOk(outcomes)).toBe(true);
    expect(queue.depth).toBe(0);
  });

  it('lets what clients ask on their answers join those who waited meanwhile', async () => {
    const { queue, batches, open } = gatedQueue();
    const again = async () => {
      const first = await queue.submit(transfers(1));
      return [first, await queue.submit(transfers(1))];
    };
    const answers = [again(), again()];
    await nextTurn();
    const waited = queue.submit(transfers(1));
    open();
    expect(allOk((await Promise.all(answers)).flat().concat([await waited]))).toBe(true);
    expect(batches.map((batch) => batch.length)).toEqual([2, 3]);
  });

  it('a request larger than a batch travels alone', async () => {
    const { queue, batches, open } = gatedQueue();
    open();
    const outcomes = await Promise.all([
      queue.submit(transfers(2)),
      queue.submit(transfers(25)),
      queue.submit(transfers(3)),
    ]);
    expect(batches.map((batch) => batch.length)).toEqual([2, 25, 3]);
    expect(allOk(outcomes)).toBe(true);
  });

  it('requests that arrive together when idle travel together', async () => {
    const { queue, batches, open } = gatedQueue();
    open();
    await Promise.all([queue.submit(transfers(1)), queue.submit(transfers(1)), queue.submit(transfers(1))]);
    expect(batches.map((batch) => batch.length)).toEqual([3]);
  });

  it('sends as many batches at a time as allowed, no more', async () => {
    const { queue, batches, open } = gatedQueue({ batches_in_flight: 3, batch_max: 1 });
    const answers = Array.from({ length: 5 }, () => queue.submit(transfers(1)));
    await nextTurn();
    expect(batches).toHaveLength(3);
    open();
    expect(allOk(await Promise.all(answers))).toBe(true);
    expect(batches).toHaveLength(5);
  });

  it('off: every request is a batch of its own', async () => {
    const { queue, batches, open } = gatedQueue({ gather: false });
    open();
    await Promise.all([queue.submit(transfers(2)), queue.submit(transfers(1)), queue.submit(transfers(3))]);
    expect(batches.map((batch) => batch.length)).toEqual([2, 1, 3]);
  });

  it('refuses what would not fit, and takes again when there is room', async () => {
    const { queue, open } = gatedQueue({ queue_max: 5, batch_max: 5 });
    const first = queue.submit(transfers(1));
    await nextTurn();
    const waiting = queue.submit(transfers(4));
    await expect(queue.submit(transfers(2))).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      retryAfterSeconds: 1,
    });
    const last = queue.submit(transfers(1));
    open();
    expect(allOk(await Promise.all([first, waiting, last]))).toBe(true);
    expect(allOk([await queue.submit(transfers(5))])).toBe(true);
  });

  /** `count` requests of one item each, of a user. */
  const requestsOf = (actor: string, count: number) =>
    Array.from({ length: count }, (_, index) => [
      p.transfer(account, other, 1n, { actor, description: `${actor}/${index}` }),
    ]);
  const described = (batch: BatchItem[] | undefined) => batch?.map((item) => item.description);

  it('lets users take turns: a flood of one keeps nobody waiting, and its own order', async () => {
    const { queue, batches, open } = gatedQueue({ batch_max: 4 });
    const answers = requestsOf(flooder, 10).map((items) => queue.submit(items));
    await nextTurn();
    answers.push(...requestsOf(user, 2).map((items) => queue.submit(items)));
    open();
    expect(allOk(await Promise.all(answers))).toBe(true);
    expect(described(batches[1])).toEqual([`${flooder}/4`, `${user}/0`, `${flooder}/5`, `${user}/1`]);
    const flood = batches.flat().filter((item) => item.actor === flooder);
    expect(described(flood)).toEqual(Array.from({ length: 10 }, (_, index) => `${flooder}/${index}`));
  });

  it('lets nobody wait for more than one large request of another user', async () => {
    const { queue, batches, open } = gatedQueue({ batch_max: 4 });
    const large = () => queue.submit(requestsOf(flooder, 20).flat());
    const answers = [large(), large(), large()];
    await nextTurn();
    answers.push(...requestsOf(user, 1).map((items) => queue.submit(items)));
    open();
    expect(allOk(await Promise.all(answers))).toBe(true);
    expect(batches.map((batch) => batch.length)).toEqual([20, 20, 1, 20]);
  });

  it('refuses what is too much of one user, not what others ask', async () => {
    const { queue, batches, open } = gatedQueue({ batch_max: 1, submitter_max: 3 });
    const [underWay = [], ...waiting] = requestsOf(flooder, 4);
    const taken = [queue.submit(underWay)];
    await nextTurn();
    taken.push(...waiting.map((items) => queue.submit(items)));
    const [one = [], another = []] = requestsOf(flooder, 2);
    for (const items of [one, [...one, ...another]]) {
      await expect(queue.submit(items)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1 });
    }
    taken.push(...requestsOf(user, 2).map((items) => queue.submit(items)));
    // Larger than the bound, but alone: it could never be posted otherwise.
    taken.push(queue.submit(transfers(5)));
    open();
    expect(allOk(await Promise.all(taken))).toBe(true);
    expect(batches.flat()).toHaveLength(11);
  });

  it('drains: answers what it took, refuses what comes', async () => {
    const { queue, open } = gatedQueue();
    const answers = [queue.submit(transfers(1)), queue.submit(transfers(9)), queue.submit(transfers(9))];
    await nextTurn();
    let isDrained = false;
    const drained = queue.drain().then(() => {
      isDrained = true;
    });
    await expect(queue.submit(transfers(1))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await nextTurn();
    expect(isDrained).toBe(false);
    open();
    await drained;
    expect(allOk(await Promise.all(answers))).toBe(true);
    await expect(gatedQueue().queue.drain()).resolves.toBeUndefined();
  });

  it('nothing asked is nothing answered', async () => {
    await expect(gatedQueue().queue.submit([])).resolves.toEqual([]);
  });

  it('a request that the database cannot take fails alone', async () => {
    const process = startProcess(bank);
    const before = await p.ledgerSize(bank.owner);
    const impossible = Array.from({ length: 2_001 }, () => p.transfer(account, other, 1n));
    const queue = new PostingQueue((items) => postBatch(process.pool, items), {
      batch_max: 5_000,
      batches_in_flight: 1,
      queue_max: 10_000,
      gather: true,
    });
    const results = await Promise.allSettled([
      queue.submit(transfers(3)),
      queue.submit(impossible),
      queue.submit(transfers(2), true),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await p.ledgerSize(bank.owner)).transactions).toBe((before.transactions ?? 0) + 5);
    await process.stop();
  });
});
