import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

const MINUTE_US = 60_000_000;
const nowUs = () => Date.now() * 1_000;

/** The codes of an item on its own, in the order of precedence that the header of sp_post_batch.sql gives. */
describe('sp_post_batch: codes', () => {
  let bank: TestBank;
  let owner: string;
  let stranger: string;
  let account: string;
  let other: string;
  let euros: string;
  let frozen: string;
  let closed: string;
  let cash: string;
  let activeHold: string;
  let voidedHold: string;
  let reversed: string;

  beforeAll(async () => {
    bank = await createTestBank();
    owner = (await bank.createUser()).user_id;
    stranger = (await bank.createUser()).user_id;
    account = await bank.openAccount(owner, { balance: 10_000n });
    other = await bank.openAccount(stranger, { balance: 10_000n });
    euros = await bank.openAccount(owner, { currency: 'EUR', balance: 10_000n });
    frozen = await bank.openAccount(owner, { balance: 10_000n });
    closed = await bank.openAccount(owner);
    cash = await p.systemAccount(bank.owner, 'cash');
    activeHold = p.made(await p.postOne(bank.pool, p.hold(account, 100n)));
    voidedHold = p.made(await p.postOne(bank.pool, p.hold(account, 100n)));
    await p.postOne(bank.pool, p.voidHold(voidedHold));
    reversed = p.made(await p.postOne(bank.pool, p.transfer(account, other, 10n)));
    await p.postOne(bank.pool, p.reversal(reversed));
    await bank.owner.call('sp_set_account_status', [frozen, 'frozen']);
    await bank.owner.call('sp_set_account_status', [closed, 'closed']);
    await bank.owner.call('sp_close_period', ['2020-01-01 00:00:00']);
  });
  afterAll(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
    await bank.close();
  });

  const closedPeriodUs = Date.UTC(2019, 11, 31, 23, 59, 59) * 1_000;
  const unknownId = '18446744073709551000';

  describe('INVALID_ITEM: nothing is posted, nothing remembered', () => {
    const good = () => ({
      ...p.freshKey(),
      type: 'transfer',
      debit: account,
      credit: other,
      amount: 1,
      currency: 'USD',
    });

    it.each<[string, Record<string, unknown>]>([
      ['no key', { key: undefined }],
      ['a short key', { key: 'abc' }],
      ['a key of other letters', { key: 'g'.repeat(32) }],
      ['a long key', { key: 'a'.repeat(33) }],
      ['no hash', { hash: null }],
      ['a broken hash', { hash: 'x'.repeat(32) }],
      ['no type', { type: undefined }],
      ['an unknown type', { type: 'gift' }],
      ['a type that is too long', { type: 'transfertransfertransfer' }],
      ['no amount', { amount: undefined }],
      ['amount zero', { amount: 0 }],
      ['a negative amount', { amount: -1 }],
      ['a fraction of a minor unit', { amount: 1.5 }],
      ['an enormous amount', { amount: 1_000_000_000_001 }],
      ['an amount beyond all columns', { amount: 1e40 }],
      ['an amount that is a word', { amount: 'much' }],
      ['no currency', { currency: undefined }],
      ['a long currency', { currency: 'USDX' }],
      ['a short currency', { currency: 'US' }],
      ['no debit account', { debit: undefined }],
      ['debit account 0', { debit: 0 }],
      ['a negative account', { credit: -5 }],
      ['no credit account', { credit: null }],
      ['the same account twice', { credit: 'same' }],
      ['a long description', { description: 'x'.repeat(256) }],
      ['a very long description', { description: 'x'.repeat(5_000) }],
      ['a long channel', { channel: 'c'.repeat(17) }],
      ['a very long channel', { channel: 'c'.repeat(99) }],
      ['a very long reason', { declined_reason: 'x'.repeat(5_000) }],
      ['a time that is none', { effective_us: 1e30 }],
      ['a time before 1900', { effective_us: -2_300_000_000_000_000 }],
      ['a time after 2200', { effective_us: 7_300_000_000_000_000 }],
      ['a deposit to nobody', { type: 'deposit', credit: undefined }],
      ['a withdrawal from nobody', { type: 'withdrawal', debit: undefined }],
      ['a payment from nobody', { type: 'payment', debit: undefined }],
      ['a refund to nobody', { type: 'refund', credit: undefined }],
      ['a hold on nothing', { type: 'hold', debit: undefined }],
      ['a hold that expires before 1970', { type: 'hold', expires_us: -1 }],
      ['a capture of nothing', { type: 'capture' }],
      ['a void of nothing', { type: 'void', hold: 0 }],
      ['an expiry of nothing', { type: 'expire' }],
      ['a reversal of nothing', { type: 'reversal' }],
      ['a journal without legs', { type: 'journal' }],
    ])('%s', async (_name, change) => {
      const item = { ...good(), ...change };
      if (item.credit === 'same') item.credit = account;
      const before = await p.ledgerSize(bank.owner);
      const neighbour = p.transfer(account, other, 1n);
      expect(await p.rawCodes(bank.pool, [item])).toEqual(['INVALID_ITEM']);
      expect(await p.ledgerSize(bank.owner)).toEqual(before);
      expect(await p.rawCodes(bank.pool, [item, { ...neighbour, amount: 1 }])).toEqual([
        'INVALID_ITEM',
        'OK',
      ]);
    });

    it('a capture whose amount is a word does not take the whole hold', async () => {
      const item = { ...p.capture(activeHold), amount: 'all' };
      expect(await p.rawCodes(bank.pool, [item])).toEqual(['INVALID_ITEM']);
    });

    it('an owner that is no id owns nothing', async () => {
      const item = { ...good(), owner: 'nobody' };
      expect(await p.rawCodes(bank.pool, [item])).toEqual(['ACCOUNT_NOT_FOUND']);
    });

    it.each([[7], ['text'], [null], [[]], [{}]])('the item %p', async (item) => {
      expect(await p.rawCodes(bank.pool, [item])).toEqual(['INVALID_ITEM']);
    });

    it('the same key may be used again for a good item', async () => {
      const item = { ...good(), amount: -1 };
      expect(await p.rawCodes(bank.pool, [item])).toEqual(['INVALID_ITEM']);
      expect(await p.rawCodes(bank.pool, [{ ...item, amount: 1 }])).toEqual(['OK']);
    });
  });

  it('ids and amounts may be numbers or strings of digits', async () => {
    const item = {
      ...p.freshKey(),
      type: 'transfer',
      debit: Number(account),
      credit: other,
      amount: '3',
      currency: 'USD',
    };
    expect(await p.rawCodes(bank.pool, [item])).toEqual(['OK']);
  });

  it.each<[string, () => Parameters<typeof p.postOne>[1]]>([
    ['EXTERNALLY_DECLINED', () => p.payment(account, 1n, { declined_reason: 'Bad PIN' })],
    ['UNKNOWN_CURRENCY', () => p.transfer(account, other, 1n, { currency: 'XXX' })],
    [
      'UNKNOWN_CURRENCY',
      () =>
        p.journal(
          [
            [account, 1n],
            [other, -1n],
          ],
          { currency: 'XXX' },
        ),
    ],
    ['HOLD_NOT_FOUND', () => p.capture(unknownId)],
    ['HOLD_NOT_FOUND', () => p.voidHold(unknownId)],
    ['HOLD_NOT_FOUND', () => p.expire(unknownId)],
    ['TRANSACTION_NOT_FOUND', () => p.reversal(unknownId)],
    ['ACCOUNT_NOT_FOUND', () => p.deposit(unknownId, 1n)],
    ['ACCOUNT_NOT_FOUND', () => p.transfer(account, unknownId, 1n)],
    ['ACCOUNT_NOT_FOUND', () => p.transfer(account, other, 1n, { owner: stranger })],
    ['ACCOUNT_NOT_FOUND', () => p.deposit(account, 1n, { owner: stranger })],
    ['ACCOUNT_NOT_FOUND', () => p.withdrawal(account, 1n, { owner: stranger })],
    ['ACCOUNT_NOT_FOUND', () => p.payment(account, 1n, { owner: stranger })],
    ['ACCOUNT_NOT_FOUND', () => p.hold(account, 1n, { owner: stranger })],
    ['ACCOUNT_NOT_FOUND', () => p.capture(activeHold, 1n, { owner: stranger })],
    ['ACCOUNT_NOT_FOUND', () => p.voidHold(activeHold, { owner: stranger })],
    ['ACCOUNT_NOT_FOUND', () => p.transfer(account, cash, 1n)],
    ['ACCOUNT_NOT_FOUND', () => p.transfer(cash, account, 1n)],
    ['ACCOUNT_NOT_FOUND', () => p.withdrawal(cash, 1n)],
    [
      'ACCOUNT_NOT_FOUND',
      () =>
        p.journal([
          [unknownId, 1n],
          [account, -1n],
        ]),
    ],
    ['ACCOUNT_CLOSED', () => p.deposit(closed, 1n)],
    ['ACCOUNT_CLOSED', () => p.transfer(account, closed, 1n)],
    [
      'ACCOUNT_CLOSED',
      () =>
        p.journal([
          [closed, 1n],
          [account, -1n],
        ]),
    ],
    ['ACCOUNT_FROZEN', () => p.deposit(frozen, 1n)],
    ['ACCOUNT_FROZEN', () => p.withdrawal(frozen, 1n)],
    ['ACCOUNT_FROZEN', () => p.transfer(account, frozen, 1n)],
    ['ACCOUNT_FROZEN', () => p.transfer(frozen, account, 1n)],
    ['ACCOUNT_FROZEN', () => p.hold(frozen, 1n)],
    ['CURRENCY_MISMATCH', () => p.transfer(account, euros, 1n)],
    ['CURRENCY_MISMATCH', () => p.transfer(euros, account, 1n)],
    ['CURRENCY_MISMATCH', () => p.deposit(account, 1n, { currency: 'EUR' })],
    ['CURRENCY_MISMATCH', () => p.hold(account, 1n, { currency: 'EUR' })],
    [
      'CURRENCY_MISMATCH',
      () =>
        p.journal([
          [account, 1n],
          [euros, -1n],
        ]),
    ],
    ['EFFECTIVE_IN_FUTURE', () => p.deposit(account, 1n, { effective_us: nowUs() + 6 * MINUTE_US })],
    ['PERIOD_CLOSED', () => p.deposit(account, 1n, { effective_us: closedPeriodUs })],
    ['HOLD_NOT_ACTIVE', () => p.capture(voidedHold)],
    ['HOLD_NOT_ACTIVE', () => p.voidHold(voidedHold)],
    ['HOLD_NOT_ACTIVE', () => p.expire(voidedHold)],
    ['CAPTURE_EXCEEDS_HOLD', () => p.capture(activeHold, 101n)],
    ['ALREADY_REVERSED', () => p.reversal(reversed)],
    ['INSUFFICIENT_FUNDS', () => p.withdrawal(account, 1_000_000n)],
    ['INSUFFICIENT_FUNDS', () => p.transfer(account, other, 1_000_000n)],
    ['INSUFFICIENT_FUNDS', () => p.payment(account, 1_000_000n)],
    ['INSUFFICIENT_FUNDS', () => p.hold(account, 1_000_000n)],
    [
      'INSUFFICIENT_FUNDS',
      () =>
        p.journal([
          [account, -1_000_000n],
          [cash, 1_000_000n],
        ]),
    ],
  ])('%s: recorded as declined with its reason, out of the ledger', async (code, make) => {
    const item = { ...make(), actor: owner, description: 'declined' };
    const before = await p.ledgerSize(bank.owner);
    const outcome = await p.postOne(bank.pool, item);
    expect(outcome).toMatchObject({
      code,
      is_replayed: false,
      transaction_id: null,
      reference_id: null,
      legs: [],
    });
    expect(await p.ledgerSize(bank.owner)).toEqual({
      ...before,
      idempotency_keys: (before.idempotency_keys ?? 0) + 1,
      declined_transactions: (before.declined_transactions ?? 0) + 1,
    });
    const [row] = await bank.owner.query(
      'SELECT * FROM declined_transactions ORDER BY declined_id DESC LIMIT 1',
    );
    expect(row).toMatchObject({
      type: item.type,
      code,
      reason: item.declined_reason ?? null,
      initiated_by: owner,
      description: 'declined',
      declined_at: outcome.posted_at,
    });
    expect(await p.postOne(bank.pool, item)).toMatchObject({ code, is_replayed: true });
  });

  it('NOT_REVERSIBLE: a reversal is not reversed', async () => {
    const original = p.made(await p.postOne(bank.pool, p.transfer(account, other, 1n)));
    const back = p.made(await p.postOne(bank.pool, p.reversal(original)));
    expect(await p.codesOf(bank.pool, p.reversal(back))).toEqual(['NOT_REVERSIBLE']);
  });

  it('HOLD_NOT_EXPIRED is not remembered: the same key expires the hold when its time has come', async () => {
    const held = await p.postOne(bank.pool, p.hold(account, 5n));
    const item = p.expire(held.hold_id ?? '');
    const before = await p.ledgerSize(bank.owner);
    const outcomes = await postBatch(bank.pool, [item, item]);
    expect(outcomes.map((outcome) => [outcome.code, outcome.is_replayed])).toEqual([
      ['HOLD_NOT_EXPIRED', false],
      ['HOLD_NOT_EXPIRED', false],
    ]);
    expect(await p.ledgerSize(bank.owner)).toEqual(before);
    await bank.owner.execute('UPDATE holds SET expires_at = created_at WHERE hold_id = ?', [held.hold_id]);
    expect(await p.postOne(bank.pool, item)).toMatchObject({ code: 'OK', is_replayed: false });
  });

  it('writes nobody else`s account beside a decline', async () => {
    const stranger = (await bank.createUser()).user_id;
    const theirs = await bank.openAccount(stranger, { balance: 100n });
    await postBatch(bank.pool, [
      p.transfer(account, theirs, 1n, { owner: stranger }),
      p.withdrawal(account, 1n, { owner: stranger, currency: 'XXX' }),
      p.voidHold(activeHold, { owner: stranger }),
      p.transfer(theirs, '18446744073709551000', 1n, { owner: stranger }),
      p.deposit('18446744073709551000', 1n),
    ]);
    const rows = await bank.owner.query(
      'SELECT code, account_id FROM declined_transactions ORDER BY declined_id DESC LIMIT 5',
    );
    expect(rows.reverse()).toEqual([
      { code: 'ACCOUNT_NOT_FOUND', account_id: null },
      { code: 'UNKNOWN_CURRENCY', account_id: null },
      { code: 'ACCOUNT_NOT_FOUND', account_id: null },
      { code: 'ACCOUNT_NOT_FOUND', account_id: theirs },
      { code: 'ACCOUNT_NOT_FOUND', account_id: null },
    ]);
  });

  it('says whose request was declined', async () => {
    await postBatch(bank.pool, [p.transfer(account, other, 5_000_000n), p.deposit(frozen, 7n)]);
    const rows = await bank.owner.query(
      `SELECT account_id, counterparty_account_id, amount_minor, currency
       FROM declined_transactions ORDER BY declined_id DESC LIMIT 2`,
    );
    expect(rows).toEqual([
      { account_id: frozen, counterparty_account_id: cash, amount_minor: '7', currency: 'USD' },
      { account_id: account, counterparty_account_id: other, amount_minor: '5000000', currency: 'USD' },
    ]);
  });

  it('frozen accounts still take reversals, journals and releases of holds', async () => {
    const user = (await bank.createUser()).user_id;
    const cold = await bank.openAccount(user, { balance: 1_000n });
    const [first, second, third, paid] = await postBatch(bank.pool, [
      p.hold(cold, 10n),
      p.hold(cold, 10n, { expires_us: nowUs() - 1_000 }),
      p.hold(cold, 10n),
      p.payment(cold, 5n),
    ]);
    await bank.owner.call('sp_set_account_status', [cold, 'frozen']);
    expect(
      await p.codesOf(
        bank.pool,
        p.voidHold(first?.hold_id ?? ''),
        p.expire(second?.hold_id ?? ''),
        p.capture(third?.hold_id ?? ''),
        p.reversal(paid?.transaction_id ?? ''),
        p.journal([
          [cold, -1n],
          [cash, 1n],
        ]),
      ),
    ).toEqual(['OK', 'OK', 'ACCOUNT_FROZEN', 'OK', 'OK']);
  });

  it('a closed account takes nothing', async () => {
    const user = (await bank.createUser()).user_id;
    const gone = await bank.openAccount(user, { balance: 5n });
    const spent = p.made(await p.postOne(bank.pool, p.withdrawal(gone, 5n)));
    await bank.owner.call('sp_set_account_status', [gone, 'closed']);
    expect(await p.codesOf(bank.pool, p.reversal(spent), p.deposit(gone, 1n))).toEqual([
      'ACCOUNT_CLOSED',
      'ACCOUNT_CLOSED',
    ]);
  });

  /** Each item breaks two rules that follow one another: the earlier one names it. */
  describe('precedence', () => {
    it.each<[string, string, () => Record<string, unknown>]>([
      [
        'INVALID_ITEM',
        'UNKNOWN_CURRENCY',
        () => ({ ...p.transfer(account, other, 1n, { currency: 'XXX' }), amount: -1 }),
      ],
      ['INVALID_ITEM', 'JOURNAL_UNBALANCED', () => ({ ...p.journal([]), legs: [{ account, amount: 5 }] })],
      ['INVALID_ITEM', 'UNKNOWN_CURRENCY', () => ({ ...p.journal([]), legs: [], currency: 'XXX' })],
      ['JOURNAL_UNBALANCED', 'UNKNOWN_CURRENCY', () => unbalanced({ currency: 'XXX' })],
      ['JOURNAL_UNBALANCED', 'EXTERNALLY_DECLINED', () => unbalanced({ declined_reason: 'no' })],
      ['JOURNAL_UNBALANCED', 'ACCOUNT_NOT_FOUND', () => unbalanced({ owner: stranger })],
      [
        'EXTERNALLY_DECLINED',
        'UNKNOWN_CURRENCY',
        () => p.payment(account, 1n, { declined_reason: 'no', currency: 'XXX' }),
      ],
      ['EXTERNALLY_DECLINED', 'HOLD_NOT_FOUND', () => p.capture(unknownId, 1n, { declined_reason: 'no' })],
      ['EXTERNALLY_DECLINED', 'ACCOUNT_NOT_FOUND', () => p.payment(unknownId, 1n, { declined_reason: 'no' })],
      ['UNKNOWN_CURRENCY', 'ACCOUNT_NOT_FOUND', () => p.deposit(unknownId, 1n, { currency: 'XXX' })],
      ['ACCOUNT_NOT_FOUND', 'ACCOUNT_CLOSED', () => p.transfer(closed, unknownId, 1n)],
      ['ACCOUNT_NOT_FOUND', 'ACCOUNT_FROZEN', () => p.withdrawal(frozen, 1n, { owner: stranger })],
      ['ACCOUNT_CLOSED', 'ACCOUNT_FROZEN', () => p.transfer(frozen, closed, 1n)],
      ['ACCOUNT_CLOSED', 'CURRENCY_MISMATCH', () => p.deposit(closed, 1n, { currency: 'EUR' })],
      ['ACCOUNT_FROZEN', 'CURRENCY_MISMATCH', () => p.transfer(frozen, euros, 1n)],
      [
        'CURRENCY_MISMATCH',
        'EFFECTIVE_IN_FUTURE',
        () => p.transfer(account, euros, 1n, { effective_us: nowUs() + 9 * MINUTE_US }),
      ],
      [
        'CURRENCY_MISMATCH',
        'PERIOD_CLOSED',
        () => p.transfer(account, euros, 1n, { effective_us: closedPeriodUs }),
      ],
      [
        'EFFECTIVE_IN_FUTURE',
        'INSUFFICIENT_FUNDS',
        () => p.withdrawal(account, 10n ** 9n, { effective_us: nowUs() + 9 * MINUTE_US }),
      ],
      ['PERIOD_CLOSED', 'HOLD_NOT_ACTIVE', () => p.capture(voidedHold, 1n, { effective_us: closedPeriodUs })],
      ['PERIOD_CLOSED', 'ALREADY_REVERSED', () => p.reversal(reversed, { effective_us: closedPeriodUs })],
      [
        'PERIOD_CLOSED',
        'INSUFFICIENT_FUNDS',
        () => p.withdrawal(account, 10n ** 9n, { effective_us: closedPeriodUs }),
      ],
      ['HOLD_NOT_ACTIVE', 'CAPTURE_EXCEEDS_HOLD', () => p.capture(voidedHold, 101n)],
      ['HOLD_NOT_ACTIVE', 'HOLD_NOT_EXPIRED', () => p.expire(voidedHold)],
    ])('%s before %s', async (code, _later, make) => {
      const item = make();
      const json = JSON.parse(
        JSON.stringify(item, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
      );
      expect(await p.rawCodes(bank.pool, [json])).toEqual([code]);
    });

    const unbalanced = (more: Record<string, unknown>) => ({
      ...p.journal([
        [account, 5n],
        [other, -4n],
      ]),
      ...more,
    });

    it('IDEMPOTENCY_KEY_REUSED before everything that the key`s new request would meet', async () => {
      const first = p.deposit(account, 1n);
      await p.postOne(bank.pool, first);
      const hash = p.freshKey().hash;
      const again = [
        p.payment(account, 1n, { declined_reason: 'no' }),
        p.deposit(account, 1n, { currency: 'XXX' }),
        p.deposit(unknownId, 1n),
        p.withdrawal(account, 10n ** 9n),
      ];
      for (const item of again) {
        expect(await p.codesOf(bank.pool, { ...item, key: first.key, hash })).toEqual([
          'IDEMPOTENCY_KEY_REUSED',
        ]);
      }
    });
  });
});
