import { Redis } from 'ioredis';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { postBatch } from '../../src/posting';
import { createRedis, impatientRedisOptions } from '../../src/queue';
import { OutboxRelay } from '../../worker/relay/outbox-relay';
import { ScoringProducer } from '../../worker/relay/scoring-producer';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { hold, made, postOne, transfer } from '../support/postings';
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

/** Passes bytes on to a server, and can be cut off from it and joined again, as a network can. */
class Cable {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  constructor(private readonly target: URL) {}

  async join(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(Number(this.target.port), this.target.hostname);
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as { port: number }).port;
    this.server = server;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  get url(): string {
    const url = new URL(this.target.href);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }
}

describe('the worker', () => {
  let bank: WorkerBank;
  const cables: Cable[] = [];

  beforeEach(async () => {
    bank = await createWorkerBank();
  });
  afterEach(async () => {
    await bank.close();
    await Promise.all(cables.splice(0).map((cable) => cable.cut()));
  });

  const cableTo = async (url: string): Promise<Cable> => {
    const cable = new Cable(new URL(url));
    await cable.join();
    cables.push(cable);
    return cable;
  };

  const post = async (count: number): Promise<string[]> => {
    const [sender, receiver] = await bank.twoAccounts();
    const items = Array.from({ length: count }, () => transfer(sender, receiver, 100n));
    return (await postBatch(bank.pool, items)).map(made);
  };

  it('finds transactions again whose jobs were lost with Redis', async () => {
    const ids = await post(250);
    // As after a relay whose Redis was wiped: nothing in the outbox, nothing in the queue.
    await bank.owner.execute('DELETE FROM outbox');
    await bank.startWorker({ sweep: EAGER_SWEEP });
    await untilScored(bank, ids);
    const redis = new Redis(bank.redisUrl);
    await redis.flushdb();
    redis.disconnect();
    await untilScored(bank, await post(20));
  });

  it('moves the watermark of its sweep over what is scored, and not past what is not', async () => {
    const ids = await post(150);
    await bank.startWorker({ sweep: EAGER_SWEEP });
    await untilScored(bank, ids);
    const [newest] = await bank.owner.query<{ id: string }>(
      'SELECT MAX(transaction_id) AS id FROM transactions',
    );
    await eventually(async () => {
      const [row] = await bank.owner.query<{ state_value: string }>(
        "SELECT state_value FROM worker_state WHERE state_key = 'scoring_swept_to'",
      );
      return row?.state_value === String(newest?.id);
    });
  });

  it('does not overtake a posting that has its ids but has not committed', async () => {
    await post(10);
    await bank.startWorker({ sweep: { ...EAGER_SWEEP, overlap_s: 3_600 } });
    await untilScored(bank, await post(5));
    const rows = await bank.owner.query("SELECT 1 FROM worker_state WHERE state_key = 'scoring_swept_to'");
    expect(rows).toEqual([]);
  });

  it('keeps the outbox while Redis is away, and relays it when Redis is back', async () => {
    const cable = await cableTo(bank.redisUrl);
    await bank.startWorker({}, { REDIS_URL: cable.url });
    await untilScored(bank, await post(5));
    await cable.cut();
    const ids = await post(30);
    expect(await countOf(bank, 'outbox')).toBeGreaterThan(0);
    expect(await scoresOf(bank, ids)).toEqual([]);
    await cable.join();
    await untilScored(bank, ids);
    await eventually(async () => (await countOf(bank, 'outbox')) === 0);
  });

  it('starts without Redis and scores when it comes', async () => {
    const cable = await cableTo(bank.redisUrl);
    await cable.cut();
    await bank.startWorker({}, { REDIS_URL: cable.url });
    const ids = await post(10);
    await cable.join();
    await untilScored(bank, ids);
  });

  it('goes on when the database comes back', async () => {
    const cable = await cableTo(bank.urls.worker);
    await bank.startWorker({ sweep: EAGER_SWEEP }, { DATABASE_URL: cable.url });
    await untilScored(bank, await post(5));
    await cable.cut();
    const ids = await post(30);
    await cable.join();
    await untilScored(bank, ids);
  });

  it('rolls the relay back when Redis does not take the jobs', async () => {
    await post(10);
    const before = await countOf(bank, 'outbox');
    const redis = createRedis('redis://127.0.0.1:1', impatientRedisOptions());
    redis.on('error', () => undefined);
    const database = new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));
    const relay = new OutboxRelay(database, new ScoringProducer(redis, 100, () => undefined));
    await expect(relay.step()).rejects.toThrow('Connection is closed');
    expect(await countOf(bank, 'outbox')).toBe(before);
    redis.disconnect();
    await database.close();
  });

  it('drops outbox rows of batches without transactions', async () => {
    const [account] = await bank.twoAccounts();
    await postOne(bank.pool, hold(account, 100n));
    await bank.startWorker();
    await eventually(async () => (await countOf(bank, 'outbox')) === 0);
  });

  it('shares one model and one queue with another worker', async () => {
    await Promise.all([bank.startWorker(), bank.startWorker(), bank.startWorker()]);
    expect(await countOf(bank, 'risk_models')).toBe(1);
    const ids = await post(300);
    const scores = await untilScored(bank, ids);
    expect(scores).toHaveLength(ids.length);
    expect(new Set(scores.map((score) => score.model_version))).toEqual(new Set([1]));
  });

  it('finishes what is under way when it is stopped', async () => {
    const worker = await bank.startWorker();
    const ids = await post(300);
    await eventually(async () => (await countOf(bank, 'transaction_risk_scores')) > 0);
    await worker.stop();
    await bank.startWorker();
    await untilScored(bank, ids);
  });
});
