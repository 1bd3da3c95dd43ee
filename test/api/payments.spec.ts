import { TEST_PIN } from '../support/api';
import { type MoneyTest, expectFields, moneyOf, startMoneyTest } from '../support/money';
import { systemAccount } from '../support/postings';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
beforeAll(async () => {
  test = await startMoneyTest();
});
afterAll(() => test.close());

const BAKERY = { name: 'Corner Bakery', mcc: '5462', city: 'Pune', country: 'IN' };

describe('POST /transactions/payment', () => {
  it('pays a merchant through card settlement', async () => {
    const user = await test.customer({ currency: 'INR', balance: 100_000n });
    const { account_id } = user;
    const settlement = await systemAccount(test.bank.owner, 'card_settlement', 'INR');
    const answer = moneyOf(
      await test.post(user, '/transactions/payment', {
        account_id,
        amount: '249.50',
        merchant: BAKERY,
        channel: 'contactless',
        description: 'Bread',
        effective_at: '2025-05-05T05:05:05Z',
      }),
    );
    expect(answer).toMatchObject({
      type: 'payment',
      status: 'posted',
      amount: '249.50',
      currency: 'INR',
      description: 'Bread',
      effective_at: '2025-05-05T05:05:05.000000Z',
      entries: [
        { account_id, direction: 'debit', amount: '249.50', balance_after: '750.50' },
        { account_id: settlement, direction: 'credit', amount: '249.50', balance_after: null },
      ],
      balances: [{ account_id, balance: '750.50', available_balance: '750.50' }],
    });
    const { items } = (await test.get(user, '/transactions/history', { type: 'payment' })).body;
    expect(items).toMatchObject([
      {
        transaction_id: answer.transaction_id,
        merchant: { name: 'Corner Bakery', mcc: '5462' },
        channel: 'contactless',
      },
    ]);
  });

  it('knows a merchant again, in any case of letters, and tells apart what differs', async () => {
    const user = await test.customer({ balance: 10_000n });
    const pay = (merchant: object) =>
      test.post(user, '/transactions/payment', {
        account_id: user.account_id,
        amount: 1,
        merchant,
        channel: 'online',
      });
    const name = '  Café 🍰 Zoë  ';
    for (const merchant of [
      { name, mcc: '5814' },
      { name: 'CAFÉ 🍰 ZOË', mcc: '5814' },
      { name, mcc: '5815' },
      { name, mcc: '5814', city: 'Wien' },
      { name, mcc: '5814', city: 'Wien', country: 'AT' },
      { name, mcc: '5814', city: 'wien ', country: 'AT' },
    ]) {
      moneyOf(await pay(merchant));
    }
    const rows = await test.bank.owner.query(
      `SELECT name, mcc, city, country FROM merchants
       WHERE merchant_id IN (SELECT merchant_id FROM transactions WHERE initiated_by = ?) ORDER BY merchant_id`,
      [user.user_id],
    );
    expect(rows).toEqual([
      { name: 'Café 🍰 Zoë', mcc: '5814', city: null, country: null },
      { name: 'Café 🍰 Zoë', mcc: '5815', city: null, country: null },
      { name: 'Café 🍰 Zoë', mcc: '5814', city: 'Wien', country: null },
      { name: 'Café 🍰 Zoë', mcc: '5814', city: 'Wien', country: 'AT' },
    ]);
  });

  it('declines what the account does not have, and what it is not', async () => {
    const user = await test.customer({ balance: 100n });
    const pay = (more: object) =>
      test.post(user, '/transactions/payment', {
        account_id: user.account_id,
        amount: '1.00',
        merchant: BAKERY,
        channel: 'online',
        ...more,
      });
    expectProblem(await pay({ amount: '1.01' }), 422, 'INSUFFICIENT_FUNDS');
    expectProblem(await pay({ currency: 'INR' }), 422, 'CURRENCY_MISMATCH');
    expectProblem(await pay({ effective_at: '2199-01-01T00:00:00Z' }), 422, 'EFFECTIVE_IN_FUTURE');
    const other = await test.customer({ balance: 100n });
    expectProblem(await pay({ account_id: other.account_id }), 404, 'ACCOUNT_NOT_FOUND');
    await test.setStatus(user.account_id, 'frozen');
    expectProblem(await pay({}), 422, 'ACCOUNT_FROZEN');
    await test.setStatus(user.account_id, 'active');
    moneyOf(await pay({}));
    await test.setStatus(user.account_id, 'closed');
    expectProblem(await pay({}), 422, 'ACCOUNT_CLOSED');
  });

  it('asks for the PIN from the limit on', async () => {
    const user = await test.api.customer({ with_pin: true });
    const account_id = await test.open(user, { balance: 500_000n });
    const merchant = { name: 'Jeweller', mcc: '5944' };
    const body = { account_id, amount: '1000.00', merchant, channel: 'chip' };
    expectProblem(await test.post(user, '/transactions/payment', body), 403, 'PIN_REQUIRED');
    const known = await test.bank.owner.query("SELECT 1 FROM merchants WHERE name = 'Jeweller'");
    expect(known).toEqual([]);
    moneyOf(await test.post(user, '/transactions/payment', { ...body, pin: TEST_PIN }));
  });

  it.each([
    [{ merchant: undefined }, ['merchant']],
    [{ channel: undefined }, ['channel']],
    [{ channel: 'telepathy' }, ['channel']],
    [{ merchant: 'Corner Bakery' }, ['merchant']],
    [{ merchant: [] }, ['merchant']],
    [{ merchant: { name: 'Shop' } }, ['merchant.mcc']],
    [{ merchant: { mcc: '5411' } }, ['merchant.name']],
    [{ merchant: { name: '', mcc: '5411' } }, ['merchant.name']],
    [{ merchant: { name: '   ', mcc: '5411' } }, ['merchant.name']],
    [{ merchant: { name: '🏦'.repeat(121), mcc: '5411' } }, ['merchant.name']],
    [{ merchant: { name: 'Shop', mcc: 5411 } }, ['merchant.mcc']],
    [{ merchant: { name: 'Shop', mcc: '541' } }, ['merchant.mcc']],
    [{ merchant: { name: 'Shop', mcc: '٥٤١١' } }, ['merchant.mcc']],
    [{ merchant: { name: 'Shop', mcc: '5411', country: 'in' } }, ['merchant.country']],
    [{ merchant: { name: 'Shop', mcc: '5411', country: 'IND' } }, ['merchant.country']],
    [{ merchant: { name: 'Shop', mcc: '5411', city: 'x\u0000y' } }, ['merchant.city']],
    [{ merchant: { name: 'Shop', mcc: '5411', merchant_id: 1 } }, ['merchant.merchant_id']],
    [{ card_number: '4111111111111111' }, ['card_number']],
  ])('refuses %j', async (more, fields) => {
    const user = await test.customer({ balance: 100n });
    await test.withoutTrace(async () => {
      const answer = await test.post(user, '/transactions/payment', {
        account_id: user.account_id,
        amount: '1.00',
        merchant: BAKERY,
        channel: 'online',
        ...more,
      });
      expectFields(answer, 'VALIDATION_FAILED', ...fields);
    });
  });

  it('writes a new merchant down once when many pay there at once', async () => {
    const user = await test.customer({ balance: 10_000n });
    const body = {
      account_id: user.account_id,
      amount: '1.00',
      merchant: { name: 'Rush', mcc: '5411' },
      channel: 'online',
    };
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => test.post(user, '/transactions/payment', body)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(await test.bank.owner.query("SELECT mcc FROM merchants WHERE name = 'Rush'")).toHaveLength(1);
  });
});
