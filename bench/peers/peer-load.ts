import { createBankPool } from '../../src/database';
import { postBatch, PostingQueue } from '../../src/posting';
import { Meter } from '../client/meter';
import type { LoadResult, PeerPlan, World } from '../client/protocol';
import { freshKey, transferSource, type Transfer } from '../client/transfers';
import { TypeOrmLedger } from './typeorm-ledger';

/** One way of posting: a transfer that resolves when it is committed. */
interface Peer {
  transfer(transfer: Transfer): Promise<void>;
  close(): Promise<void>;
}

const MAX_TRIES = 10;
const DEADLOCK = 1213;

/** Runs one way of posting with so many transfers under way at once; a deadlock is tried again, as its user would have to. */
export async function runPeer(plan: PeerPlan, world: World): Promise<LoadResult> {
  const peer = await connectPeer(plan, world);
  const meter = new Meter(plan);
  const draw = transferSource(world, plan.workload);
  const loop = async () => {
    while (!meter.isOver) {
      const transfer = draw();
      const askedAt = performance.now();
      try {
        await withRetries(() => peer.transfer(transfer), meter);
        meter.answered(1, askedAt);
      } catch (error) {
        meter.failed(
          (error as { errno?: number }).errno === DEADLOCK ? 'DEADLOCK' : (error as Error).message,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: plan.concurrency }, loop));
  await peer.close();
  return meter.result();
}

async function withRetries(work: () => Promise<void>, meter: Meter): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if ((error as { errno?: number }).errno !== DEADLOCK) throw error;
      meter.deadlocked();
      if (attempt >= MAX_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5 * attempt));
    }
  }
}

async function connectPeer({ peer, database_url, concurrency }: PeerPlan, world: World): Promise<Peer> {
  switch (peer) {
    case 'typeorm':
      return TypeOrmLedger.connect(database_url, concurrency);
    case 'single-call':
      return procedurePeer('CALL sp_peer_single(?, ?, ?, ?, ?)', database_url, concurrency);
    case 'unsorted-locks':
      return procedurePeer('CALL sp_peer_unsorted(?, ?, ?, ?, ?)', database_url, concurrency);
    case 'florin-queue':
      return florinQueue(database_url, world);
  }
}

function procedurePeer(call: string, databaseUrl: string, concurrency: number): Peer {
  const pool = createBankPool(databaseUrl, { connectionLimit: concurrency });
  return {
    transfer: async ({ from, to, amount }) => {
      const [answer] = await pool.query(call, [freshKey(), from, to, amount, 'USD']);
      const [rows] = answer as unknown as [{ code: string }[]];
      if (rows[0]?.code !== 'OK') throw new Error(rows[0]?.code ?? 'NO_ANSWER');
    },
    close: () => pool.end(),
  };
}

function florinQueue(databaseUrl: string, world: World): Peer {
  const pool = createBankPool(databaseUrl, { connectionLimit: 2 });
  const queue = new PostingQueue((items) => postBatch(pool, items), {
    batch_max: 500,
    batches_in_flight: 2,
    queue_max: 20_000,
    gather: true,
  });
  return {
    transfer: async ({ from, to, owner, amount }) => {
      const user = world.user_ids[owner];
      const [outcome] = await queue.submit([
        {
          key: freshKey(),
          hash: freshKey(),
          type: 'transfer',
          debit: from,
          credit: to,
          amount: BigInt(amount),
          currency: 'USD',
          owner: user,
          actor: user,
        },
      ]);
      if (outcome?.code !== 'OK') throw new Error(outcome?.code ?? 'NO_ANSWER');
    },
    close: async () => {
      await queue.drain();
      await pool.end();
    },
  };
}
