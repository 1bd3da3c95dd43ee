import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

describe('sp_post_batch: linked requests', () => {
  let bank: TestBank;
  let owner: string;
  const unknownId = '18446744073709551000';

  beforeAll(async () => {
    bank = await createTestBank();
    owner = (await bank.createUser()).user_id;
  });
  afterEach(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
  });
  afterAll(() => bank.close());

  const accounts = (...balances: bigint[]) =>
    Promise.all(balances.map((balance) => bank.openAccount(owner, { balance })));
  const balancesOf = (...ids: string[]) =>
    Promise.all(ids.map(async (id) => (await p.fundsOf(bank.owner, id)).balance));

  it('all are posted when all can be', async () => {
    const [a, b, c] = (await accounts(100n, 0n, 0n)) as [string, string, string];
    const items = p.linked(1, p.transfer(a, b, 100n), p.transfer(b, c, 70n), p.transfer(c, a, 30n));
    expect(await p.codesOf(bank.pool, ...items)).toEqual(['OK', 'OK', 'OK']);
    expect(await balancesOf(a, b, c)).toEqual([30n, 30n, 40n]);
  });

  it('none is posted when one lacks funds, wherever it stands', async () => {
    for (const position of [0, 1, 2]) {
      const [a, b] = (await accounts(10n, 0n)) as [string, string];
      const good = [p.transfer(a, b, 1n), p.transfer(a, b, 2n)];
      const items = p.linked(1, ...good.slice(0, position), p.transfer(a, b, 50n), ...good.slice(position));
      const codes = await p.codesOf(bank.pool, ...items);
      expect(codes[position]).toBe('INSUFFICIENT_FUNDS');
      expect(codes.filter((code) => code === 'LINKED_FAILED')).toHaveLength(2);
      expect(await balancesOf(a, b)).toEqual([10n, 0n]);
    }
  });

  it('none is posted when one breaks another rule', async () => {
    const [a, b] = (await accounts(10n, 0n)) as [string, string];
    const items = p.linked(
      1,
      p.transfer(a, b, 1n),
      p.deposit(unknownId, 1n),
      p.deposit(b, 1n, { declined_reason: 'no' }),
    );
    expect(await p.codesOf(bank.pool, ...items)).toEqual([
      'LINKED_FAILED',
      'ACCOUNT_NOT_FOUND',
      'EXTERNALLY_DECLINED',
    ]);
    expect(await balancesOf(a, b)).toEqual([10n, 0n]);
  });

  it('a malformed item fails its fellows too', async () => {
    const [a, b] = (await accounts(10n, 0n)) as [string, string];
    const items = p.linked(
      1,
      p.transfer(a, b, 1n),
      p.journal([
        [a, 5n],
        [b, -4n],
      ]),
      p.transfer(a, b, 0n),
    );
    expect(await p.codesOf(bank.pool, ...items)).toEqual([
      'LINKED_FAILED',
      'JOURNAL_UNBALANCED',
      'INVALID_ITEM',
    ]);
  });

  it('fellows of an item that is not remembered are not remembered either', async () => {
    const [a, b] = (await accounts(10n, 0n)) as [string, string];
    const held = p.made(await p.postOne(bank.pool, p.hold(a, 1n)));
    const good = p.transfer(a, b, 1n);
    const before = await p.ledgerSize(bank.owner);
    for (const bad of [p.transfer(a, b, 0n), p.journal([[a, 5n]]), p.expire(held)]) {
      for (const items of [
        [good, bad],
        [bad, good],
      ]) {
        const outcomes = await postBatch(bank.pool, p.linked(1, ...items));
        expect(outcomes[items.indexOf(good)]).toMatchObject({ code: 'LINKED_FAILED', is_replayed: false });
      }
    }
    expect(await p.ledgerSize(bank.owner)).toEqual(before);
    expect(await p.codesOf(bank.pool, ...p.linked(1, good, p.voidHold(held)))).toEqual(['OK', 'OK']);
  });

  it('what a failed request took is there for the requests behind it', async () => {
    const [a, b, c] = (await accounts(100n, 0n, 0n)) as [string, string, string];
    const codes = await p.codesOf(
      bank.pool,
      ...p.linked(1, p.transfer(a, b, 80n), p.transfer(b, c, 80n), p.transfer(a, c, 30n)),
      { ...p.transfer(a, b, 100n), request: 2 },
      { ...p.transfer(c, a, 1n), request: 3 },
    );
    expect(codes).toEqual([
      'LINKED_FAILED',
      'LINKED_FAILED',
      'INSUFFICIENT_FUNDS',
      'OK',
      'INSUFFICIENT_FUNDS',
    ]);
    expect(await balancesOf(a, b, c)).toEqual([0n, 100n, 0n]);
  });

  it('requests in one batch stand or fall alone', async () => {
    const [a, b] = (await accounts(100n, 0n)) as [string, string];
    const codes = await p.codesOf(
      bank.pool,
      ...p.linked(1, p.transfer(a, b, 60n), p.transfer(a, b, 60n)),
      ...p.linked(2, p.transfer(a, b, 30n), p.transfer(a, b, 30n)),
      ...[p.transfer(a, b, 50n), p.transfer(a, b, 40n)].map((item) => ({ ...item, request: 3 })),
    );
    expect(codes).toEqual(['LINKED_FAILED', 'INSUFFICIENT_FUNDS', 'OK', 'OK', 'INSUFFICIENT_FUNDS', 'OK']);
    expect(await balancesOf(a, b)).toEqual([0n, 100n]);
  });

  it('holds and originals that a failed request took may be taken again', async () => {
    const [a, b] = (await accounts(100n, 0n)) as [string, string];
    const [held, sent] = await postBatch(bank.pool, [p.hold(a, 40n), p.transfer(a, b, 10n)]);
    const [holdId, sentId] = [held?.hold_id ?? '', sent?.transaction_id ?? ''];
    const codes = await p.codesOf(
      bank.pool,
      ...p.linked(1, p.capture(holdId), p.reversal(sentId), p.withdrawal(a, 1_000n)),
      { ...p.capture(holdId, 15n), request: 2 },
      { ...p.reversal(sentId), request: 3 },
    );
    expect(codes).toEqual(['LINKED_FAILED', 'LINKED_FAILED', 'INSUFFICIENT_FUNDS', 'OK', 'OK']);
    expect(await p.fundsOf(bank.owner, a)).toEqual({ balance: 85n, held: 0n, available: 85n });
  });

  it('a hold that another item captured fails the request', async () => {
    const [a, b] = (await accounts(100n, 0n)) as [string, string];
    const holdId = p.made(await p.postOne(bank.pool, p.hold(a, 40n)));
    const codes = await p.codesOf(
      bank.pool,
      { ...p.voidHold(holdId), request: 1 },
      ...p.linked(2, p.transfer(a, b, 5n), p.capture(holdId)),
    );
    expect(codes).toEqual(['OK', 'LINKED_FAILED', 'HOLD_NOT_ACTIVE']);
  });

  it('a linked request is answered again as it was, whole', async () => {
    const [a, b] = (await accounts(100n, 0n)) as [string, string];
    const bad = p.linked(1, p.transfer(a, b, 60n), p.transfer(a, b, 60n));
    const good = p.linked(2, p.transfer(a, b, 1n), p.transfer(a, b, 2n));
    const first = await postBatch(bank.pool, [...bad, ...good]);
    await p.postOne(bank.pool, p.deposit(a, 1_000n));
    const again = await postBatch(
      bank.pool,
      [...good, ...bad].map((item) => ({ ...item, request: 7 + (item.request ?? 0) })),
    );
    expect(again.map((outcome) => [outcome.code, outcome.is_replayed])).toEqual([
      ['OK', true],
      ['OK', true],
      ['LINKED_FAILED', true],
      ['INSUFFICIENT_FUNDS', true],
    ]);
    expect(again[0]?.transaction_id).toBe(first[2]?.transaction_id);
  });

  it('the same linked request twice in a batch is posted once', async () => {
    const [a, b] = (await accounts(100n, 0n)) as [string, string];
    const items = [p.transfer(a, b, 10n), p.transfer(a, b, 20n)];
    const outcomes = await postBatch(bank.pool, [...p.linked(1, ...items), ...p.linked(2, ...items)]);
    expect(outcomes.map((outcome) => [outcome.code, outcome.is_replayed])).toEqual([
      ['OK', false],
      ['OK', false],
      ['OK', true],
      ['OK', true],
    ]);
    expect(await balancesOf(a, b)).toEqual([70n, 30n]);
  });

  it('an item that was declined before fails new fellows', async () => {
    const [a, b] = (await accounts(10n, 0n)) as [string, string];
    const declined = p.withdrawal(a, 1_000n);
    await p.postOne(bank.pool, declined);
    const codes = await p.codesOf(bank.pool, ...p.linked(1, declined, p.transfer(a, b, 1n)));
    expect(codes).toEqual(['INSUFFICIENT_FUNDS', 'LINKED_FAILED']);
  });
});
