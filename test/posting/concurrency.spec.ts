import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';
import { startProcess, type Process } from '../support/queues';

describe('many clients at once, over two processes', () => {
  let bank: TestBank;
  let user: string;
  let processes: Process[];

  beforeAll(async () => {
    bank = await createTestBank();
    user = (await bank.createUser()).user_id;
  });
  beforeEach(() => {
    processes = [startProcess(bank, { batch_max: 20 }), startProcess(bank, { batch_max: 20 })];
  });
  afterEach(async () => {
    for (const process of processes) await process.stop();
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
  });
  afterAll(() => bank.close());

  const queueOf = (client: number) => (processes[client % processes.length] as Process).queue;
  const open = (count: number, balance: bigint) =>
    Promise.all(Array.from({ length: count }, () => bank.openAccount(user, { balance })));
  const total = async (accounts: string[]) => {
    const funds = await Promise.all(accounts.map((account) => p.fundsOf(bank.owner, account)));
    return funds.reduce((sum, { balance }) => sum + balance, 0n);
  };

  it.each([2, 4, 50])(
    'opposing transfers between %i accounts: no deadlock reaches a caller, no money is lost',
    async (count) => {
      const accounts = await open(count, 1_000n);
      const codes = new Map<string, number>();
      const client = async (number: number) => {
        for (let round = 0; round < 8; round += 1) {
          const from = (number + round) % count;
          const to = (from + 1 + ((number * 7 + round) % (count - 1))) % count;
          const item = p.transfer(
            accounts[from] ?? '',
            accounts[to] ?? '',
            BigInt(1 + ((number * 13 + round * 29) % 400)),
          );
          const [outcome] = await queueOf(number).submit([item]);
          codes.set(outcome?.code ?? 'none', (codes.get(outcome?.code ?? 'none') ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: 32 }, (_, number) => client(number)));
      expect([...codes.keys()].filter((code) => !['OK', 'INSUFFICIENT_FUNDS'].includes(code))).toEqual([]);
      expect([...codes.values()].reduce((sum, n) => sum + n, 0)).toBe(256);
      expect(await total(accounts)).toBe(BigInt(count) * 1_000n);
    },
  );

  it('single calls without a queue, in opposing order, fail with nothing but what may be sent again', async () => {
    const accounts = await open(6, 10_000n);
    const [a, b, c, d, e, f] = accounts as [string, string, string, string, string, string];
    const batches = [
      [p.transfer(a, f, 1n), p.transfer(b, e, 1n), p.transfer(c, d, 1n)],
      [p.transfer(d, c, 1n), p.transfer(e, b, 1n), p.transfer(f, a, 1n)],
      [p.transfer(c, a, 1n), p.transfer(f, d, 1n), p.hold(b, 1n)],
    ];
    const pools = processes.map((process) => process.pool);
    await Promise.all(
      Array.from({ length: 48 }, async (_, index) => {
        const items = (batches[index % 3] ?? []).map((item) => ({ ...item, ...p.freshKey() }));
        const outcomes = await postBatch(pools[index % 2] ?? bank.pool, items);
        expect(outcomes.map((outcome) => outcome.code)).toEqual(['OK', 'OK', 'OK']);
      }),
    );
    expect(await total(accounts)).toBe(60_000n);
  });

  it('an account with funds for ten of a hundred clients pays exactly ten', async () => {
    const [account] = (await open(1, 1_000n)) as [string];
    const kinds = [p.withdrawal, p.payment, p.hold, p.withdrawal] as const;
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, number) =>
        queueOf(number).submit([(kinds[number % 4] ?? p.withdrawal)(account, 100n)]),
      ),
    );
    const codes = outcomes.map(([outcome]) => outcome?.code);
    expect(codes.filter((code) => code === 'OK')).toHaveLength(10);
    expect(codes.filter((code) => code === 'INSUFFICIENT_FUNDS')).toHaveLength(90);
    expect((await p.fundsOf(bank.owner, account)).available).toBe(0n);
  });

  it('linked requests that race for the same funds are posted whole or not at all', async () => {
    const [pot, one, two] = (await open(3, 0n)) as [string, string, string];
    await p.postOne(bank.pool, p.deposit(pot, 250n));
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        queueOf(number).submit([p.transfer(pot, one, 60n), p.transfer(pot, two, 40n)], true),
      ),
    );
    const whole = outcomes.filter((request) => request.every((outcome) => outcome.code === 'OK'));
    expect(whole).toHaveLength(2);
    expect(outcomes.filter((request) => request.some((outcome) => outcome.code === 'OK'))).toHaveLength(2);
    expect((await p.fundsOf(bank.owner, pot)).balance).toBe(50n);
    expect((await p.fundsOf(bank.owner, one)).balance).toBe(120n);
  });

  it('one hold captured, voided and captured again by many: one wins', async () => {
    const [account] = (await open(1, 100n)) as [string];
    const holdId = p.made(await p.postOne(bank.pool, p.hold(account, 100n)));
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, number) =>
        queueOf(number).submit([number % 3 === 0 ? p.voidHold(holdId) : p.capture(holdId, 70n)]),
      ),
    );
    expect(outcomes.filter(([outcome]) => outcome?.code === 'OK')).toHaveLength(1);
    expect((await p.fundsOf(bank.owner, account)).held).toBe(0n);
  });

  it('one transaction reversed by many: one wins', async () => {
    const [a, b] = (await open(2, 100n)) as [string, string];
    const original = p.made(await p.postOne(bank.pool, p.transfer(a, b, 10n)));
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, number) => queueOf(number).submit([p.reversal(original)])),
    );
    expect(outcomes.map(([outcome]) => outcome?.code).sort()).toEqual([
      ...Array<string>(19).fill('ALREADY_REVERSED'),
      'OK',
    ]);
  });

  it('closing the books while back-dated items come: none is written into what was closed', async () => {
    const [account] = (await open(1, 0n)) as [string];
    const effective_us = Date.UTC(2024, 0, 15) * 1_000;
    const posting = Promise.all(
      Array.from({ length: 40 }, async (_, number) => {
        const outcomes = await queueOf(number).submit([p.deposit(account, 1n, { effective_us })]);
        return outcomes[0]?.code;
      }),
    );
    await bank.owner.call('sp_close_period', ['2024-02-01 00:00:00']);
    const [closed] = await bank.owner.query(
      "SELECT updated_at FROM bank_settings WHERE setting_key = 'books_closed_until'",
    );
    const codes = await posting;
    expect(new Set([...codes, 'OK', 'PERIOD_CLOSED'])).toEqual(new Set(['OK', 'PERIOD_CLOSED']));
    expect(await p.codesOf(bank.pool, p.deposit(account, 1n, { effective_us }))).toEqual(['PERIOD_CLOSED']);
    expect(closed?.updated_at).toBeTruthy();
    expect((await p.fundsOf(bank.owner, account)).balance).toBe(
      BigInt(codes.filter((code) => code === 'OK').length),
    );
  });
});
