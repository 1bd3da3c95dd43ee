import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

describe('sp_post_batch: each kind of item', () => {
  let bank: TestBank;
  let owner: string;
  let cash: string;
  let settlement: string;

  beforeAll(async () => {
    bank = await createTestBank();
    owner = (await bank.createUser()).user_id;
    cash = await p.systemAccount(bank.owner, 'cash');
    settlement = await p.systemAccount(bank.owner, 'card_settlement');
  });
  afterEach(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
  });
  afterAll(() => bank.close());

  const entriesOf = (transactionId: string | null) =>
    bank.owner.query(
      `SELECT leg, account_id, account_seq, amount_minor, balance_after_minor, available_after_minor
       FROM ledger_entries WHERE transaction_id = ? ORDER BY leg`,
      [transactionId],
    );

  it('a deposit debits the bank`s cash and credits the account', async () => {
    const account = await bank.openAccount(owner);
    const before = await p.fundsOf(bank.owner, cash);
    const outcome = await p.postOne(
      bank.pool,
      p.deposit(account, 12_550n, { actor: owner, description: 'Salary' }),
    );

    expect(outcome).toMatchObject({
      code: 'OK',
      is_replayed: false,
      type: 'deposit',
      currency: 'USD',
      amount_minor: 12_550n,
      description: 'Salary',
      hold_id: null,
      reference_id: expect.stringMatching(/^FL[0-9A-Z]{14}$/),
    });
    expect(outcome.legs).toEqual([
      {
        leg: 0,
        account_id: cash,
        user_id: null,
        is_entry: true,
        amount_minor: -12_550n,
        balance_after_minor: before.balance - 12_550n,
        available_after_minor: before.available - 12_550n,
      },
      {
        leg: 1,
        account_id: account,
        user_id: owner,
        is_entry: true,
        amount_minor: 12_550n,
        balance_after_minor: 12_550n,
        available_after_minor: 12_550n,
      },
    ]);
    expect((await entriesOf(outcome.transaction_id))[1]).toEqual({
      leg: 1,
      account_id: account,
      account_seq: '1',
      amount_minor: '12550',
      balance_after_minor: '12550',
      available_after_minor: '12550',
    });
  });

  it('keeps what the ledger says about a transaction', async () => {
    const account = await bank.openAccount(owner, { balance: 10_000n });
    const { insertId: merchant } = await bank.owner.execute(
      "INSERT INTO merchants (merchant_key, name, mcc, city, country) VALUES (UNHEX(LEFT(SHA2('Corner Shop', 256), 32)), 'Corner Shop', '5411', 'Leeds', 'GB')",
    );
    const outcome = await p.postOne(
      bank.pool,
      p.payment(account, 999n, {
        merchant,
        card: '77',
        channel: 'online',
        actor: owner,
        owner,
        description: 'Tea',
      }),
    );
    const [row] = await bank.owner.query('SELECT * FROM transactions WHERE transaction_id = ?', [
      outcome.transaction_id,
    ]);
    expect(row).toMatchObject({
      reference_id: outcome.reference_id,
      type: 'payment',
      currency: 'USD',
      amount_minor: '999',
      is_high_value: 0,
      description: 'Tea',
      channel: 'online',
      merchant_id: merchant,
      card_id: '77',
      initiated_by: owner,
      effective_at: outcome.posted_at,
      posted_at: outcome.posted_at,
    });
    expect(outcome.legs.map((leg) => [leg.account_id, leg.amount_minor])).toEqual([
      [account, -999n],
      [settlement, 999n],
    ]);
  });

  it('a withdrawal credits cash, a refund debits card settlement', async () => {
    const account = await bank.openAccount(owner, { balance: 1_000n });
    const [withdrawn, refunded] = await postBatch(bank.pool, [
      p.withdrawal(account, 400n),
      p.refund(account, 150n),
    ]);
    expect(withdrawn?.legs.map((leg) => [leg.account_id, leg.amount_minor, leg.balance_after_minor])).toEqual(
      [
        [account, -400n, 600n],
        [cash, 400n, expect.any(BigInt)],
      ],
    );
    expect(refunded?.legs.map((leg) => [leg.account_id, leg.amount_minor])).toEqual([
      [settlement, -150n],
      [account, 150n],
    ]);
    expect(refunded?.legs[1]?.balance_after_minor).toBe(750n);
  });

  it('a transfer moves money between two customers', async () => {
    const other = (await bank.createUser()).user_id;
    const from = await bank.openAccount(owner, { balance: 500n });
    const to = await bank.openAccount(other, { type: 'savings' });
    const outcome = await p.postOne(bank.pool, p.transfer(from, to, 500n, { owner }));
    expect(
      outcome.legs.map((leg) => [leg.account_id, leg.user_id, leg.amount_minor, leg.balance_after_minor]),
    ).toEqual([
      [from, owner, -500n, 0n],
      [to, other, 500n, 500n],
    ]);
  });

  it('items see what the ones before them in the batch did', async () => {
    const [a, b, c] = [
      await bank.openAccount(owner),
      await bank.openAccount(owner),
      await bank.openAccount(owner),
    ];
    const outcomes = await postBatch(bank.pool, [
      p.transfer(a, b, 100n),
      p.deposit(a, 100n),
      p.transfer(a, b, 100n),
      p.transfer(b, c, 60n),
      p.transfer(b, c, 60n),
      p.transfer(c, a, 60n),
    ]);
    expect(outcomes.map((outcome) => outcome.code)).toEqual([
      'INSUFFICIENT_FUNDS',
      'OK',
      'OK',
      'OK',
      'INSUFFICIENT_FUNDS',
      'OK',
    ]);
    expect(outcomes[3]?.legs[0]).toMatchObject({ balance_after_minor: 40n, available_after_minor: 40n });
    expect(await Promise.all([a, b, c].map(async (id) => (await p.fundsOf(bank.owner, id)).balance))).toEqual(
      [60n, 40n, 0n],
    );
  });

  it('an account`s entries are numbered without gaps, over items and batches', async () => {
    const account = await bank.openAccount(owner);
    await postBatch(bank.pool, [
      p.deposit(account, 5n),
      p.withdrawal(account, 9n),
      p.deposit(account, 5n),
      p.withdrawal(account, 9n),
    ]);
    await postBatch(bank.pool, [p.deposit(account, 1n)]);
    const rows = await bank.owner.query(
      'SELECT account_seq, amount_minor, balance_after_minor FROM ledger_entries WHERE account_id = ? ORDER BY account_seq',
      [account],
    );
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['1', '5', '5'],
      ['2', '5', '10'],
      ['3', '-9', '1'],
      ['4', '1', '2'],
    ]);
  });

  it('an overdraft may be used to its last unit and not beyond', async () => {
    const account = await bank.openAccount(owner, { balance: 100n, overdraft: 50n });
    expect(await p.codesOf(bank.pool, p.withdrawal(account, 151n))).toEqual(['INSUFFICIENT_FUNDS']);
    const outcome = await p.postOne(bank.pool, p.withdrawal(account, 150n));
    expect(outcome.legs[0]).toMatchObject({ balance_after_minor: -50n, available_after_minor: 0n });
    expect(await p.codesOf(bank.pool, p.payment(account, 1n), p.hold(account, 1n))).toEqual([
      'INSUFFICIENT_FUNDS',
      'INSUFFICIENT_FUNDS',
    ]);
  });

  it.each([
    'Zürich ☕ 🏦𝒜 naïve 漢字',
    '\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}',
    '"quoted" \\ back\\slash',
    "'; DROP TABLE users; --",
  ])('a description survives: %s', async (description) => {
    const account = await bank.openAccount(owner);
    const outcome = await p.postOne(bank.pool, p.deposit(account, 1n, { description }));
    expect(outcome.description).toBe(description);
    const rows = await bank.owner.query('SELECT description FROM transactions WHERE transaction_id = ?', [
      outcome.transaction_id,
    ]);
    expect(rows).toEqual([{ description }]);
  });

  it('255 characters of 4 bytes fit', async () => {
    const account = await bank.openAccount(owner);
    const description = '🏦'.repeat(255);
    const outcome = await p.postOne(bank.pool, p.deposit(account, 1n, { description }));
    expect(outcome).toMatchObject({ code: 'OK', description });
  });

  it.each([
    ['JPY', 1n],
    ['KWD', 1_000_000_000_000n],
  ])('books in %s work to the largest amount', async (currency, amount) => {
    const account = await bank.openAccount(owner, { currency, balance: amount });
    expect((await p.fundsOf(bank.owner, account)).balance).toBe(amount);
    expect(await p.codesOf(bank.pool, p.withdrawal(account, amount, { currency }))).toEqual(['OK']);
  });

  it('a batch leaves one outbox row that names its transactions, holds apart', async () => {
    const account = await bank.openAccount(owner);
    const outcomes = await postBatch(bank.pool, [
      p.deposit(account, 5n),
      p.withdrawal(account, 9n),
      p.deposit(account, 5n),
      p.hold(account, 2n),
    ]);
    const [row] = await bank.owner.query('SELECT * FROM outbox ORDER BY batch_id DESC LIMIT 1');
    expect(row).toMatchObject({
      transaction_count: 2,
      first_transaction_id: outcomes[0]?.transaction_id,
      last_transaction_id: outcomes[2]?.transaction_id,
    });
  });

  it('judges each item by itself when only some carry what is rare', async () => {
    const account = await bank.openAccount(owner, { balance: 100n });
    const reserved = p.made(await p.postOne(bank.pool, p.hold(account, 10n)));
    const codes = await p.codesOf(
      bank.pool,
      p.deposit(account, 1n),
      { ...p.freshKey(), type: 'capture' },
      p.deposit(account, 2n, { channel: 'x'.repeat(17) }),
      p.deposit(account, 3n, { effective_us: 9e15 }),
      p.capture(reserved),
      { ...p.freshKey(), type: 'reversal', hold: reserved },
      p.deposit(account, 4n, { channel: 'atm' }),
    );
    expect(codes).toEqual(['OK', 'INVALID_ITEM', 'INVALID_ITEM', 'INVALID_ITEM', 'OK', 'INVALID_ITEM', 'OK']);
    expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 95n, held: 0n, available: 95n });
  });

  it('numbers the entries of accounts with one leg and with several alike', async () => {
    const [a, b, c] = [
      await bank.openAccount(owner, { balance: 100n }),
      await bank.openAccount(owner),
      await bank.openAccount(owner),
    ];
    await postBatch(bank.pool, [p.transfer(a, b, 10n), p.transfer(a, c, 20n)]);
    const rows = await bank.owner.query(
      `SELECT account_id, account_seq, balance_after_minor, available_after_minor FROM ledger_entries
       WHERE account_id IN (?, ?, ?) ORDER BY account_id, account_seq`,
      [a, b, c],
    );
    const entry = (account: string, seq: string, balance: string) => ({
      account_id: account,
      account_seq: seq,
      balance_after_minor: balance,
      available_after_minor: balance,
    });
    expect(rows).toEqual([
      entry(a, '1', '100'),
      entry(a, '2', '90'),
      entry(a, '3', '70'),
      entry(b, '1', '10'),
      entry(c, '1', '20'),
    ]);
  });

  it('2,000 items are one batch', async () => {
    const [a, b] = [await bank.openAccount(owner, { balance: 10_000n }), await bank.openAccount(owner)];
    const items = Array.from({ length: 2_000 }, (_, index) => p.transfer(a, b, BigInt(1 + (index % 5))));
    const outcomes = await postBatch(bank.pool, items);
    expect(new Set(outcomes.map((outcome) => outcome.code))).toEqual(new Set(['OK']));
    expect(new Set(outcomes.map((outcome) => outcome.posted_at)).size).toBe(1);
    expect(await p.fundsOf(bank.owner, b)).toEqual({ balance: 6_000n, held: 0n, available: 6_000n });
  });

  it('an empty batch posts nothing', async () => {
    const before = await p.ledgerSize(bank.owner);
    expect(await p.rawCodes(bank.pool, [])).toEqual([]);
    expect(await p.ledgerSize(bank.owner)).toEqual(before);
  });

  it.each([
    ['an object', {}],
    ['null', 'null'],
    ['a number', 7],
    ['no JSON', 'nonsense'],
    ['2,001 items', Array(2_001).fill({})],
  ])('refuses %s as a batch and posts nothing', async (_name, batch) => {
    const before = await p.ledgerSize(bank.owner);
    await expect(p.rawCodes(bank.pool, batch)).rejects.toThrow();
    expect(await p.ledgerSize(bank.owner)).toEqual(before);
  });
});
