import { accountNumber } from '../../src/accounts/account-number';
import { TEST_PIN } from '../support/api';
import { type MoneyTest, expectFields, moneyOf, startMoneyTest } from '../support/money';
import { systemAccount } from '../support/postings';
import { expectProblem } from '../support/problem';

let test: MoneyTest;
beforeAll(async () => {
  test = await startMoneyTest();
});
afterAll(() => test.close());

describe('POST /transactions/transfer', () => {
  it("shows the sender what the sender has, and nothing of the receiver's balance", async () => {
    const [sender, receiver] = [
      await test.customer({ balance: 10_000n }),
      await test.customer({ balance: 77_700n }),
    ];
    const answer = moneyOf(
      await test.post(sender, '/transactions/transfer', {
        sender_account_id: sender.account_id,
        receiver_account_id: receiver.account_id,
        amount: '30.00',
        description: 'Rent for March',
      }),
    );
    const entry = { amount: '30.00' };
    expect(answer).toMatchObject({
      hold_id: null,
      type: 'transfer',
      status: 'posted',
      amount: '30.00',
      currency: 'USD',
      description: 'Rent for March',
      entries: [
        { ...entry, account_id: sender.account_id, direction: 'debit', balance_after: '70.00' },
        { ...entry, account_id: receiver.account_id, direction: 'credit', balance_after: null },
      ],
      balances: [{ account_id: sender.account_id, balance: '70.00', available_balance: '70.00' }],
    });
    const seen = (await test.get(receiver, `/transactions/${answer.transaction_id}`)).body;
    expect(seen.entries.map((item: { balance_after: string }) => item.balance_after)).toEqual([
      null,
      '807.00',
    ]);
    expect(seen.balances).toEqual([
      { account_id: receiver.account_id, balance: '807.00', available_balance: '807.00' },
    ]);
    const auditor = await test.api.staff('auditor');
    const audited = (await test.get(auditor, `/transactions/${answer.transaction_id}`)).body;
    expect(audited.entries.map((item: { balance_after: string }) => item.balance_after)).toEqual([
      '70.00',
      '807.00',
    ]);
    const stranger = await test.api.customer();
    for (const id of [answer.transaction_id, '999999999']) {
      const refused = await test.get(stranger, `/transactions/${id}`);
      expectProblem(refused, 404, 'TRANSACTION_NOT_FOUND');
      expect(refused.body).toMatchObject({ title: 'No such transaction', detail: 'No such transaction' });
    }
  });

  it('between two accounts of one customer shows both', async () => {
    const user = await test.customer({ balance: 500n });
    const savings = await test.open(user, { type: 'savings' });
    const answer = moneyOf(
      await test.post(user, '/transactions/transfer', {
        sender_account_id: user.account_id,
        receiver_account_id: savings,
        amount: 5,
      }),
    );
    expect(answer.entries.map(({ balance_after }) => balance_after)).toEqual(['0.00', '5.00']);
    expect(answer.balances.map(({ account_id, balance }) => [account_id, balance])).toEqual([
      [user.account_id, '0.00'],
      [savings, '5.00'],
    ]);
  });

  it('finds the receiver by number, as people write it', async () => {
    const [sender, receiver] = [await test.customer({ balance: 1000n }), await test.customer()];
    const number = await test.accountNumber(receiver.account_id);
    const grouped = number.replace(/(.{4})(?=.)/g, '$1 ');
    for (const receiver_account_number of [number, grouped, grouped.toLowerCase(), ` ${number} `]) {
      const answer = moneyOf(
        await test.post(sender, '/transactions/transfer', {
          sender_account_id: sender.account_id,
          receiver_account_number,
          amount: '1.00',
        }),
      );
      expect(answer.entries[1]?.account_id).toBe(receiver.account_id);
    }
    expect(await test.funds(receiver, receiver.account_id)).toEqual({ balance: '4.00', available: '4.00' });
  });

  it('refuses a mistyped number, and declines one that nobody has', async () => {
    const [sender, receiver] = [await test.customer({ balance: 1000n }), await test.customer()];
    const number = await test.accountNumber(receiver.account_id);
    const send = (receiver_account_number: unknown) =>
      test.post(sender, '/transactions/transfer', {
        sender_account_id: sender.account_id,
        receiver_account_number,
        amount: '1.00',
      });
    const mistyped = [
      number.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)),
      number.replace(/^XF/, 'XG'),
      number.slice(0, -1),
      `${number}0`,
      '',
      'GB29NWBK60161331926819',
      'XF٤٢FLRN891505762833',
    ];
    await test.withoutTrace(async () => {
      for (const text of mistyped) {
        const answer = await send(text);
        expectProblem(answer, 422, 'INVALID_ACCOUNT_NUMBER');
        expect(answer.body.errors).toEqual([
          { field: 'receiver_account_number', message: 'the check digits do not fit' },
        ]);
      }
      expectFields(await send(42), 'VALIDATION_FAILED', 'receiver_account_number');
      expectFields(await send('X'.repeat(41)), 'VALIDATION_FAILED', 'receiver_account_number');
    });
    expectProblem(await send(accountNumber('000000000000')), 404, 'ACCOUNT_NOT_FOUND');
    const cash = await test.accountNumber(await systemAccount(test.bank.owner, 'cash'));
    expect((await send(cash)).status).toBeGreaterThanOrEqual(400);
    expect(await test.funds(sender, sender.account_id)).toEqual({ balance: '10.00', available: '10.00' });
  });

  it('refuses a transfer to the same account, by id and by number', async () => {
    const user = await test.customer({ balance: 100n });
    const body = { sender_account_id: user.account_id, amount: '1.00' };
    await test.withoutTrace(async () => {
      const receiver_account_number = await test.accountNumber(user.account_id);
      for (const receiver of [
        { receiver_account_id: Number(user.account_id) },
        { receiver_account_number },
      ]) {
        const answer = await test.post(user, '/transactions/transfer', { ...body, ...receiver });
        expectProblem(answer, 422, 'SAME_ACCOUNT');
      }
    });
  });

  it('wants one receiver, not none and not two', async () => {
    const user = await test.customer({ balance: 100n });
    const body = { sender_account_id: user.account_id, amount: '1.00' };
    const both = { receiver_account_id: '1', receiver_account_number: 'XF42FLRN891505762833' };
    expectFields(
      await test.post(user, '/transactions/transfer', body),
      'VALIDATION_FAILED',
      'receiver_account_id',
    );
    const answer = await test.post(user, '/transactions/transfer', { ...body, ...both });
    expectFields(answer, 'VALIDATION_FAILED', 'receiver_account_id');
  });

  it('declines accounts of different currencies', async () => {
    const [sender, receiver] = [
      await test.customer({ balance: 100n }),
      await test.customer({ currency: 'EUR' }),
    ];
    const body = {
      sender_account_id: sender.account_id,
      receiver_account_id: receiver.account_id,
      amount: '1.00',
    };
    expectProblem(await test.post(sender, '/transactions/transfer', body), 422, 'CURRENCY_MISMATCH');
    const named = await test.post(sender, '/transactions/transfer', { ...body, currency: 'EUR' });
    expectProblem(named, 422, 'CURRENCY_MISMATCH');
    expect(named.body.errors).toEqual([{ field: 'currency', message: 'the account is kept in USD' }]);
  });

  it.each([
    ['frozen', 'ACCOUNT_FROZEN'],
    ['closed', 'ACCOUNT_CLOSED'],
  ] as const)('declines a %s account on either side', async (status, code) => {
    const [healthy, stopped] = [await test.customer({ balance: 100n }), await test.customer()];
    await test.setStatus(stopped.account_id, status);
    const send = (user: typeof healthy, to: typeof healthy) =>
      test.post(user, '/transactions/transfer', {
        sender_account_id: user.account_id,
        receiver_account_id: to.account_id,
        amount: '1.00',
      });
    expectProblem(await send(stopped, healthy), 422, code);
    expectProblem(await send(healthy, stopped), 422, code);
  });

  it('declines more than there is, and receivers that do not exist', async () => {
    const [sender, receiver] = [await test.customer({ balance: 100n }), await test.customer()];
    const send = (receiver_account_id: string, amount: string) =>
      test.post(sender, '/transactions/transfer', {
        sender_account_id: sender.account_id,
        receiver_account_id,
        amount,
      });
    expectProblem(await send(receiver.account_id, '1.01'), 422, 'INSUFFICIENT_FUNDS');
    expectProblem(await send('999999999', '1.00'), 404, 'ACCOUNT_NOT_FOUND');
    expectProblem(await send('9999999999999999999', '1.00'), 404, 'ACCOUNT_NOT_FOUND');
    expectProblem(await send(await systemAccount(test.bank.owner, 'cash'), '1.00'), 404, 'ACCOUNT_NOT_FOUND');
    moneyOf(await send(receiver.account_id, '1.00'));
  });

  it("does not move somebody else's money", async () => {
    const [victim, thief] = [await test.customer({ balance: 100n }), await test.customer()];
    await test.withoutTrace(async () => {
      for (const sender_account_id of [victim.account_id, '999999999']) {
        const answer = await test.post(thief, '/transactions/transfer', {
          sender_account_id,
          receiver_account_id: thief.account_id,
          amount: '1.00',
        });
        expectProblem(answer, 404, 'ACCOUNT_NOT_FOUND');
        expect(answer.body).toMatchObject({ title: 'No such account', detail: 'No such account' });
      }
    });
  });

  it('asks for the PIN from the limit on', async () => {
    const user = await test.api.customer({ with_pin: true });
    const sender_account_id = await test.open(user, { balance: 500_000n });
    const { account_id: receiver_account_id } = await test.customer();
    const body = { sender_account_id, receiver_account_id, amount: '1000.00' };
    expectProblem(await test.post(user, '/transactions/transfer', body), 403, 'PIN_REQUIRED');
    moneyOf(await test.post(user, '/transactions/transfer', { ...body, pin: TEST_PIN }));
  });

  it('gives descriptions back as they were sent', async () => {
    const [sender, receiver] = [await test.customer({ balance: 1000n }), await test.customer()];
    const texts = [
      '🏦💸 für Zoë — 日本語 العربية \u200d',
      "Robert'); DROP TABLE transactions; --",
      '100 % of "it" \\ back\\slash \\u0041 {{7*7}} ${1}',
      'a\nb\tc',
      '𝒳'.repeat(255),
      '<script>alert(1)</script>',
    ];
    for (const description of texts) {
      const answer = moneyOf(
        await test.post(sender, '/transactions/transfer', {
          sender_account_id: sender.account_id,
          receiver_account_id: receiver.account_id,
          amount: '0.01',
          description,
        }),
      );
      expect(answer.description).toBe(description);
      expect((await test.get(receiver, `/transactions/${answer.transaction_id}`)).body.description).toBe(
        description,
      );
    }
  });
});

describe('moving money', () => {
  it('is not for auditors, nor for strangers, on any route', async () => {
    const auditor = await test.api.staff('auditor');
    const { account_id } = await test.customer({ balance: 100n });
    const amount = '1.00';
    const requests: [string, object][] = [
      ['deposit', { account_id, amount }],
      ['withdraw', { account_id, amount }],
      ['transfer', { sender_account_id: account_id, receiver_account_id: '1', amount }],
      ['payment', { account_id, amount, channel: 'online', merchant: { name: 'Shop', mcc: '5411' } }],
      ['holds', { account_id, amount }],
      ['holds/1/capture', {}],
      ['holds/1/void', {}],
      ['1/reversal', {}],
      ['batch', { items: [{ type: 'deposit', account_id, amount }] }],
    ];
    await test.withoutTrace(async () => {
      for (const [path, body] of requests) {
        expectProblem(await test.post(auditor, `/transactions/${path}`, body), 403, 'FORBIDDEN');
        expectProblem(await test.api.http.post(`/transactions/${path}`).send(body), 401, 'UNAUTHENTICATED');
      }
      const journal = await test.post(auditor, '/admin/journal-entries', {});
      expectProblem(journal, 403, 'FORBIDDEN');
    });
  });
});
