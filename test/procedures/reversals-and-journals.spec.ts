import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

let bank: TestBank;
let owner: string;

beforeAll(async () => {
  bank = await createTestBank();
  owner = (await bank.createUser()).user_id;
});
afterEach(async () => {
  expect(await p.integrityProblems(bank.owner)).toEqual([]);
});
afterAll(() => bank.close());

describe('reversals', () => {
  const open = (balance = 1_000n) => bank.openAccount(owner, { balance });

  it('turns the entries of the original round and links the two', async () => {
    const [a, b] = [await open(), await open(0n)];
    const original = p.made(await p.postOne(bank.pool, p.transfer(a, b, 250n)));
    const outcome = await p.postOne(
      bank.pool,
      p.reversal(original, { description: 'Mistake', actor: owner }),
    );
    expect(outcome).toMatchObject({ code: 'OK', type: 'reversal', currency: 'USD', amount_minor: 250n });
    expect(outcome.legs.map((leg) => [leg.account_id, leg.amount_minor, leg.balance_after_minor])).toEqual([
      [a, 250n, 1_000n],
      [b, -250n, 0n],
    ]);
    const links = await bank.owner.query('SELECT * FROM reversals WHERE original_transaction_id = ?', [
      original,
    ]);
    expect(links).toMatchObject([{ reversal_transaction_id: outcome.transaction_id }]);
  });

  it.each(['deposit', 'withdrawal', 'payment', 'refund'] as const)('of a %s', async (kind) => {
    const account = await open();
    const original = p.made(await p.postOne(bank.pool, p[kind](account, 100n, { card: '4' })));
    const outcome = await p.postOne(bank.pool, p.reversal(original));
    expect(outcome.code).toBe('OK');
    expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 1_000n, held: 0n, available: 1_000n });
    const [row] = await bank.owner.query('SELECT card_id FROM transactions WHERE transaction_id = ?', [
      outcome.transaction_id,
    ]);
    expect(row).toEqual({ card_id: '4' });
  });

  it('of a capture: the money comes back, the hold stays captured', async () => {
    const account = await open();
    const holdId = p.made(await p.postOne(bank.pool, p.hold(account, 100n)));
    const captured = p.made(await p.postOne(bank.pool, p.capture(holdId, 60n)));
    expect(await p.codesOf(bank.pool, p.reversal(captured))).toEqual(['OK']);
    expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 1_000n, held: 0n, available: 1_000n });
    expect(await bank.owner.query('SELECT status FROM holds WHERE hold_id = ?', [holdId])).toEqual([
      { status: 'captured' },
    ]);
  });

  it('of a journal of many legs', async () => {
    const [a, b, c] = [await open(), await open(), await open()];
    const original = p.made(
      await p.postOne(
        bank.pool,
        p.journal([
          [a, -30n],
          [b, 10n],
          [c, 20n],
        ]),
      ),
    );
    expect(await p.codesOf(bank.pool, p.reversal(original))).toEqual(['OK']);
    expect(await Promise.all([a, b, c].map(async (id) => (await p.fundsOf(bank.owner, id)).balance))).toEqual(
      [1_000n, 1_000n, 1_000n],
    );
  });

  it('happens once, in a batch and over batches', async () => {
    const [a, b] = [await open(), await open()];
    const original = p.made(await p.postOne(bank.pool, p.transfer(a, b, 1n)));
    expect(await p.codesOf(bank.pool, p.reversal(original), p.reversal(original))).toEqual([
      'OK',
      'ALREADY_REVERSED',
    ]);
    expect(await p.codesOf(bank.pool, p.reversal(original))).toEqual(['ALREADY_REVERSED']);
  });

  it('needs the money to be there still', async () => {
    const [a, b] = [await open(), await open(0n)];
    const original = p.made(await p.postOne(bank.pool, p.transfer(a, b, 100n)));
    await p.postOne(bank.pool, p.withdrawal(b, 1n));
    expect(await p.codesOf(bank.pool, p.reversal(original))).toEqual(['INSUFFICIENT_FUNDS']);
    await p.postOne(bank.pool, p.deposit(b, 1n));
    expect(await p.codesOf(bank.pool, p.reversal(original))).toEqual(['OK']);
  });
});

