import { type MoneyTest, expectFields, expectReplay, moneyOf, startMoneyTest } from '../support/money';
import { expectProblem } from '../support/problem';
import type { ApiUser } from '../support/api';

let test: MoneyTest;
let admin: ApiUser;
beforeAll(async () => {
  test = await startMoneyTest();
  admin = await test.api.staff('admin');
});
afterAll(() => test.close());

const reverse = (transactionId: string | null, body: object = {}, key?: string, user = admin) =>
  test.post(user, `/transactions/${transactionId}/reversal`, body, key);

async function transfer() {
  const [sender, receiver] = [await test.customer({ balance: 10_000n }), await test.customer()];
  const answer = moneyOf(
    await test.post(sender, '/transactions/transfer', {
      sender_account_id: sender.account_id,
      receiver_account_id: receiver.account_id,
      amount: '40.00',
      description: 'Wrong person',
      effective_at: '2025-01-01T00:00:00Z',
    }),
  );
  return { sender, receiver, answer };
}

describe('POST /transactions/{id}/reversal', () => {
  it('turns every entry round, and links both ways', async () => {
    const { sender, receiver, answer } = await transfer();
    const reversal = moneyOf(await reverse(answer.transaction_id, { description: 'Sent back' }));
    expect(reversal).toMatchObject({
      type: 'reversal',
      status: 'posted',
      amount: '40.00',
      currency: 'USD',
      description: 'Sent back',
      hold_id: null,
      reversal_of: answer.transaction_id,
      reversed_by: null,
      entries: [
        { account_id: sender.account_id, direction: 'credit', amount: '40.00', balance_after: '100.00' },
        { account_id: receiver.account_id, direction: 'debit', amount: '40.00', balance_after: '0.00' },
      ],
    });
    expect(reversal.balances).toHaveLength(2);
    const { body: original } = await test.get(sender, `/transactions/${answer.transaction_id}`);
    expect(original).toEqual({ ...answer, status: 'reversed', reversed_by: reversal.transaction_id });
    const { body: seen } = await test.get(receiver, `/transactions/${reversal.transaction_id}`);
    expect(seen).toMatchObject({ reversal_of: answer.transaction_id, balances: [{ balance: '0.00' }] });
    expect(await test.funds(sender, sender.account_id)).toEqual({ balance: '100.00', available: '100.00' });
    const { items } = (await test.get(sender, '/transactions/history', { status: 'reversed' })).body;
    expect(items.map((item: { transaction_id: string }) => item.transaction_id)).toEqual([
      answer.transaction_id,
    ]);
  });

  it('happens once, and is not reversed itself', async () => {
    const { answer } = await transfer();
    const first = await reverse(answer.transaction_id, {}, 'once');
    const reversal = moneyOf(first);
    expectProblem(await reverse(answer.transaction_id), 422, 'ALREADY_REVERSED');
    expectProblem(await reverse(reversal.transaction_id), 422, 'NOT_REVERSIBLE');
    expectReplay(first, await reverse(answer.transaction_id, {}, 'once'));
  });

  it.each([
    ['deposit', '/transactions/deposit', {}, '90.00'],
    ['withdrawal', '/transactions/withdraw', {}, '110.00'],
    [
      'payment',
      '/transactions/payment',
      { channel: 'online', merchant: { name: 'Shop', mcc: '5411' } },
      '110.00',
    ],
  ])('takes back a %s', async (_type, path, more, left) => {
    const user = await test.customer({ balance: 10_000n });
    const before = await test.funds(user, user.account_id);
    const answer = moneyOf(
      await test.post(user, path, { account_id: user.account_id, amount: '10.00', ...more }),
    );
    moneyOf(await reverse(answer.transaction_id));
    expect(left).not.toBe(before.balance);
    expect(await test.funds(user, user.account_id)).toEqual(before);
  });

  it('takes back a capture, whose hold stays captured', async () => {
    const user = await test.customer({ balance: 10_000n });
    const held = moneyOf(
      await test.post(user, '/transactions/holds', { account_id: user.account_id, amount: '10.00' }),
    );
    const captured = moneyOf(await test.post(user, `/transactions/holds/${held.hold_id}/capture`));
    moneyOf(await reverse(captured.transaction_id));
    expect(await test.funds(user, user.account_id)).toEqual({ balance: '100.00', available: '100.00' });
    const again = await test.post(user, `/transactions/holds/${held.hold_id}/capture`);
    expectProblem(again, 422, 'HOLD_NOT_ACTIVE');
  });

  it('is declined when the money is gone', async () => {
    const { receiver, answer } = await transfer();
    moneyOf(
      await test.post(receiver, '/transactions/withdraw', {
        account_id: receiver.account_id,
        amount: '0.01',
      }),
    );
    expectProblem(await reverse(answer.transaction_id), 422, 'INSUFFICIENT_FUNDS');
    moneyOf(
      await test.post(receiver, '/transactions/deposit', { account_id: receiver.account_id, amount: '0.01' }),
    );
    moneyOf(await reverse(answer.transaction_id));
  });

  it('reaches frozen accounts, and not closed ones', async () => {
    const { sender, receiver, answer } = await transfer();
    await test.setStatus(receiver.account_id, 'frozen');
    await test.setStatus(sender.account_id, 'frozen');
    moneyOf(await reverse(answer.transaction_id));
    const second = await transfer();
    moneyOf(
      await test.post(second.receiver, '/transactions/withdraw', {
        account_id: second.receiver.account_id,
        amount: '40.00',
      }),
    );
    await test.setStatus(second.receiver.account_id, 'closed');
    expectProblem(await reverse(second.answer.transaction_id), 422, 'ACCOUNT_CLOSED');
  });

  it('is for administrators', async () => {
    const { sender, answer } = await transfer();
    const auditor = await test.api.staff('auditor');
    await test.withoutTrace(async () => {
      for (const user of [sender, auditor]) {
        expectProblem(await reverse(answer.transaction_id, {}, undefined, user), 403, 'FORBIDDEN');
        expectProblem(await reverse('999999999', {}, undefined, user), 403, 'FORBIDDEN');
      }
      const batch = { items: [{ type: 'reversal', transaction_id: answer.transaction_id }] };
      expectProblem(await test.post(sender, '/transactions/batch', batch), 403, 'FORBIDDEN');
    });
  });

  it('answers for what does not exist, and for what is no id', async () => {
    expectProblem(await reverse('999999999'), 404, 'TRANSACTION_NOT_FOUND');
    expectProblem(await reverse('9999999999999999999'), 404, 'TRANSACTION_NOT_FOUND');
    expectFields(await reverse('last'), 'VALIDATION_FAILED', 'transaction_id');
    expectFields(await reverse('1', { amount: '5.00' }), 'VALIDATION_FAILED', 'amount');
  });

  it('races with others for one transaction, and one wins', async () => {
    const { sender, answer } = await transfer();
    const answers = await Promise.all(Array.from({ length: 8 }, () => reverse(answer.transaction_id)));
    const codes = answers.map(({ status, body }) => (status === 201 ? 'OK' : body.code)).sort();
    expect(codes).toEqual([...Array<string>(7).fill('ALREADY_REVERSED'), 'OK']);
    expect((await test.funds(sender, sender.account_id)).balance).toBe('100.00');
  });
});
