import { startApi, type ApiUser, type TestApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';
import {
  deposit,
  journal,
  made,
  payment,
  postOne,
  refund,
  reversal,
  systemAccount,
  transfer,
  withdrawal,
} from '../support/postings';
import type { BatchItem } from '../../src/posting';
import { verdictsAsJson } from '../../src/risk';

describe('analytics', () => {
  let bank: TestBank;
  let api: TestApi;
  let merchant: string;

  beforeAll(async () => {
    bank = await createTestBank();
    api = await startApi(bank);
    const { insertId } = await bank.owner.execute(
      "INSERT INTO merchants (merchant_key, name, mcc) VALUES (UNHEX('00112233445566778899aabbccddeeff'), 'Corner Bakery', '5812')",
    );
    merchant = insertId;
  });
  afterAll(async () => {
    await api?.close();
    await bank?.close();
  });

  const get = (path: string, user: ApiUser) => api.http.get(path).set(user.headers);
  const at = (day: string): Partial<BatchItem> => ({ effective_us: Date.parse(`${day}T12:00:00Z`) * 1000 });
  const post = async (item: BatchItem): Promise<string> => made(await postOne(bank.pool, item));

  async function score(transactionId: string, riskScore: number, modelVersion = 1): Promise<void> {
    await bank.owner.call('sp_record_risk_scores', [
      verdictsAsJson([
        {
          transaction_id: transactionId,
          model_version: modelVersion,
          risk_score: riskScore,
          features: { secret: 1 },
          degraded: 0,
        },
      ]),
    ]);
  }

  describe.each(['/analytics/risk-scores', '/analytics/spending-summary', '/analytics/spending-prediction'])(
    '%s',
    (path) => {
      it('is for who has accounts: not for auditors, not without a login', async () => {
        expect((await get(path, await api.staff('auditor'))).body).toMatchObject({
          status: 403,
          code: 'FORBIDDEN',
        });
        expect((await api.http.get(path)).body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
      });

      it('refuses fields it does not know', async () => {
        const { body } = await get(`${path}?user_id=1`, await api.customer());
        expect(body).toMatchObject({
          status: 400,
          code: 'VALIDATION_FAILED',
          errors: [{ field: 'user_id' }],
        });
      });
    },
  );

  it('has nothing to say to staff without accounts', async () => {
    const admin = await api.staff('admin');
    expect((await get('/analytics/risk-scores', admin)).body).toEqual({ items: [], next_cursor: null });
    expect((await get('/analytics/spending-summary', admin)).body).toEqual({
      from: null,
      to: null,
      currencies: [],
    });
    expect((await get('/analytics/spending-prediction', admin)).body).toMatchObject({
      status: 422,
      code: 'NOT_ENOUGH_HISTORY',
    });
  });

  describe('GET /analytics/risk-scores', () => {
    it("gives the verdict of the newest model, of one's own transactions only", async () => {
      const [ada, bob] = [await api.customer(), await api.customer()];
      const [mine, savings] = [await bank.openAccount(ada.user_id), await bank.openAccount(ada.user_id)];
      const his = await bank.openAccount(bob.user_id, { balance: 10_000n });
      const paidIn = await post(deposit(mine, 50_000n, { actor: ada.user_id }));
      const moved = await post(transfer(mine, savings, 1_000n, { actor: ada.user_id }));
      const sent = await post(transfer(mine, his, 2_000n, { actor: ada.user_id }));
      const received = await post(transfer(his, mine, 500n, { actor: bob.user_id }));
      const unscored = await post(deposit(mine, 1n, { actor: ada.user_id }));
      for (const id of [paidIn, moved, sent, received]) await score(id, 0.1);
      await score(sent, 0.92, 2);

      const { body, status } = await get('/analytics/risk-scores', ada);
      expect(status).toBe(200);
      expect(body.items[0]).toEqual({
        transaction_id: sent,
        type: 'transfer',
        amount: '20.00',
        currency: 'USD',
        risk_score: 0.92,
        verdict: 'CRITICAL',
        model_version: 2,
        scored_at: expect.stringMatching(/Z$/),
        effective_at: expect.stringMatching(/Z$/),
      });
      const ids = body.items.map((item: { transaction_id: string }) => item.transaction_id);
      expect(ids).toEqual([sent, moved, paidIn]);
      expect(ids).not.toContain(received);
      expect(ids).not.toContain(unscored);
      const his_ids = (await get('/analytics/risk-scores', bob)).body.items.map(
        (item: { transaction_id: string }) => item.transaction_id,
      );
      expect(his_ids).toEqual([received]);
    });

    it('pages over several accounts while transactions come in', async () => {
      const user = await api.customer();
      const accounts = [await bank.openAccount(user.user_id), await bank.openAccount(user.user_id)];
      const posted: string[] = [];
      const add = async (index: number) => {
        const id = await post(deposit(accounts[index % 2] ?? '', 100n, { actor: user.user_id }));
        await score(id, 0.2);
        posted.push(id);
      };
      for (let index = 0; index < 7; index += 1) await add(index);
      const wanted = [...posted].reverse();
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body } = await get(`/analytics/risk-scores?limit=3${cursor && `&cursor=${cursor}`}`, user);
        seen.push(...body.items.map((item: { transaction_id: string }) => item.transaction_id));
        cursor = body.next_cursor;
        await add(seen.length);
      }
      expect(seen).toEqual(wanted);
    });

    it("refuses a changed cursor and somebody else's", async () => {
      const user = await api.customer();
      const account = await bank.openAccount(user.user_id);
      for (const amount of [1n, 2n]) await score(await post(deposit(account, amount)), 0.3);
      const { next_cursor } = (await get('/analytics/risk-scores?limit=1', user)).body;
      const refused = { status: 400, code: 'INVALID_CURSOR' };
      expect((await get(`/analytics/risk-scores?cursor=${next_cursor}x`, user)).body).toMatchObject(refused);
      const other = await api.customer();
      expect((await get(`/analytics/risk-scores?cursor=${next_cursor}`, other)).body).toMatchObject(refused);
    });
  });

  describe('GET /analytics/spending-summary', () => {
    it('sums by currency, category and month, without transfers between own accounts', async () => {
      const [ada, bob] = [await api.customer(), await api.customer()];
      const [checking, savings] = [
        await bank.openAccount(ada.user_id),
        await bank.openAccount(ada.user_id, { type: 'savings' }),
      ];
      const yen = await bank.openAccount(ada.user_id, { currency: 'JPY' });
      const his = await bank.openAccount(bob.user_id, { balance: 100_000n });
      await post(deposit(checking, 300_000n, at('2024-01-05')));
      await post(transfer(checking, savings, 100_000n, at('2024-01-06')));
      await post(payment(checking, 12_550n, { merchant, ...at('2024-01-31') }));
      await post(refund(checking, 2_550n, { merchant, ...at('2024-02-01') }));
      await post(payment(checking, 4_000n, at('2024-02-02')));
      await post(withdrawal(savings, 5_000n, at('2024-02-03')));
      await post(transfer(checking, his, 7_000n, at('2024-02-04')));
      await post(transfer(his, checking, 1_000n, at('2024-02-05')));
      await post(deposit(yen, 700n, { currency: 'JPY', ...at('2024-02-06') }));

      const { body, status } = await get('/analytics/spending-summary', ada);
      expect(status).toBe(200);
      expect(body).toMatchObject({ from: null, to: null });
      expect(body.currencies.map((item: { currency: string }) => item.currency)).toEqual(['JPY', 'USD']);
      expect(body.currencies[0]).toMatchObject({ income: '700', expenses: '0', net_flow: '700' });
      expect(body.currencies[1]).toEqual({
        currency: 'USD',
        income: '3010.00',
        expenses: '260.00',
        net_flow: '2750.00',
        by_category: [
          {
            category: expect.stringMatching(/Eating/),
            mcc: '5812',
            income: '0.00',
            expenses: '100.00',
            transactions_count: 2,
          },
          { category: 'transfer', mcc: null, income: '10.00', expenses: '70.00', transactions_count: 2 },
          { category: 'withdrawal', mcc: null, income: '0.00', expenses: '50.00', transactions_count: 1 },
          { category: 'payment', mcc: null, income: '0.00', expenses: '40.00', transactions_count: 1 },
          { category: 'deposit', mcc: null, income: '3000.00', expenses: '0.00', transactions_count: 1 },
        ],
        by_month: [
          { month: '2024-01', income: '3000.00', expenses: '125.50', net_flow: '2874.50' },
          { month: '2024-02', income: '10.00', expenses: '134.50', net_flow: '-124.50' },
        ],
      });

      const january = (await get('/analytics/spending-summary?from=2024-01-06&to=2024-01-31', ada)).body;
      expect(january).toMatchObject({
        from: '2024-01-06T00:00:00.000000Z',
        to: '2024-02-01T00:00:00.000000Z',
        currencies: [{ currency: 'USD', income: '0.00', expenses: '125.50' }],
      });
      const ofSavings = (await get(`/analytics/spending-summary?account_id=${savings}`, ada)).body;
      expect(ofSavings.currencies).toMatchObject([{ income: '0.00', expenses: '50.00' }]);
      const inYen = (await get('/analytics/spending-summary?currency=JPY', ada)).body;
      expect(inYen.currencies).toMatchObject([{ currency: 'JPY', income: '700' }]);
      expect((await get('/analytics/spending-summary?currency=EUR', ada)).body.currencies).toEqual([]);
    });

    it('takes back what a reversal undoes, and counts journals', async () => {
      const user = await api.customer();
      const account = await bank.openAccount(user.user_id);
      const other = await bank.openAccount(user.user_id);
      await post(deposit(account, 10_000n));
      await post(reversal(await post(deposit(account, 3_000n))));
      await post(reversal(await post(payment(account, 2_500n, { merchant }))));
      await post(reversal(await post(transfer(account, other, 1_000n))));
      const suspense = await systemAccount(bank.owner, 'suspense');
      await post(
        journal([
          [account, -300n],
          [suspense, 300n],
        ]),
      );
      const [summary] = (await get('/analytics/spending-summary', user)).body.currencies;
      expect(summary).toMatchObject({ income: '100.00', expenses: '3.00', net_flow: '97.00' });
      expect(summary.by_category).toContainEqual(
        expect.objectContaining({ mcc: '5812', expenses: '0.00', transactions_count: 2 }),
      );
    });

    it("does not know other people's accounts, nor currencies the bank has not", async () => {
      const user = await api.customer();
      const foreign = await bank.openAccount((await api.customer()).user_id);
      const missing = { status: 404, code: 'ACCOUNT_NOT_FOUND' };
      expect((await get(`/analytics/spending-summary?account_id=${foreign}`, user)).body).toMatchObject(
        missing,
      );
      expect((await get('/analytics/spending-summary?account_id=999999999', user)).body).toMatchObject(
        missing,
      );
      expect((await get('/analytics/spending-summary?currency=XAU', user)).body).toMatchObject({
        status: 422,
        code: 'UNKNOWN_CURRENCY',
      });
      expect((await get('/analytics/spending-summary?from=soon', user)).body).toMatchObject({
        status: 400,
        errors: [{ field: 'from' }],
      });
    });
  });

  describe('GET /analytics/spending-prediction', () => {
    it('predicts the month after the last complete one', async () => {
      const user = await api.customer();
      const account = await bank.openAccount(user.user_id);
      const savings = await bank.openAccount(user.user_id, { type: 'savings' });
      const euros = await bank.openAccount(user.user_id, { currency: 'EUR' });
      await post(deposit(account, 1_000_000n, at('2023-01-01')));
      await post(deposit(euros, 100n, { currency: 'EUR', ...at('2023-01-01') }));
      for (const [index, month] of ['2023-01', '2023-02', '2023-04'].entries()) {
        await post(payment(account, 10_000n + BigInt(index), { merchant, ...at(`${month}-15`) }));
        await post(transfer(account, savings, 50_000n, at(`${month}-16`)));
      }
      const { body, status } = await get('/analytics/spending-prediction', user);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        currency: 'USD',
        month: '2023-05',
        interval: { level: 0.8 },
        trend: 'stable',
        monthly_data: [
          { month: '2023-01', expenses: '100.00' },
          { month: '2023-02', expenses: '100.01' },
          { month: '2023-03', expenses: '0.00' },
          { month: '2023-04', expenses: '100.02' },
        ],
        method: expect.stringContaining('Theil-Sen'),
      });
      expect(body.predicted_next_month).toBe('100.02');
      expect(Number(body.interval.low)).toBeLessThanOrEqual(Number(body.predicted_next_month));
      expect(Number(body.interval.high)).toBeGreaterThan(Number(body.predicted_next_month));
    });

    it('leaves the running month out and declines politely under three months', async () => {
      const user = await api.customer();
      const account = await bank.openAccount(user.user_id, { overdraft: 100_000n });
      await post(payment(account, 100n, at('2023-05-20')));
      await post(payment(account, 100n, at('2023-06-20')));
      const { body } = await get('/analytics/spending-prediction', user);
      expect(body).toMatchObject({ status: 422, code: 'NOT_ENOUGH_HISTORY', retryable: false });
      expect(body.detail).toBe('A prediction needs 3 complete months of movements; there are 2 so far');
    });

    it('predicts in the currency asked for', async () => {
      const user = await api.customer();
      const dollars = await bank.openAccount(user.user_id, { overdraft: 100_000n });
      const yen = await bank.openAccount(user.user_id, { currency: 'JPY', overdraft: 100_000n });
      for (const [index, month] of ['2022-10', '2022-11', '2022-12'].entries()) {
        await post(payment(dollars, 100n, at(`${month}-10`)));
        await post(payment(dollars, 100n, at(`${month}-11`)));
        await post(payment(yen, 1_000n * BigInt(index + 1), { currency: 'JPY', ...at(`${month}-10`) }));
      }
      const { body } = await get('/analytics/spending-prediction?currency=JPY', user);
      expect(body).toMatchObject({
        currency: 'JPY',
        month: '2023-01',
        trend: 'increasing',
        predicted_next_month: '3850',
        interval: { low: '3850', high: '3850' },
      });
      expect((await get('/analytics/spending-prediction', user)).body).toMatchObject({
        currency: 'USD',
        trend: 'stable',
        predicted_next_month: '2.00',
      });
      expect((await get('/analytics/spending-prediction?currency=EUR', user)).body.code).toBe(
        'NOT_ENOUGH_HISTORY',
      );
      expect((await get('/analytics/spending-prediction?currency=XAU', user)).body.code).toBe(
        'UNKNOWN_CURRENCY',
      );
    });
  });
});