describe('journals', () => {
  it('post between any accounts, the bank`s own too', async () => {
    const account = await bank.openAccount(owner, { balance: 1_000n });
    const [fees, equity] = [
      await p.systemAccount(bank.owner, 'fee_income'),
      await p.systemAccount(bank.owner, 'equity'),
    ];
    const outcome = await p.postOne(
      bank.pool,
      p.journal(
        [
          [account, -25n],
          [fees, 20n],
          [equity, 5n],
        ],
        { description: 'Fees' },
      ),
    );
    expect(outcome).toMatchObject({ code: 'OK', amount_minor: 25n, description: 'Fees' });
    expect(outcome.legs.map((leg) => [leg.leg, leg.account_id, leg.amount_minor])).toEqual([
      [0, account, -25n],
      [1, fees, 20n],
      [2, equity, 5n],
    ]);
  });

  it('have 2 to 100 legs', async () => {
    const { user_id } = await bank.createUser();
    const ids: string[] = [];
    for (let index = 0; index < 100; index += 1) ids.push(await bank.openAccount(user_id));
    const cash = await p.systemAccount(bank.owner, 'cash');
    const legs = (count: number): [string, bigint][] => [
      [cash, BigInt(1 - count)],
      ...ids.slice(0, count - 1).map((id): [string, bigint] => [id, 1n]),
    ];
    const [two, hundred, more] = await postBatch(bank.pool, [
      p.journal(legs(2)),
      p.journal(legs(100)),
      p.journal(legs(101)),
    ]);
    expect([two?.code, hundred?.code, more?.code]).toEqual(['OK', 'OK', 'INVALID_ITEM']);
    expect(hundred?.legs).toHaveLength(100);
    expect(hundred?.amount_minor).toBe(99n);
  });

  it('are refused whole when a leg is malformed', async () => {
    const [a, b] = [await bank.openAccount(owner, { balance: 10n }), await bank.openAccount(owner)];
    const bad: [name: string, legs: unknown][] = [
      ['one leg', [{ account: a, amount: 0 }]],
      [
        'an amount of zero',
        [
          { account: a, amount: 0 },
          { account: b, amount: 0 },
        ],
      ],
      [
        'the same account twice',
        [
          { account: a, amount: 1 },
          { account: a, amount: -1 },
        ],
      ],
      [
        'a fraction',
        [
          { account: a, amount: 0.5 },
          { account: b, amount: -0.5 },
        ],
      ],
      ['no account', [{ account: a, amount: 1 }, { amount: -1 }]],
      ['no amount', [{ account: a }, { account: b }]],
      [
        'account 0',
        [
          { account: 0, amount: 1 },
          { account: b, amount: -1 },
        ],
      ],
      [
        'an enormous amount',
        [
          { account: a, amount: 1_000_000_000_001 },
          { account: b, amount: -1_000_000_000_001 },
        ],
      ],
      [
        'words',
        [
          { account: a, amount: 'x' },
          { account: b, amount: 'y' },
        ],
      ],
      ['no list', 'legs'],
    ];
    for (const [name, legs] of bad) {
      expect([name, await p.rawCodes(bank.pool, [{ ...p.journal([]), legs }])]).toEqual([
        name,
        ['INVALID_ITEM'],
      ]);
    }
  });

  it('of one unit too much are unbalanced', async () => {
    const [a, b] = [await bank.openAccount(owner, { balance: 10n }), await bank.openAccount(owner)];
    expect(
      await p.codesOf(
        bank.pool,
        p.journal([
          [a, -5n],
          [b, 6n],
        ]),
      ),
    ).toEqual(['JOURNAL_UNBALANCED']);
  });

  it('do not overdraw a customer, but may take the bank`s own accounts below zero', async () => {
    const account = await bank.openAccount(owner, { balance: 10n });
    const suspense = await p.systemAccount(bank.owner, 'suspense');
    expect(
      await p.codesOf(
        bank.pool,
        p.journal([
          [account, -11n],
          [suspense, 11n],
        ]),
        p.journal([
          [suspense, -11n],
          [account, 11n],
        ]),
      ),
    ).toEqual(['INSUFFICIENT_FUNDS', 'OK']);
  });
});
