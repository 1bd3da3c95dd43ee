import { Redis } from 'ioredis';
import { Database } from '../../src/database';
import { postBatch } from '../../src/posting';
import { ScoringProducer } from '../../worker/relay/scoring-producer';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { Heartbeat } from '../../worker/runtime/heartbeat';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { ScoringFailures } from '../../worker/scoring/scoring-failures';
import { startApi, type TestApi, withApi } from '../support/api';
import { made, transfer } from '../support/postings';
import { countOf, createWorkerBank, eventually, silent, untilScored, type WorkerBank } from './worker-bank';

describe('the metrics of the way to a verdict', () => {
  let bank: WorkerBank;
  let api: TestApi;

  beforeEach(async () => {
    bank = await createWorkerBank();
    api = await startApi(bank);
  });
  afterEach(async () => {
    await api.close();
    await bank.close();
  });

  const metrics = async (from = api): Promise<string> => (await from.http.get('/metrics')).text;
  const valueOf = (text: string, series: string): number | undefined => {
    const line = text.split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  const post = async (count: number): Promise<string[]> => {
    const [sender, receiver] = await bank.twoAccounts();
    const items = Array.from({ length: count }, () => transfer(sender, receiver, 100n));
    return (await postBatch(bank.pool, items)).map(made);
  };

  it('tell what waits in the outbox, and for how long', async () => {
    await post(3);
    await post(4);
    await bank.owner.execute('UPDATE outbox SET created_at = created_at - INTERVAL 90 SECOND LIMIT 1');
    const text = await metrics();
    // Two deposits came before.
    expect(valueOf(text, 'florin_outbox_batches')).toBe(4);
    expect(valueOf(text, 'florin_outbox_transactions')).toBe(9);
    expect(valueOf(text, 'florin_outbox_lag_seconds')).toBeGreaterThanOrEqual(90);
    expect(text).not.toMatch(/^florin_scoring_lag_seconds\{/m);
    expect(text).not.toMatch(/^florin_worker_heartbeat_age_seconds /m);
  });

  it('tell how long verdicts took, and that a worker lives', async () => {
    const ids = await post(40);
    await bank.startWorker();
    await untilScored(bank, ids);
    await eventually(async () => (await countOf(bank, 'outbox')) === 0);
    const text = await metrics();
    expect(valueOf(text, 'florin_outbox_transactions')).toBe(0);
    expect(valueOf(text, 'florin_outbox_lag_seconds')).toBe(0);
    const lags = ['0.5', '0.95', '1'].map((quantile) =>
      valueOf(text, `florin_scoring_lag_seconds{quantile="${quantile}"}`),
    );
    expect(lags[0]).toBeGreaterThan(0);
    expect(lags).toEqual([...lags].sort((a, b) => Number(a) - Number(b)));
    expect(valueOf(text, 'florin_worker_heartbeat_age_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('leave out verdicts of long ago', async () => {
    const ids = await post(5);
    const worker = await bank.startWorker();
    await untilScored(bank, ids);
    await worker.stop();
    await bank.owner.execute(
      'UPDATE transaction_risk_scores SET scored_at = scored_at - INTERVAL 301 SECOND WHERE transaction_id > ?',
      [0],
    );
    expect(await metrics()).not.toMatch(/^florin_scoring_lag_seconds\{/m);
  });

  it('count jobs in Redis by state', async () => {
    const redis = new Redis(bank.redisUrl);
    await redis.ping();
    const producer = new ScoringProducer(redis, 100, () => undefined);
    await producer.add(['1', '2', '3']);
    await producer.add(['4']);
    const text = await metrics();
    const counts = ['waiting', 'active', 'delayed', 'failed'].map((state) =>
      valueOf(text, `florin_scoring_jobs{state="${state}"}`),
    );
    expect(counts).toEqual([2, 0, 0, 0]);
    await producer.close();
    redis.disconnect();
  });

  it('add up what failed, over all workers and from one heartbeat to the next', async () => {
    const redis = new Redis(bank.redisUrl);
    const database = new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));
    const producer = new ScoringProducer(redis, 100, () => undefined);
    const failures = [new ScoringFailures(), new ScoringFailures()];
    const beats = failures.map((each) => new Heartbeat(database, producer, () => 1, each));
    try {
      failures[0]?.add('retried', 3);
      failures[1]?.add('retried', 2);
      failures[1]?.add('given_up', 1);
      for (const beat of [...beats, ...beats]) await beat.step();
      const text = await metrics();
      expect(valueOf(text, 'florin_scoring_failures_total{outcome="retried"}')).toBe(5);
      expect(valueOf(text, 'florin_scoring_failures_total{outcome="given_up"}')).toBe(1);
    } finally {
      await database.close();
      redis.disconnect();
    }
  });

  it('show a transaction that cannot be scored', async () => {
    const ids = await post(4);
    await bank.owner.execute(
      `ALTER TABLE transaction_risk_scores ADD CONSTRAINT ck_test_bad CHECK (transaction_id <> ${Number(ids[2])})`,
    );
    await bank.startWorker();
    await eventually(async () =>
      Number(valueOf(await metrics(), 'florin_scoring_failures_total{outcome="retried"}')),
    );
  });

  it('are silent about what cannot be known', async () => {
    await withApi(bank, { REDIS_URL: 'redis://127.0.0.1:1' }, async ({ app, http }) => {
      const withoutRedis = (await http.get('/metrics')).text;
      expect(withoutRedis).not.toMatch(/^florin_scoring_jobs\{/m);
      expect(valueOf(withoutRedis, 'florin_outbox_batches')).toBe(0);
      await app.get(Database).close();
      const withoutDatabase = (await http.get('/metrics')).text;
      expect(withoutDatabase).not.toMatch(/^florin_(outbox|scoring|worker)_\w+(\{| )/m);
      expect(withoutDatabase).toMatch(/^process_cpu_seconds_total /m);
    });
  });
});
