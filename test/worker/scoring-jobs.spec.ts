import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { postBatch } from '../../src/posting';
import { SCORING_QUEUE, type ScoringJob, scoringJobId } from '../../src/queue';
import { ScoreSweep } from '../../worker/relay/score-sweep';
import { ScoringProducer } from '../../worker/relay/scoring-producer';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { made, transfer } from '../support/postings';
import {
  countOf,
  createWorkerBank,
  EAGER_SWEEP,
  eventually,
  scoresOf,
  silent,
  untilScored,
  type WorkerBank,
} from './worker-bank';

/** Jobs of two hundred transactions, more than any test posts. */
const LARGE_JOBS = { SCORING_CONCURRENCY: '400' };

describe('a job of the scoring queue', () => {
  let bank: WorkerBank;
  let redis: Redis;
  let queue: Queue<ScoringJob>;

  beforeEach(async () => {
    bank = await createWorkerBank();
    redis = new Redis(bank.redisUrl, { maxRetriesPerRequest: null });
    await redis.ping();
    queue = new Queue<ScoringJob>(SCORING_QUEUE, { connection: redis });
  });
  afterEach(async () => {
    await queue.close();
    redis.disconnect();
    await bank.close();
  });

  const post = async (count: number): Promise<string[]> => {
    const [sender, receiver] = await bank.twoAccounts();
    const items = Array.from({ length: count }, () => transfer(sender, receiver, 100n));
    return (await postBatch(bank.pool, items)).map(made);
  };
  const ids = (first: number, count: number): string[] =>
    Array.from({ length: count }, (_, index) => String(first + index));
  const producerOf = (jobMax: number): ScoringProducer => new ScoringProducer(redis, jobMax, () => undefined);

  it('holds many transactions, and is there once however often they are queued', async () => {
    const producer = producerOf(100);
    await producer.add(ids(1, 250));
    await producer.add(ids(1, 250));
    await producer.addAgain(ids(201, 50));
    const jobs = await queue.getJobs(['waiting'], 0, -1, true);
    expect(jobs.map((job) => job.data.transaction_ids)).toEqual([ids(1, 100), ids(101, 100), ids(201, 50)]);
    await producer.add([]);
    expect(await producer.backlog()).toBe(3);
    await producer.close();
  });

  it('waits in the outbox when thousands of transactions wait in Redis', async () => {
    const producer = producerOf(200);
    await producer.add(ids(1, 3_800));
    expect(await producer.hasRoom()).toBe(true);
    await producer.add(ids(3_801, 200));
    expect(await producer.hasRoom()).toBe(false);
    await producer.close();
  });

  it('of several batches together is one', async () => {
    const posted = [...(await post(10)), ...(await post(10)), ...(await post(10))];
    await queue.pause();
    await bank.startWorker({}, LARGE_JOBS);
    await eventually(async () => (await countOf(bank, 'outbox')) === 0);
    const jobs = await queue.getJobs(['waiting'], 0, -1, true);
    expect(jobs).toHaveLength(1);
    expect(jobs[0]?.data.transaction_ids).toEqual(expect.arrayContaining(posted));
    await queue.resume();
    await untilScored(bank, posted);
  });

  it('fails for the transactions that are to blame alone, and is tried again with them', async () => {
    const posted = await post(60);
    const bad = [posted[7], posted[40]] as string[];
    await bank.owner.execute(
      `ALTER TABLE transaction_risk_scores ADD CONSTRAINT ck_test_bad CHECK (transaction_id NOT IN (${bad.map(Number).join()}))`,
    );
    const good = posted.filter((id) => !bad.includes(id));
    await bank.startWorker({}, LARGE_JOBS);
    await untilScored(bank, good);
    expect(await scoresOf(bank, bad)).toEqual([]);
    const left = await eventually(async () => (await queue.getDelayed())[0]);
    expect(left.data.transaction_ids).toEqual(bad);
    await bank.owner.execute('ALTER TABLE transaction_risk_scores DROP CONSTRAINT ck_test_bad');
    await untilScored(bank, posted);
  });

  it('is left alone by the sweep, which queues only what is in no job', async () => {
    const posted = await post(50);
    await bank.owner.execute('DELETE FROM outbox');
    const [opening, ...others] = [String(BigInt(posted[0] ?? 0) - 1n), ...posted];
    const database = new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));
    const producer = producerOf(200);
    try {
      await producer.add(others.slice(0, 30));
      const sweep = new ScoreSweep(database, producer, silent, { ...EAGER_SWEEP, page_size: 1_000 });
      for (let pass = 0; pass < 2; pass += 1) await sweep.step(new AbortController().signal);
      const jobs = await queue.getJobs(['waiting'], 0, -1, true);
      expect(jobs.map((job) => job.data.transaction_ids)).toEqual([
        others.slice(0, 30),
        [opening, ...others.slice(30)],
      ]);
    } finally {
      await producer.close();
      await database.close();
    }
  });

  it('that failed for good does not stand in the way of the sweep', async () => {
    const posted = await post(20);
    await bank.owner.execute('DELETE FROM outbox');
    // Named as the producer does, so that the sweep meets it.
    const data = { transaction_ids: posted };
    const failed = await queue.add('score', data, { attempts: 1, jobId: scoringJobId(data) });
    await bank.owner.execute(
      'ALTER TABLE transaction_risk_scores ADD CONSTRAINT ck_test_bad CHECK (transaction_id = 0)',
    );
    const worker = await bank.startWorker();
    await eventually(async () => (await failed.getState()) === 'failed');
    await worker.stop();
    await bank.owner.execute('ALTER TABLE transaction_risk_scores DROP CONSTRAINT ck_test_bad');
    await bank.startWorker({ sweep: EAGER_SWEEP });
    await untilScored(bank, posted);
    expect(await queue.getFailedCount()).toBe(0);
  });
});
