import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, type TestApi } from '../support/api';
import { createTestBank, type TestBank } from '../support/bank';

let bank: TestBank;
let api: TestApi;

beforeAll(async () => {
  bank = await createTestBank();
  api = await startApi(bank);
});
afterAll(async () => {
  await api.close();
  await bank.close();
});

/** The value of a series of /metrics, such as `florin_declines_total{code="ACCOUNT_FROZEN"}`; 0 while it is not there. */
async function metric(series: string): Promise<number> {
  const { text } = await api.http.get('/metrics');
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

describe('what /metrics tells of the posting queue', () => {
  it('batches with their size and time, declines by code, retries, and its connections', async () => {
    const user = await api.customer();
    const account_id = await bank.openAccount(user.user_id, { balance: 1_000n });
    const withdraw = (amount: string) =>
      api.http.post('/transactions/withdraw').set(user.headers).send({ account_id, amount });
    const answers = [await withdraw('1.00'), await withdraw('5000.00'), await withdraw('2.00')];
    expect(answers.map(({ status }) => status)).toEqual([201, 422, 201]);

    expect(await metric('florin_posting_batch_items_count')).toBe(3);
    expect(await metric('florin_posting_batch_items_sum')).toBe(3);
    expect(await metric('florin_posting_batch_items_bucket{le="1"}')).toBe(3);
    expect(await metric('florin_posting_batch_duration_seconds_count')).toBe(3);
    expect(await metric('florin_posting_batch_duration_seconds_sum')).toBeGreaterThan(0);
    expect(await metric('florin_declines_total{code="INSUFFICIENT_FUNDS"}')).toBe(1);
    expect(await metric('florin_posting_retries_total')).toBe(0);
    expect(await metric('florin_posting_queue_depth')).toBe(0);
    expect(await metric('florin_posting_connections{state="idle"}')).toBe(1);
    expect(await metric('florin_posting_connections{state="busy"}')).toBe(0);
  });

  it('what waits while a batch is stuck behind a lock', async () => {
    const user = await api.customer();
    const account_id = await bank.openAccount(user.user_id);
    const deposit = () =>
      api.http.post('/transactions/deposit').set(user.headers).send({ account_id, amount: '1.00' });
    const underWay = await bank.owner.transaction(null, async (queries) => {
      await queries.query('SELECT 1 FROM accounts WHERE account_id = ? FOR UPDATE', [account_id]);
      const asked = [deposit().then(({ status }) => status)];
      while ((await metric('florin_posting_connections{state="busy"}')) === 0) await sleep(10);
      asked.push(...[deposit(), deposit()].map((request) => request.then(({ status }) => status)));
      while ((await metric('florin_posting_queue_depth')) < 2) await sleep(10);
      return asked;
    });
    expect(await Promise.all(underWay)).toEqual([201, 201, 201]);
    expect(await metric('florin_posting_queue_depth')).toBe(0);
  });
});
