import { TEST_PIN } from '../support/api';
import {
  type MoneyTest,
  expectFields,
  expectReplay,
  moneyOf,
  startMoneyTest,
  withoutRequest,
} from '../support/money';
import { expire, postOne, systemAccount } from '../support/postings';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
beforeAll(async () => {
  test = await startMoneyTest();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => test.close());

type Owner = Awaited<ReturnType<MoneyTest['customer']>>;

const hold = (user: Owner, amount: string | number, more: object = {}, key?: string) =>
  test.post(user, '/transactions/holds', { account_id: user.account_id, amount, ...more }, key);
const capture = (user: Owner, holdId: string | null, body: object = {}, key?: string) =>
  test.post(user, `/transactions/holds/${holdId}/capture`, body, key);
const release = (user: Owner, holdId: string | null, body: object = {}, key?: string) =>
  test.post(user, `/transactions/holds/${holdId}/void`, body, key);

describe('POST /transactions/holds', () => {
  it('sets funds aside without moving them', async () => {
    const user = await test.customer({ balance: 10_000n });
    const { account_id } = user;
    const answer = moneyOf(
      await hold(user, '40.00', {
        description: 'Hotel',
        channel: 'online',
        merchant: { name: 'Grand Hotel', mcc: '7011' },
        expires_at: '2100-01-01T00:00:00Z',
      }),
    );
    expect(answer).toEqual({
      transaction_id: null,
      reference_id: expect.any(String),
      hold_id: expect.stringMatching(/^\d+$/),
      type: 'hold',
      status: 'active',
      amount: '40.00',
      currency: 'USD',
      description: 'Hotel',
      created_at: expect.any(String),
      effective_at: answer.created_at,
      entries: [],
      balances: [{ account_id, balance: '100.00', available_balance: '60.00' }],
      reversal_of: null,
      reversed_by: null,
    });
    expectProblem(await hold(user, '60.01'), 422, 'INSUFFICIENT_FUNDS');
    const withdrawal = await test.post(user, '/transactions/withdraw', { account_id, amount: '60.01' });
    expectProblem(withdrawal, 422, 'INSUFFICIENT_FUNDS');
    moneyOf(await hold(user, '60.00'));
    expect(await test.funds(user, account_id)).toEqual({ balance: '100.00', available: '0.00' });
    expect((await test.get(user, '/transactions/history')).body.items).toHaveLength(1);
  });

  it.each([
    ['frozen', 'ACCOUNT_FROZEN'],
    ['closed', 'ACCOUNT_CLOSED'],
  ] as const)('are declined on a %s account', async (status, code) => {
    const user = await test.customer();
    await test.setStatus(user.account_id, status);
    expectProblem(await hold(user, '1.00'), 422, code);
  });

  it('are refused in other currencies, on other accounts, and into the past', async () => {
    const [user, other] = [await test.customer({ balance: 100n }), await test.customer({ balance: 100n })];
    await test.withoutTrace(async () => {
      expectProblem(await hold(user, '1.00', { currency: 'EUR' }), 422, 'CURRENCY_MISMATCH');
      expectProblem(await hold(user, '1.00', { account_id: other.account_id }), 404, 'ACCOUNT_NOT_FOUND');
      expectFields(
        await hold(user, '1.00', { expires_at: '2024-01-01T00:00:00Z' }),
        'VALIDATION_FAILED',
        'expires_at',
      );
      expectFields(
        await hold(user, '1.00', { expires_at: '2200-01-01T00:00:00Z' }),
        'VALIDATION_FAILED',
        'expires_at',
      );
      expectFields(await hold(user, '1.001'), 'INVALID_AMOUNT', 'amount');
      expectFields(
        await hold(user, '1.00', { effective_at: '2024-01-01T00:00:00Z' }),
        'VALIDATION_FAILED',
        'effective_at',
      );
    });
  });

  it('ask for the PIN from the limit on; their captures do not ask again', async () => {
    const customer = await test.api.customer({ with_pin: true });
    const user = { ...customer, account_id: await test.open(customer, { balance: 500_000n }) };
    expectProblem(await hold(user, '1000.00'), 403, 'PIN_REQUIRED');
    const held = moneyOf(await hold(user, '1000.00', { pin: TEST_PIN }));
    moneyOf(await capture(user, held.hold_id, { amount: '1000.00' }));
  });
});

describe('POST /transactions/holds/{id}/capture', () => {
  it('takes all that was held', async () => {
    const user = await test.customer({ currency: 'KWD', balance: 5_000n });
    const { account_id } = user;
    const held = moneyOf(await hold(user, '1.234', { description: 'Deposit for a car' }));
    const answer = moneyOf(await capture(user, held.hold_id));
    expect(answer).toMatchObject({
      transaction_id: expect.stringMatching(/^\d+$/),
      hold_id: held.hold_id,
      type: 'capture',
      status: 'posted',
      amount: '1.234',
      currency: 'KWD',
      entries: [
        { account_id, direction: 'debit', amount: '1.234', balance_after: '3.766' },
        { direction: 'credit', amount: '1.234', balance_after: null },
      ],
      balances: [{ account_id, balance: '3.766', available_balance: '3.766' }],
    });
    expect(answer.entries[1]?.account_id).toBe(
      await systemAccount(test.bank.owner, 'card_settlement', 'KWD'),
    );
    expect((await test.get(user, `/transactions/${answer.transaction_id}`)).body).toEqual(answer);
  });

  it('takes a part and releases the rest', async () => {
    const user = await test.customer({ balance: 10_000n });
    const held = moneyOf(await hold(user, '50.00'));
    const answer = moneyOf(
      await capture(user, Number(held.hold_id).toString(), { amount: 20, description: 'Two nights' }),
    );
    expect(answer).toMatchObject({ amount: '20.00', description: 'Two nights' });
    expect(answer.balances).toEqual([
      { account_id: user.account_id, balance: '80.00', available_balance: '80.00' },
    ]);
  });

  it('declines more than was held, and what is no longer active', async () => {
    const user = await test.customer({ balance: 10_000n });
    const held = moneyOf(await hold(user, '50.00'));
    expectProblem(await capture(user, held.hold_id, { amount: '50.01' }), 422, 'CAPTURE_EXCEEDS_HOLD');
    moneyOf(await capture(user, held.hold_id, { amount: '50.00' }));
    expectProblem(await capture(user, held.hold_id), 422, 'HOLD_NOT_ACTIVE');
    expectProblem(await release(user, held.hold_id), 422, 'HOLD_NOT_ACTIVE');
    const voided = moneyOf(await hold(user, '1.00'));
    moneyOf(await release(user, voided.hold_id), 200);
    expectProblem(await capture(user, voided.hold_id), 422, 'HOLD_NOT_ACTIVE');
    expectProblem(await release(user, voided.hold_id), 422, 'HOLD_NOT_ACTIVE');
  });

  it('declines a frozen account, from which a hold may still be released', async () => {
    const user = await test.customer({ balance: 10_000n });
    const held = moneyOf(await hold(user, '50.00'));
    await test.setStatus(user.account_id, 'frozen');
    expectProblem(await capture(user, held.hold_id), 422, 'ACCOUNT_FROZEN');
    moneyOf(await release(user, held.hold_id), 200);
  });

  it('refuses amounts that are none', async () => {
    const user = await test.customer({ balance: 10_000n });
    const held = moneyOf(await hold(user, '50.00'));
    for (const amount of ['0', '-1', '1.001', 'all']) {
      expectFields(await capture(user, held.hold_id, { amount }), 'INVALID_AMOUNT', 'amount');
    }
    for (const amount of [null, [], {}, true]) {
      expectFields(await capture(user, held.hold_id, { amount }), 'VALIDATION_FAILED', 'amount');
    }
    expectFields(await capture(user, held.hold_id, { hold_id: '1' }), 'VALIDATION_FAILED', 'hold_id');
    expectFields(await capture(user, 'abc'), 'VALIDATION_FAILED', 'hold_id');
  });
});

describe('POST /transactions/holds/{id}/void', () => {
  it('releases what was held', async () => {
    const user = await test.customer({ balance: 10_000n });
    const held = moneyOf(await hold(user, '50.00', { description: 'Hotel' }));
    const answer = moneyOf(await release(user, held.hold_id, { description: 'Cancelled' }), 200);
    expect(answer).toEqual({
      ...held,
      type: 'void',
      status: 'voided',
      description: 'Cancelled',
      created_at: expect.any(String),
      effective_at: answer.created_at,
      balances: [{ account_id: user.account_id, balance: '100.00', available_balance: '100.00' }],
    });
  });
});

describe('a hold', () => {
  it('of somebody else looks like none, whatever is asked', async () => {
    const [owner, thief] = [await test.customer({ balance: 100n }), await test.customer({ balance: 100n })];
    const held = moneyOf(await hold(owner, '1.00'));
    const answers = [];
    for (const id of [held.hold_id, '999999999', '9999999999999999999']) {
      for (const ask of [capture(thief, id), capture(thief, id, { amount: '0.50' }), release(thief, id)]) {
        const answer = await ask;
        expectProblem(answer, 404, 'HOLD_NOT_FOUND');
        answers.push(JSON.stringify(withoutRequest(answer)));
      }
    }
    expect(new Set(answers).size).toBe(1);
    moneyOf(await capture(owner, held.hold_id));
  });

  it('that has expired can be released, and not captured', async () => {
    const user = await test.customer({ balance: 10_000n });
    const expired = async () => {
      const { hold_id } = moneyOf(await hold(user, '50.00'));
      await test.bank.owner.execute('UPDATE holds SET expires_at = ? WHERE hold_id = ?', [
        '2020-01-01',
        hold_id,
      ]);
      return String(hold_id);
    };
    const first = await expired();
    expectProblem(await capture(user, first), 422, 'HOLD_NOT_ACTIVE');
    moneyOf(await release(user, first), 200);
    const second = await expired();
    expect((await postOne(test.bank.pool, expire(second))).code).toBe('OK');
    expectProblem(await release(user, second), 422, 'HOLD_NOT_ACTIVE');
    expect(await test.funds(user, user.account_id)).toEqual({ balance: '100.00', available: '100.00' });
  });

  it('and all that is done with it is answered again in the same words', async () => {
    const user = await test.customer({ balance: 10_000n });
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const held = await hold(user, '50.00', { expires_at, description: 'short' }, 'hold');
    const other = await hold(user, '10.00', {}, 'hold 2');
    const captured = await capture(user, held.body.hold_id, { amount: '20.00' }, 'capture');
    const tooLate = await capture(user, held.body.hold_id, {}, 'capture 2');
    const voided = await release(user, other.body.hold_id, {}, 'void');
    await test.post(user, '/transactions/withdraw', { account_id: user.account_id, amount: '70.00' });
    const later = Date.now() + 120_000;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    expectReplay(held, await hold(user, '50.00', { expires_at, description: 'short' }, 'hold'));
    expectReplay(other, await hold(user, '10.00', {}, 'hold 2'));
    expectReplay(captured, await capture(user, held.body.hold_id, { amount: 20 }, 'capture'));
    expectReplay(tooLate, await capture(user, held.body.hold_id, {}, 'capture 2'));
    expectReplay(voided, await release(user, other.body.hold_id, {}, 'void'));
    expectProblem(
      await capture(user, held.body.hold_id, { amount: 21 }, 'capture'),
      422,
      'IDEMPOTENCY_KEY_REUSED',
    );
    expectProblem(await release(user, held.body.hold_id, {}, 'capture'), 422, 'IDEMPOTENCY_KEY_REUSED');
    const changed = await hold(user, '50.00', { expires_at, description: 'long' }, 'hold');
    expectProblem(changed, 422, 'IDEMPOTENCY_KEY_REUSED');
  });
});
