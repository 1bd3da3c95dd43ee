import { BatchAnswerDto, type BatchResult } from '../../src/transactions/dto/money-answer.dto';
import { accountNumber } from '../../src/accounts/account-number';
import type { Response } from 'supertest';
import { type ApiUser, TEST_PIN } from '../support/api';
import { type MoneyTest, expectFields, moneyOf, startMoneyTest } from '../support/money';
import { ledgerSize } from '../support/postings';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
beforeAll(async () => {
  test = await startMoneyTest();
});
afterAll(() => test.close());

const BATCH = '/transactions/batch';
const batch = (user: ApiUser, items: unknown, more: object = {}, key?: string) =>
  test.post(user, BATCH, { items, ...more }, key);

function resultsOf(answer: Response): BatchResult[] {
  if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.text}`);
  expect(BatchAnswerDto.schema.parse(answer.body)).toEqual(answer.body);
  const { items, accepted, declined } = answer.body as {
    items: BatchResult[];
    accepted: number;
    declined: number;
  };
  expect(items.map(({ index }) => index)).toEqual(items.map((_, index) => index));
  expect(items.filter(({ code }) => code === 'OK')).toHaveLength(accepted);
  expect(accepted + declined).toBe(items.length);
  for (const { code, status, transaction } of items) {
    expect([status, transaction !== null]).toEqual([code === 'OK' ? 'accepted' : 'declined', code === 'OK']);
  }
  return items;
}

const codesOf = (answer: Response) => resultsOf(answer).map(({ code }) => code);
const deposit = (account_id: string, amount: unknown = '1.00') => ({ type: 'deposit', account_id, amount });
const withdrawal = (account_id: string, amount: unknown = '1.00') => ({
  type: 'withdrawal',
  account_id,
  amount,
});
const transfer = (sender_account_id: string, receiver_account_id: string, amount: unknown = '1.00') => ({
  type: 'transfer',
  sender_account_id,
  receiver_account_id,
  amount,
});

describe('POST /transactions/batch', () => {
  it('decides each item in order, as if the ones before it were posted', async () => {
    const user = await test.customer();
    const other = await test.customer();
    const merchant = { name: 'Corner Bakery', mcc: '5462' };
    const results = resultsOf(
      await batch(user, [
        withdrawal(user.account_id),
        deposit(user.account_id, '10.00'),
        withdrawal(user.account_id, '4.00'),
        transfer(user.account_id, other.account_id, '5.00'),
        { type: 'payment', account_id: user.account_id, amount: '0.50', merchant, channel: 'online' },
        { type: 'hold', account_id: user.account_id, amount: '0.50' },
        withdrawal(user.account_id, '0.01'),
      ]),
    );
    expect(
      results.map(({ code, transaction }) => [
        code,
        transaction?.type,
        transaction?.balances[0]?.available_balance,
      ]),
    ).toEqual([
      ['INSUFFICIENT_FUNDS', undefined, undefined],
      ['OK', 'deposit', '10.00'],
      ['OK', 'withdrawal', '6.00'],
      ['OK', 'transfer', '1.00'],
      ['OK', 'payment', '0.50'],
      ['OK', 'hold', '0.00'],
      ['INSUFFICIENT_FUNDS', undefined, undefined],
    ]);
    expect(results[0]).toEqual({
      index: 0,
      status: 'declined',
      code: 'INSUFFICIENT_FUNDS',
      detail: 'Not enough money on the account',
      transaction: null,
    });
    const { transaction } = results[3] as BatchResult;
    expect(transaction?.entries.map(({ balance_after }) => balance_after)).toEqual(['1.00', null]);
    expect((await test.get(user, `/transactions/${transaction?.transaction_id}`)).body).toEqual(transaction);
  });

  it('posts a thousand items at once, and no more', async () => {
    const user = await test.customer();
    const items = Array.from({ length: 1000 }, (_, i) => deposit(user.account_id, (i + 1) / 100));
    const results = resultsOf(await batch(user, items));
    expect(results).toHaveLength(1000);
    expect(results[999]?.transaction?.balances[0]?.balance).toBe('5005.00');
    await test.withoutTrace(async () => {
      expectFields(await batch(user, [...items, items[0]]), 'VALIDATION_FAILED', 'items');
      expectFields(await batch(user, []), 'VALIDATION_FAILED', 'items');
    });
  });

  it('posts linked items all, or none', async () => {
    const [user, other] = [await test.customer({ balance: 500n }), await test.customer()];
    const good = [withdrawal(user.account_id, '2.00'), transfer(user.account_id, other.account_id, '3.00')];
    const before = await ledgerSize(test.bank.owner);
    const failed = resultsOf(
      await batch(user, [...good, withdrawal(user.account_id, '0.01')], { linked: true }),
    );
    expect(failed.map(({ code }) => code)).toEqual(['LINKED_FAILED', 'LINKED_FAILED', 'INSUFFICIENT_FUNDS']);
    expect(await ledgerSize(test.bank.owner)).toMatchObject({
      transactions: before.transactions,
      outbox: before.outbox,
    });
    expect(await test.funds(user, user.account_id)).toEqual({ balance: '5.00', available: '5.00' });
    expect(codesOf(await batch(user, good, { linked: true }))).toEqual(['OK', 'OK']);
    expect(await test.funds(user, user.account_id)).toEqual({ balance: '0.00', available: '0.00' });
  });

  it.each([false, true])(
    "declines what is somebody else's and that alone, unless linked (%s)",
    async (linked) => {
      const [user, other] = [
        await test.customer({ balance: 10_000n }),
        await test.customer({ balance: 10_000n }),
      ];
      const held = moneyOf(
        await test.post(other, '/transactions/holds', { account_id: other.account_id, amount: '1.00' }),
      );
      const merchant = { name: 'Shop', mcc: '5411' };
      const foreign = [
        deposit(other.account_id),
        withdrawal(other.account_id, '7000.00'),
        transfer(other.account_id, user.account_id),
        { type: 'payment', account_id: other.account_id, amount: '1.00', merchant, channel: 'online' },
        { type: 'hold', account_id: other.account_id, amount: '1.00' },
        { type: 'capture', hold_id: held.hold_id },
        { type: 'capture', hold_id: held.hold_id, amount: '1.00' },
        { type: 'capture', hold_id: '999999999', amount: '1.00' },
        { type: 'void', hold_id: held.hold_id },
        deposit('999999999'),
        transfer(user.account_id, '999999999'),
        {
          type: 'transfer',
          sender_account_id: user.account_id,
          receiver_account_number: accountNumber('000000000001'),
          amount: '1.00',
        },
      ];
      const codes = foreign.map((item) => ('hold_id' in item ? 'HOLD_NOT_FOUND' : 'ACCOUNT_NOT_FOUND'));
      const before = [await test.funds(user, user.account_id), await test.funds(other, other.account_id)];
      const whole = await batch(
        user,
        [withdrawal(user.account_id), ...foreign, withdrawal(user.account_id)],
        { linked },
      );
      const answered = codesOf(whole);
      if (linked) {
        // The first item that fails says why; which of the others say so too is a matter of when each is looked at.
        expect(answered[0]).toBe('LINKED_FAILED');
        expect(answered).not.toContain('OK');
        expect([await test.funds(user, user.account_id), await test.funds(other, other.account_id)]).toEqual(
          before,
        );
      } else {
        expect(answered).toEqual(['OK', ...codes, 'OK']);
        expect(await test.funds(user, user.account_id)).toEqual({ balance: '98.00', available: '98.00' });
        expect(await test.funds(other, other.account_id)).toEqual(before[1]);
      }
    },
  );

  it('captures, releases and reverses for those who may', async () => {
    const admin = await test.api.staff('admin');
    const user = await test.customer({ balance: 1000n });
    const hold = () =>
      test.post(user, '/transactions/holds', { account_id: user.account_id, amount: '2.00' });
    const [first, second] = [moneyOf(await hold()), moneyOf(await hold())];
    const paid = moneyOf(
      await test.post(user, '/transactions/withdraw', { account_id: user.account_id, amount: '1.00' }),
    );
    const results = resultsOf(
      await batch(admin, [
        { type: 'capture', hold_id: first.hold_id, amount: '1.50' },
        { type: 'void', hold_id: Number(second.hold_id), description: 'not needed' },
        { type: 'reversal', transaction_id: paid.transaction_id },
        { type: 'reversal', transaction_id: paid.transaction_id },
        { type: 'void', hold_id: first.hold_id },
      ]),
    );
    expect(results.map(({ code }) => code)).toEqual([
      'OK',
      'OK',
      'OK',
      'ALREADY_REVERSED',
      'HOLD_NOT_ACTIVE',
    ]);
    expect(results[1]?.transaction).toMatchObject({ status: 'voided', reference_id: second.reference_id });
    expect(results[2]?.transaction).toMatchObject({ type: 'reversal', reversal_of: paid.transaction_id });
    expect(await test.funds(user, user.account_id)).toEqual({ balance: '8.50', available: '8.50' });
  });

  it('names the field of the item that makes the request wrong, and posts nothing of it', async () => {
    const user = await test.customer({ balance: 1000n });
    const euros = await test.open(user, { currency: 'EUR' });
    const good = withdrawal(user.account_id);
    const send = (item: unknown) => batch(user, [good, good, item]);
    await test.withoutTrace(async () => {
      for (const amount of ['0', '-1.00', '1.001', 'NaN', 1e21]) {
        expectFields(await send(withdrawal(user.account_id, amount)), 'INVALID_AMOUNT', 'items.2.amount');
      }
      expectFields(await send(withdrawal(user.account_id, null)), 'VALIDATION_FAILED', 'items.2.amount');
      expectFields(await send({ ...good, type: 'gift' }), 'VALIDATION_FAILED', 'items.2.type');
      expectFields(await send({ ...good, key: 'x' }), 'VALIDATION_FAILED', 'items.2.key');
      expectFields(await send({ ...good, pin: '1234' }), 'VALIDATION_FAILED', 'items.2.pin');
      expectFields(await send(null), 'VALIDATION_FAILED', 'items.2');
      expectFields(await send([]), 'VALIDATION_FAILED', 'items.2');
      expectFields(await send({ type: 'journal', legs: [] }), 'VALIDATION_FAILED', 'items.2.type');
      const hold = {
        type: 'hold',
        account_id: user.account_id,
        amount: 1,
        expires_at: '2020-01-01T00:00:00Z',
      };
      expectFields(await send(hold), 'VALIDATION_FAILED', 'items.2.expires_at');
      const { receiver_account_id: _, ...unaddressed } = transfer(user.account_id, '1');
      expectFields(await send(unaddressed), 'VALIDATION_FAILED', 'items.2.receiver_account_id');
      const mistyped = await send({ ...unaddressed, receiver_account_number: 'XF00FLRN000000000000' });
      expectProblem(mistyped, 422, 'INVALID_ACCOUNT_NUMBER');
      expect(mistyped.body.errors).toMatchObject([{ field: 'items.2.receiver_account_number' }]);
      const same = await send(transfer(user.account_id, user.account_id));
      expectProblem(same, 422, 'SAME_ACCOUNT');
      expect(same.body.errors).toMatchObject([{ field: 'items.2' }]);
      const currency = await send({ ...good, account_id: euros, currency: 'USD' });
      expectProblem(currency, 422, 'CURRENCY_MISMATCH');
      expect(currency.body.errors).toMatchObject([{ field: 'items.2.currency' }]);
      expectFields(await test.post(user, BATCH, { items: good }), 'VALIDATION_FAILED', 'items');
      expectFields(
        await test.post(user, BATCH, { items: [good], linked: 'yes' }),
        'VALIDATION_FAILED',
        'linked',
      );
      expectFields(await test.post(user, BATCH, [good]), 'VALIDATION_FAILED', 'body');
    });
  });

  it('keeps the amounts of currencies apart', async () => {
    const user = await test.customer({ currency: 'JPY', balance: 100n });
    const dinars = await test.open(user, { currency: 'KWD', balance: 100n });
    const items = [
      withdrawal(user.account_id, 40),
      withdrawal(dinars, '0.040'),
      transfer(user.account_id, dinars, 1),
    ];
    const results = resultsOf(await batch(user, items));
    expect(results.map(({ code, transaction }) => [code, transaction?.amount])).toEqual([
      ['OK', '40'],
      ['OK', '0.040'],
      ['CURRENCY_MISMATCH', undefined],
    ]);
  });

  it('asks for the PIN once when what goes out reaches the limit, as a whole', async () => {
    const user = await test.api.customer({ with_pin: true });
    const account_id = await test.open(user, { balance: 1_000_000n });
    const savings = await test.open(user);
    const euros = await test.open(user, { balance: 1_000_000n, currency: 'EUR' });
    const hold = (amount: string) => ({ type: 'hold', account_id, amount });
    for (const items of [
      [withdrawal(account_id, '1.00'), withdrawal(account_id, '1000.00'), withdrawal(account_id, '2.00')],
      [withdrawal(account_id, '500.00'), transfer(account_id, savings, '300.00'), hold('200.00')],
    ]) {
      await test.withoutTrace(async () => {
        expectProblem(await batch(user, items), 403, 'PIN_REQUIRED');
        expectProblem(await batch(user, items, { pin: '9999' }), 403, 'PIN_INVALID');
      });
      expect(codesOf(await batch(user, items, { pin: TEST_PIN }))).toEqual(['OK', 'OK', 'OK']);
    }
    const below = [
      withdrawal(account_id, '999.99'),
      withdrawal(euros, '999.99'),
      deposit(account_id, '5000.00'),
    ];
    expect(codesOf(await batch(user, below))).toEqual(['OK', 'OK', 'OK']);
  });
});

describe('a batch sent again', () => {
  it('is answered as a whole with the first answer', async () => {
    const user = await test.customer({ balance: 300n });
    const items = [
      withdrawal(user.account_id, '2.00'),
      withdrawal(user.account_id, '2.00'),
      deposit(user.account_id, 1),
    ];
    const first = await batch(user, items, {}, 'again');
    expect(codesOf(first)).toEqual(['OK', 'INSUFFICIENT_FUNDS', 'OK']);
    moneyOf(
      await test.post(user, '/transactions/deposit', { account_id: user.account_id, amount: '100.00' }),
    );
    const again = await batch(user, items, {}, 'again');
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.text).toBe(first.text);
    expect(await test.funds(user, user.account_id)).toEqual({ balance: '102.00', available: '102.00' });
  });

  it.each([
    ['longer', (items: object[]) => [...items, items[0]]],
    ['shorter', (items: object[]) => items.slice(0, 2)],
    ['in another order', (items: object[]) => [...items].reverse()],
    ['with another amount', ([first, ...rest]: object[]) => [{ ...first, amount: '1.01' }, ...rest]],
    ['of one item', ([first]: object[]) => [first]],
  ])('is refused when the list is %s, and posts nothing', async (_how, change) => {
    const user = await test.customer({ balance: 10_000n });
    const items = [1, 2, 3].map((amount) => withdrawal(user.account_id, amount));
    expect(codesOf(await batch(user, items, {}, 'changed'))).toEqual(['OK', 'OK', 'OK']);
    await test.withoutTrace(async () => {
      expectProblem(await batch(user, change(items), {}, 'changed'), 422, 'IDEMPOTENCY_KEY_REUSED');
      expectProblem(await batch(user, items, { linked: true }, 'changed'), 422, 'IDEMPOTENCY_KEY_REUSED');
    });
  });

  it('cannot share its key with a single request, whichever came first', async () => {
    const user = await test.customer({ balance: 10_000n });
    const { type: _, ...body } = withdrawal(user.account_id);
    const items = [withdrawal(user.account_id)];
    expect(codesOf(await batch(user, items, {}, 'one'))).toEqual(['OK']);
    expectProblem(
      await test.post(user, '/transactions/withdraw', body, 'one'),
      422,
      'IDEMPOTENCY_KEY_REUSED',
    );
    moneyOf(await test.post(user, '/transactions/withdraw', body, 'two'));
    expectProblem(await batch(user, items, {}, 'two'), 422, 'IDEMPOTENCY_KEY_REUSED');
    const longer = [deposit(user.account_id), ...items];
    expectProblem(await batch(user, longer, {}, 'two'), 422, 'IDEMPOTENCY_KEY_REUSED');
    expect(await test.funds(user, user.account_id)).toEqual({ balance: '98.00', available: '98.00' });
  });

  it('gives the same answer to many at once', async () => {
    const user = await test.customer({ balance: 10_000n });
    const items = [
      withdrawal(user.account_id),
      deposit(user.account_id, 2),
      withdrawal(user.account_id, 900),
    ];
    const answers = await Promise.all(Array.from({ length: 10 }, () => batch(user, items, {}, 'many')));
    const fresh = answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined);
    expect(fresh).toHaveLength(1);
    for (const answer of answers) {
      expect(codesOf(answer)).toEqual(['OK', 'OK', 'INSUFFICIENT_FUNDS']);
      const ids = answer.body.items.map((item: BatchResult) => item.transaction?.transaction_id);
      expect(ids).toEqual(fresh[0]?.body.items.map((item: BatchResult) => item.transaction?.transaction_id));
    }
    expect(await test.funds(user, user.account_id)).toEqual({ balance: '101.00', available: '101.00' });
  });

  it('linked, is answered with the first answer, declined or not', async () => {
    const user = await test.customer({ balance: 100n });
    const items = [withdrawal(user.account_id), withdrawal(user.account_id)];
    const first = await batch(user, items, { linked: true }, 'linked');
    expect(codesOf(first)).toEqual(['LINKED_FAILED', 'INSUFFICIENT_FUNDS']);
    moneyOf(await test.post(user, '/transactions/deposit', { account_id: user.account_id, amount: 5 }));
    const again = await batch(user, items, { linked: true }, 'linked');
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.text).toBe(first.text);
  });
});
