import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';
import { startProcess, type Process } from '../support/queues';

describe('one key, many times at once', () => {
  let bank: TestBank;
  let accounts: string[];
  let processes: [Process, Process];

  beforeAll(async () => {
    bank = await createTestBank();
    const { user_id } = await bank.createUser();
    accounts = await Promise.all(
      Array.from({ length: 12 }, () => bank.openAccount(user_id, { balance: 10_000n })),
    );
    processes = [
      startProcess(bank, { batches_in_flight: 6, batch_max: 5 }),
      startProcess(bank, { gather: false }),
    ];
  });
  afterAll(async () => {
    for (const process of processes) await process.stop();
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
    await bank.close();
  });

  const [at] = [(index: number) => accounts[index] ?? ''];

  it('fifty times over two processes: one posting, forty-nine replays of it', async () => {
    const item = p.transfer(at(0), at(1), 100n);
    const before = await p.ledgerSize(bank.owner);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => processes[index % 2]!.queue.submit([item])),
    );
    expect(outcomes.filter(([outcome]) => outcome?.code === 'OK')).toHaveLength(50);
    expect(outcomes.filter(([outcome]) => outcome?.is_replayed === false)).toHaveLength(1);
    expect(new Set(outcomes.map(([outcome]) => outcome?.transaction_id)).size).toBe(1);
    expect((await p.ledgerSize(bank.owner)).transactions).toBe((before.transactions ?? 0) + 1);
  });

  it('a decline, fifty times: recorded once', async () => {
    const item = p.withdrawal(at(0), 10n ** 9n);
    const before = await p.ledgerSize(bank.owner);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => processes[index % 2]!.queue.submit([item])),
    );
    expect(new Set(outcomes.map(([outcome]) => outcome?.code))).toEqual(new Set(['INSUFFICIENT_FUNDS']));
    expect((await p.ledgerSize(bank.owner)).declined_transactions).toBe(
      (before.declined_transactions ?? 0) + 1,
    );
  });

  it('under one key, requests for disjoint accounts: the first is posted, the others are refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { key } = p.freshKey();
      const requests = Array.from({ length: 6 }, (_, index) => ({
        ...p.transfer(at(2 * index), at(2 * index + 1), 7n),
        key,
      }));
      const outcomes = await Promise.all(
        requests.map((item, index) => processes[index % 2]!.queue.submit([item])),
      );
      expect(outcomes.map(([outcome]) => outcome?.code).sort()).toEqual([
        ...Array<string>(5).fill('IDEMPOTENCY_KEY_REUSED'),
        'OK',
      ]);
    }
  });

  it('under one key, the same request over other accounts` neighbours: each neighbour is posted once', async () => {
    const shared = p.transfer(at(0), at(1), 3n);
    const before = await p.ledgerSize(bank.owner);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        processes[index % 2]!.queue.submit([
          shared,
          p.transfer(at(2 + (index % 5) * 2), at(3 + (index % 5) * 2), 1n),
        ]),
      ),
    );
    expect(outcomes.flat().every((outcome) => outcome.code === 'OK')).toBe(true);
    expect((await p.ledgerSize(bank.owner)).transactions).toBe((before.transactions ?? 0) + 21);
  });

  it('the same list of items and a longer one under its keys, at once: never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [first, second, third] = [
        p.transfer(at(0), at(1), 1n),
        p.transfer(at(2), at(3), 1n),
        p.transfer(at(4), at(5), 1n),
      ];
      const changed = p.freshKey().hash;
      const longer = [first, second, third].map((item) => ({ ...item, hash: changed }));
      const before = await p.ledgerSize(bank.owner);
      const [short, long] = await Promise.all([
        processes[0].queue.submit([first, second]),
        processes[round % 2]!.queue.submit(longer),
      ]);
      const codes = [
        ...new Set(short.map((outcome) => outcome.code)),
        ...new Set(long.map((outcome) => outcome.code)),
      ];
      expect([...codes].sort()).toEqual(['IDEMPOTENCY_KEY_REUSED', 'OK']);
      const posted = ((await p.ledgerSize(bank.owner)).transactions ?? 0) - (before.transactions ?? 0);
      expect(posted).toBe(codes[0] === 'OK' ? 2 : 3);
    }
  });
});
