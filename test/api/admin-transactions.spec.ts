import { verdictsAsJson } from '../../src/risk';
import type { ApiUser } from '../support/api';
import { deposit, made, payment, postOne, reversal, transfer } from '../support/postings';
import { useStaffedApi } from '../support/staffed-api';

const staffed = useStaffedApi();

describe('GET /admin/transactions', () => {
  let ada: ApiUser;
  let bob: ApiUser;
  let [checking, savings, his]: string[] = [];
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    [ada, bob] = [await staffed.api.customer(), await staffed.api.customer()];
    checking = await staffed.bank.openAccount(ada.user_id);
    savings = await staffed.bank.openAccount(ada.user_id);
    his = await staffed.bank.openAccount(bob.user_id);
    const { insertId } = await staffed.bank.owner.execute(
      "INSERT INTO merchants (merchant_key, name, mcc) VALUES (UNHEX('ffeeddccbbaa99887766554433221100'), 'Corner Bakery', '5812')",
    );
    const day = (text: string) => ({ effective_us: Date.parse(text) * 1000 });
    const items = {
      large: deposit(checking, 2_000_000n, {
        actor: ada.user_id,
        description: 'Sold the car',
        ...day('2024-03-01T00:00:00Z'),
      }),
      moved: transfer(checking, savings, 5_000n, { actor: ada.user_id, ...day('2024-03-02T23:59:59Z') }),
      sent: transfer(checking, his, 7_000n, { actor: ada.user_id, ...day('2024-03-03T00:00:00Z') }),
      bakery: payment(his, 450n, { merchant: insertId, channel: 'online' }),
    };
    for (const [name, item] of Object.entries(items))
      ids[name] = made(await postOne(staffed.bank.pool, item));
    ids.undo = made(await postOne(staffed.bank.pool, reversal(ids.bakery ?? '')));
    const scores = [
      { transaction_id: ids.large ?? '', model_version: 1, risk_score: 0.92, features: {} },
      {
        transaction_id: ids.sent ?? '',
        model_version: 1,
        risk_score: 0.91,
        features: {},
        degraded: 1 as const,
      },
      { transaction_id: ids.sent ?? '', model_version: 2, risk_score: 0.2, features: {} },
    ];
    await staffed.bank.owner.call('sp_record_risk_scores', [verdictsAsJson(scores)]);
  });

  const found = async (query: string): Promise<string[]> => {
    const { body } = await staffed.get(`/admin/transactions?${query}`);
    const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]));
    return body.items.map(
      (item: { transaction_id: string }) => names.get(item.transaction_id) ?? item.transaction_id,
    );
  };

  it('gives entries, links and the verdict of the newest model', async () => {
    const { body } = await staffed.get(`/admin/transactions?user_id=${bob.user_id}`, staffed.auditor);
    expect(body.items).toMatchObject([
      {
        transaction_id: ids.undo,
        type: 'reversal',
        reversal_of: ids.bakery,
        reversed_by: null,
        verdict: 'PENDING',
        risk_score: null,
      },
      {
        transaction_id: ids.bakery,
        status: 'reversed',
        reversed_by: ids.undo,
        merchant: { name: 'Corner Bakery', mcc: '5812' },
        channel: 'online',
        initiated_by: null,
      },
      {
        transaction_id: ids.sent,
        status: 'posted',
        amount: '70.00',
        currency: 'USD',
        is_high_value: false,
        initiated_by: ada.user_id,
        initiated_by_username: ada.username,
        effective_at: '2024-03-03T00:00:00.000000Z',
        verdict: 'SAFE',
        risk_score: 0.2,
        model_version: 2,
        is_degraded: false,
        entries: [
          {
            account_id: checking,
            user_id: ada.user_id,
            direction: 'debit',
            amount: '70.00',
            balance_after: '19880.00',
          },
          {
            account_id: his,
            user_id: bob.user_id,
            direction: 'credit',
            amount: '70.00',
            balance_after: '70.00',
          },
        ],
      },
    ]);
  });

  it('filters', async () => {
    const mine = `user_id=${ada.user_id}`;
    expect(await found(mine)).toEqual(['sent', 'moved', 'large']);
    expect(await found(`account_id=${savings}`)).toEqual(['moved']);
    expect(await found(`${mine}&account_id=${his}`)).toEqual([]);
    expect(await found('user_id=999999999')).toEqual([]);
    expect(await found(`${mine}&type=transfer`)).toEqual(['sent', 'moved']);
    expect(await found('status=reversed')).toEqual(['bakery']);
    expect(await found(`${mine}&status=posted&limit=1`)).toEqual(['sent']);
    expect(await found(`${mine}&currency=EUR`)).toEqual([]);
    expect(await found(`${mine}&from=2024-03-02&to=2024-03-02`)).toEqual(['moved']);
    expect(await found(`${mine}&from=2024-03-02T23:59:59Z&to=2024-03-03T00:00:00Z`)).toEqual(['moved']);
    expect(await found(`${mine}&min_amount=50&max_amount=70.00`)).toEqual(['sent', 'moved']);
    expect(await found('verdict=CRITICAL')).toEqual(['large']);
    expect(await found(`verdict=PENDING&${mine}`)).toEqual(['moved']);
    expect(await found('min_risk_score=0.2')).toEqual(['sent', 'large']);
    expect(await found('is_high_value=true')).toContain('large');
    expect(await found(`${mine}&is_high_value=false`)).toEqual(['sent', 'moved']);
    expect(await found('q=the%20CAR')).toEqual(['large']);
    expect(await found('q=bakery')).toEqual(['undo', 'bakery']);
    expect(await found(`q=${encodeURIComponent('😀')}`)).toEqual([]);
    const [{ reference_id }] = (await staffed.get(`/admin/transactions?account_id=${savings}`)).body.items;
    expect(await found(`q=${String(reference_id).toLowerCase()}`)).toEqual(['moved']);
  });

  it.each(['', 'user_id=', 'account_id='])('keeps its pages right while money moves (%s)', async (filter) => {
    const value =
      filter === '' ? 'q=stable' : filter + (filter === 'user_id=' ? ada.user_id : (checking ?? ''));
    const add = () => postOne(staffed.bank.pool, deposit(checking ?? '', 100n, { description: 'stable' }));
    for (let index = 0; index < 5; index += 1) made(await add());
    const before = await staffed.allPages<{ transaction_id: string }>(
      `/admin/transactions?limit=200&${value}`,
    );
    const paged = await staffed.allPages<{ transaction_id: string }>(
      `/admin/transactions?limit=3&${value}`,
      add,
    );
    expect(paged.map((item) => item.transaction_id)).toEqual(before.map((item) => item.transaction_id));
  });

  it.each([
    'type=hold',
    'verdict=safe',
    'min_risk_score=2',
    'min_amount=abc',
    'from=1',
    'is_high_value=1',
    'sort=x',
  ])('refuses %s', async (query) => {
    const { body } = await staffed.get(`/admin/transactions?${query}`);
    expect(body).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
      errors: [{ field: query.split('=')[0] }],
    });
  });

  it('refuses cursors that were changed or made for other filters', async () => {
    const { next_cursor } = (await staffed.get('/admin/transactions?limit=1&type=deposit')).body;
    const refused = { status: 400, code: 'INVALID_CURSOR' };
    const [content, mac] = String(next_cursor).split('.');
    const forged = Buffer.from(JSON.stringify({ f: 'x', p: ['1'] })).toString('base64url');
    for (const cursor of [`${content}.`, `.${mac}`, `${forged}.${mac}`, content, 'x'.repeat(500)]) {
      expect(
        (await staffed.get(`/admin/transactions?limit=1&type=deposit&cursor=${cursor}`)).body,
      ).toMatchObject(refused);
    }
    expect((await staffed.get(`/admin/transactions?limit=1&cursor=${next_cursor}`)).body).toMatchObject(
      refused,
    );
  });
});
