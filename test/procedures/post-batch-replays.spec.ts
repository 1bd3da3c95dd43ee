import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

describe('sp_post_batch: one effect a key', () => {
  let bank: TestBank;
  let account: string;
  let other: string;

  beforeAll(async () => {
    bank = await createTestBank();
    const { user_id } = await bank.createUser();
    account = await bank.openAccount(user_id, { balance: 100_000n });
    other = await bank.openAccount(user_id);
  });
  afterAll(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
    await bank.close();
  });

  /** What changes in the ledger while `work` runs. */
  async function written(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = await p.ledgerSize(bank.owner);
    await work();
    const after = await p.ledgerSize(bank.owner);
    return Object.fromEntries(
      Object.entries(after)
        .map(([table, count]) => [table, count - (before[table] ?? 0)] as const)
        .filter(([, count]) => count !== 0),
    );
  }

  it('an accepted transfer is posted once and answered again', async () => {
    const item = p.transfer(account, other, 5n);
    const first = await p.postOne(bank.pool, item);
    expect(
      await written(async () => {
        const again = await p.postOne(bank.pool, item);
        expect(again).toMatchObject({
          code: 'OK',
          is_replayed: true,
          transaction_id: first.transaction_id,
          legs: [],
        });
      }),
    ).toEqual({});
  });

  it('a hold and its capture are answered again with their ids', async () => {
    const holdItem = p.hold(account, 50n);
    const held = await p.postOne(bank.pool, holdItem);
    const captureItem = p.capture(held.hold_id ?? '', 20n);
    const captured = await p.postOne(bank.pool, captureItem);
    expect(captured.hold_id).toBe(held.hold_id);
    expect(await postBatch(bank.pool, [captureItem, holdItem])).toMatchObject([
      { code: 'OK', is_replayed: true, transaction_id: captured.transaction_id, hold_id: held.hold_id },
      { code: 'OK', is_replayed: true, transaction_id: null, hold_id: held.hold_id },
    ]);
  });

  it('a decline is remembered even when the money came since', async () => {
    const { user_id } = await bank.createUser();
    const poor = await bank.openAccount(user_id);
    const item = p.withdrawal(poor, 10n);
    expect(await p.codesOf(bank.pool, item)).toEqual(['INSUFFICIENT_FUNDS']);
    await p.postOne(bank.pool, p.deposit(poor, 10n));
    expect(await p.postOne(bank.pool, item)).toMatchObject({ code: 'INSUFFICIENT_FUNDS', is_replayed: true });
    expect(await p.codesOf(bank.pool, p.withdrawal(poor, 10n))).toEqual(['OK']);
  });

  it('a replay is found although the account is closed by now', async () => {
    const { user_id } = await bank.createUser();
    const shut = await bank.openAccount(user_id);
    const item = p.deposit(shut, 10n);
    await postBatch(bank.pool, [item, p.withdrawal(shut, 10n)]);
    await bank.owner.call('sp_set_account_status', [shut, 'closed']);
    expect(await p.postOne(bank.pool, item)).toMatchObject({ code: 'OK', is_replayed: true });
  });

  it.each<[string, () => Parameters<typeof p.postOne>[1]]>([
    [
      'an unbalanced journal',
      () =>
        p.journal([
          [account, 5n],
          [other, -4n],
        ]),
    ],
    ['a journal of one leg', () => p.journal([[account, 5n]])],
    ['a journal of no legs', () => p.journal([])],
  ])('%s is not remembered', async (_name, make) => {
    const item = make();
    expect(await written(() => p.postOne(bank.pool, item))).toEqual({});
    const good = { ...p.transfer(account, other, 1n), key: item.key };
    expect(await p.postOne(bank.pool, good)).toMatchObject({ code: 'OK', is_replayed: false });
  });

  it('another hash under a known key is refused, not remembered, and tells nothing of the first', async () => {
    const item = p.transfer(account, other, 5n);
    await p.postOne(bank.pool, item);
    const second = { ...item, hash: p.freshKey().hash };
    expect(
      await written(async () => {
        expect(await p.postOne(bank.pool, second)).toMatchObject({
          code: 'IDEMPOTENCY_KEY_REUSED',
          is_replayed: false,
          transaction_id: null,
          hold_id: null,
        });
      }),
    ).toEqual({});
    expect(await p.postOne(bank.pool, item)).toMatchObject({ code: 'OK', is_replayed: true });
  });

  it('the case of hex digits does not matter', async () => {
    const item = p.transfer(account, other, 5n);
    await p.postOne(bank.pool, item);
    const upper = { ...item, key: item.key.toUpperCase(), hash: item.hash.toUpperCase() };
    expect(await p.postOne(bank.pool, upper)).toMatchObject({ code: 'OK', is_replayed: true });
    const fresh = p.transfer(account, other, 5n);
    const outcomes = await postBatch(bank.pool, [
      fresh,
      { ...fresh, key: fresh.key.toUpperCase(), hash: fresh.hash.toUpperCase() },
    ]);
    expect(outcomes.map((outcome) => outcome.is_replayed)).toEqual([false, true]);
  });

  it('a key that stands several times in a batch has one effect', async () => {
    const item = p.transfer(account, other, 7n);
    let outcomes: Awaited<ReturnType<typeof postBatch>> = [];
    expect(
      await written(async () => {
        outcomes = await postBatch(bank.pool, [item, p.transfer(account, other, 1n), item, item]);
      }),
    ).toEqual({ transactions: 2, ledger_entries: 4, idempotency_keys: 2, outbox: 1 });
    expect(outcomes.map((outcome) => [outcome.code, outcome.is_replayed])).toEqual([
      ['OK', false],
      ['OK', false],
      ['OK', true],
      ['OK', true],
    ]);
    expect(outcomes[3]?.transaction_id).toBe(outcomes[0]?.transaction_id);
  });

  it('a hold that stands twice in a batch is one hold', async () => {
    const item = p.hold(account, 7n);
    const outcomes = await postBatch(bank.pool, [item, item]);
    expect(outcomes[1]).toMatchObject({ code: 'OK', is_replayed: true, hold_id: outcomes[0]?.hold_id });
  });

  it('a decline that stands twice in a batch is recorded once', async () => {
    const item = p.withdrawal(other, 10n ** 9n);
    expect(
      await written(async () => {
        expect(await postBatch(bank.pool, [item, item])).toMatchObject([
          { code: 'INSUFFICIENT_FUNDS', is_replayed: false },
          { code: 'INSUFFICIENT_FUNDS', is_replayed: true },
        ]);
      }),
    ).toEqual({ idempotency_keys: 1, declined_transactions: 1 });
  });

  it('another hash under a key of the same batch is refused, and so is its whole request', async () => {
    const [first, second] = [p.transfer(account, other, 1n), p.transfer(account, other, 2n)];
    const changed = { ...first, hash: p.freshKey().hash, amount: 3n };
    const batch = [
      { ...first, request: 1 },
      { ...second, request: 1 },
      { ...changed, request: 2 },
      { ...p.transfer(account, other, 4n), request: 2 },
      { ...p.transfer(account, other, 5n), request: 3 },
    ];
    expect(await p.codesOf(bank.pool, ...batch)).toEqual([
      'OK',
      'OK',
      'IDEMPOTENCY_KEY_REUSED',
      'IDEMPOTENCY_KEY_REUSED',
      'OK',
    ]);
  });

  it('a known key with another hash refuses its whole request', async () => {
    const first = p.transfer(account, other, 1n);
    await p.postOne(bank.pool, first);
    const added = p.transfer(account, other, 4n);
    const batch = [
      { ...first, hash: p.freshKey().hash, request: 1 },
      { ...added, request: 1 },
      { ...p.transfer(account, other, 5n), request: 2 },
    ];
    expect(await p.codesOf(bank.pool, ...batch)).toEqual([
      'IDEMPOTENCY_KEY_REUSED',
      'IDEMPOTENCY_KEY_REUSED',
      'OK',
    ]);
    expect(await p.codesOf(bank.pool, added)).toEqual(['OK']);
  });

  it('a repeat within a batch of a key that is known is answered by what is known', async () => {
    const first = p.transfer(account, other, 1n);
    const { transaction_id } = await p.postOne(bank.pool, first);
    const changed = { ...first, hash: p.freshKey().hash };
    expect(await postBatch(bank.pool, [changed, first, changed, first])).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED', is_replayed: false, transaction_id: null },
      { code: 'OK', is_replayed: true, transaction_id },
      { code: 'IDEMPOTENCY_KEY_REUSED', is_replayed: false, transaction_id: null },
      { code: 'OK', is_replayed: true, transaction_id },
    ]);
  });

  it('what is not remembered is no replay when it stands twice in a batch', async () => {
    const item = p.journal([
      [account, 5n],
      [other, -4n],
    ]);
    expect(await postBatch(bank.pool, [item, item])).toMatchObject([
      { code: 'JOURNAL_UNBALANCED', is_replayed: false },
      { code: 'JOURNAL_UNBALANCED', is_replayed: false },
    ]);
  });

  it('a replayed item asks for no funds', async () => {
    const { user_id } = await bank.createUser();
    const small = await bank.openAccount(user_id, { balance: 10n });
    const item = p.withdrawal(small, 6n);
    await p.postOne(bank.pool, item);
    expect(await p.codesOf(bank.pool, item, p.withdrawal(small, 4n))).toEqual(['OK', 'OK']);
    expect((await p.fundsOf(bank.owner, small)).balance).toBe(0n);
  });
});
