import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

describe('holds', () => {
  let bank: TestBank;
  let owner: string;
  let settlement: string;
  const nowUs = () => Date.now() * 1_000;

  beforeAll(async () => {
    bank = await createTestBank();
    owner = (await bank.createUser()).user_id;
    settlement = await p.systemAccount(bank.owner, 'card_settlement');
  });
  afterEach(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
  });
  afterAll(() => bank.close());

  const open = (balance = 1_000n) => bank.openAccount(owner, { balance });
  const holdRow = async (holdId: string) =>
    (await bank.owner.query('SELECT * FROM holds WHERE hold_id = ?', [holdId]))[0];
  const eventsOf = (holdId: string) =>
    bank.owner.query(
      `SELECT event, amount_minor, transaction_id, balance_after_minor, available_after_minor FROM hold_events
       WHERE hold_id = ? ORDER BY occurred_at, event = 'created' DESC`,
      [holdId],
    );

  describe('for a review', () => {
    const review = { channel: 'risk', expires_us: Date.UTC(2199, 0, 1) * 1_000 };

    it('are captured by nobody, neither the owner nor staff, who alone give them back', async () => {
      const account = await open();
      const held = p.made(await p.postOne(bank.pool, p.hold(account, 300n, review)));
      expect(
        await p.codesOf(
          bank.pool,
          p.capture(held),
          p.capture(held, 1n, { actor: owner }),
          p.capture(held, 1n, { owner }),
          p.voidHold(held, { owner }),
        ),
      ).toEqual(Array(4).fill('HOLD_NOT_FOUND'));
      expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 1_000n, held: 300n, available: 700n });
      expect(await p.codesOf(bank.pool, p.voidHold(held))).toEqual(['OK']);
    });

    it('are placed on a frozen account, which may be unfrozen before the decision', async () => {
      const account = await open();
      await bank.owner.call('sp_set_account_status', [account, 'frozen']);
      expect(
        await p.codesOf(
          bank.pool,
          p.hold(account, 1n),
          p.hold(account, 1n, { ...review, owner }),
          p.hold(account, 400n, review),
        ),
      ).toEqual(['ACCOUNT_FROZEN', 'ACCOUNT_FROZEN', 'OK']);
      expect(await p.fundsOf(bank.owner, account)).toMatchObject({ held: 400n });
    });
  });

  it('a hold sets funds aside and moves no money', async () => {
    const account = await open();
    const outcome = await p.postOne(
      bank.pool,
      p.hold(account, 300n, { description: 'Hotel', channel: 'card', actor: owner }),
    );
    expect(outcome).toMatchObject({
      code: 'OK',
      transaction_id: null,
      reference_id: expect.stringMatching(/^FL/),
    });
    expect(outcome.legs).toEqual([
      {
        leg: 0,
        account_id: account,
        user_id: owner,
        is_entry: false,
        amount_minor: 0n,
        balance_after_minor: 1_000n,
        available_after_minor: 700n,
      },
    ]);
    expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 1_000n, held: 300n, available: 700n });
    expect(await p.codesOf(bank.pool, p.withdrawal(account, 701n), p.withdrawal(account, 700n))).toEqual([
      'INSUFFICIENT_FUNDS',
      'OK',
    ]);
    expect(await holdRow(outcome.hold_id ?? '')).toMatchObject({
      account_id: account,
      amount_minor: '300',
      captured_minor: '0',
      status: 'active',
      description: 'Hotel',
      channel: 'card',
      initiated_by: owner,
      reference_id: outcome.reference_id,
    });
  });

  it('lasts seven days unless told otherwise', async () => {
    const account = await open();
    const expiresAt = Date.UTC(2150, 0, 2, 3, 4, 5, 678);
    const [plain, long] = await postBatch(bank.pool, [
      p.hold(account, 1n),
      p.hold(account, 1n, { expires_us: expiresAt * 1_000 }),
    ]);
    const [row] = await bank.owner.query(
      'SELECT TIMESTAMPDIFF(MICROSECOND, created_at, expires_at) AS lasts_us FROM holds WHERE hold_id = ?',
      [plain?.hold_id],
    );
    expect(String(row?.lasts_us)).toBe(String(7 * 86_400 * 1_000_000));
    expect(await holdRow(long?.hold_id ?? '')).toMatchObject({ expires_at: '2150-01-02 03:04:05.678000' });
  });

  it.each([
    ['whole', undefined, 300n],
    ['in part', 120n, 120n],
    ['to the last unit', 300n, 300n],
  ])(
    'is captured %s: the money goes to card settlement, the rest is free',
    async (_name, amount, captured) => {
      const account = await open();
      const holdId = p.made(
        await p.postOne(bank.pool, p.hold(account, 300n, { card: '9', channel: 'card' })),
      );
      const outcome = await p.postOne(bank.pool, p.capture(holdId, amount));
      expect(outcome).toMatchObject({
        code: 'OK',
        type: 'capture',
        currency: 'USD',
        amount_minor: captured,
        hold_id: holdId,
      });
      expect(outcome.legs.map((leg) => [leg.account_id, leg.amount_minor, leg.is_entry])).toEqual([
        [account, -captured, true],
        [settlement, captured, true],
      ]);
      expect(await p.fundsOf(bank.owner, account)).toEqual({
        balance: 1_000n - captured,
        held: 0n,
        available: 1_000n - captured,
      });
      expect(await holdRow(holdId)).toMatchObject({ status: 'captured', captured_minor: String(captured) });
      expect(
        await bank.owner.query(
          'SELECT hold_id, card_id, channel FROM transactions WHERE transaction_id = ?',
          [outcome.transaction_id],
        ),
      ).toEqual([{ hold_id: holdId, card_id: '9', channel: 'card' }]);
      expect(await eventsOf(holdId)).toMatchObject([
        { event: 'created', amount_minor: '300', available_after_minor: '700' },
        {
          event: 'captured',
          amount_minor: String(captured),
          transaction_id: outcome.transaction_id,
          available_after_minor: String(1_000n - captured),
        },
      ]);
    },
  );

  it('is released by a void', async () => {
    const account = await open();
    const holdId = p.made(await p.postOne(bank.pool, p.hold(account, 1_000n)));
    const outcome = await p.postOne(bank.pool, p.voidHold(holdId, { owner }));
    expect(outcome).toMatchObject({ code: 'OK', transaction_id: null, hold_id: holdId });
    expect(outcome.legs).toMatchObject([{ is_entry: false, available_after_minor: 1_000n }]);
    expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 1_000n, held: 0n, available: 1_000n });
    expect(await holdRow(holdId)).toMatchObject({ status: 'voided', captured_minor: '0' });
    expect(await eventsOf(holdId)).toMatchObject([{ event: 'created' }, { event: 'voided' }]);
  });

  it('expires when its time has come, and is not captured after that', async () => {
    const account = await open();
    const past = { expires_us: nowUs() - 1_000_000 };
    const [first, second] = await postBatch(bank.pool, [
      p.hold(account, 10n, past),
      p.hold(account, 10n, past),
    ]);
    expect(await p.codesOf(bank.pool, p.capture(first?.hold_id ?? ''))).toEqual(['HOLD_NOT_ACTIVE']);
    expect(
      await p.codesOf(bank.pool, p.expire(first?.hold_id ?? ''), p.voidHold(second?.hold_id ?? '')),
    ).toEqual(['OK', 'OK']);
    expect(await holdRow(first?.hold_id ?? '')).toMatchObject({ status: 'expired' });
    expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 1_000n, held: 0n, available: 1_000n });
  });

  it.each(['capture', 'voidHold', 'expire'] as const)('is over after one of them: %s', async (kind) => {
    const account = await open();
    const holdId = p.made(
      await p.postOne(bank.pool, p.hold(account, 10n, { expires_us: nowUs() + 3_600_000_000 })),
    );
    if (kind === 'expire') {
      const past = p.made(await p.postOne(bank.pool, p.hold(account, 10n, { expires_us: nowUs() - 1_000 })));
      await p.postOne(bank.pool, p.expire(past));
      expect(await p.codesOf(bank.pool, p.capture(past), p.voidHold(past), p.expire(past))).toEqual(
        Array(3).fill('HOLD_NOT_ACTIVE'),
      );
      return;
    }
    await p.postOne(bank.pool, p[kind](holdId));
    expect(await p.codesOf(bank.pool, p.capture(holdId), p.voidHold(holdId), p.expire(holdId))).toEqual(
      Array(3).fill('HOLD_NOT_ACTIVE'),
    );
  });

  it('is captured once, twice in a batch and once more after it', async () => {
    const account = await open();
    const holdId = p.made(await p.postOne(bank.pool, p.hold(account, 100n)));
    expect(
      await p.codesOf(bank.pool, p.capture(holdId, 30n), p.capture(holdId, 30n), p.voidHold(holdId)),
    ).toEqual(['OK', 'HOLD_NOT_ACTIVE', 'HOLD_NOT_ACTIVE']);
    expect(await p.codesOf(bank.pool, p.capture(holdId, 30n))).toEqual(['HOLD_NOT_ACTIVE']);
    expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 970n, held: 0n, available: 970n });
  });

  it('a capture that asks for too much leaves the hold for the next', async () => {
    const account = await open(100n);
    const holdId = p.made(await p.postOne(bank.pool, p.hold(account, 100n)));
    expect(await p.codesOf(bank.pool, p.capture(holdId, 101n), p.capture(holdId, 100n))).toEqual([
      'CAPTURE_EXCEEDS_HOLD',
      'OK',
    ]);
    expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 0n, held: 0n, available: 0n });
  });

  it('what a release frees is there for the items behind it, not before it', async () => {
    const account = await open(100n);
    const holdId = p.made(await p.postOne(bank.pool, p.hold(account, 100n)));
    expect(
      await p.codesOf(
        bank.pool,
        p.withdrawal(account, 60n),
        p.capture(holdId, 40n),
        p.withdrawal(account, 60n),
      ),
    ).toEqual(['INSUFFICIENT_FUNDS', 'OK', 'OK']);
  });

  it('holds may use an overdraft', async () => {
    const account = await bank.openAccount(owner, { balance: 10n, overdraft: 90n });
    expect(await p.codesOf(bank.pool, p.hold(account, 100n), p.hold(account, 1n))).toEqual([
      'OK',
      'INSUFFICIENT_FUNDS',
    ]);
    expect(await p.fundsOf(bank.owner, account)).toEqual({ balance: 10n, held: 100n, available: 0n });
  });

  it('a frozen account`s hold is not captured, but released; a closed one cannot have any', async () => {
    const account = await open();
    const holdId = p.made(await p.postOne(bank.pool, p.hold(account, 10n)));
    await expect(bank.owner.call('sp_set_account_status', [account, 'closed'])).rejects.toThrow(
      'ACCOUNT_NOT_EMPTY',
    );
    await bank.owner.call('sp_set_account_status', [account, 'frozen']);
    expect(await p.codesOf(bank.pool, p.capture(holdId), p.voidHold(holdId))).toEqual([
      'ACCOUNT_FROZEN',
      'OK',
    ]);
  });
});
