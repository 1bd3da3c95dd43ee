import type { LoadResult, Workload } from '../client/protocol';
import { type ApiProcess, type BankProcess, startApi, startWorker } from './bank-processes';
import type { Bench } from './bench';
import type { BenchBank } from './bench-bank';
import { LoadClient } from './load-client';
import { checkBooks } from './books';
import { aroundThreads } from './database-threads';
import { aroundQueue, type QueueUse } from './queue-metrics';
import { type ProcessUse, watching } from './process-watch';
import { untilQuiet } from './settle';

/** What a load over HTTP came to, and what it took. */
export interface StageLoad extends LoadResult {
  use: ProcessUse;
  queue: QueueUse;
  /** CPU microseconds of the database a transfer, by the user whose statements took them. */
  database_us: Record<string, number>;
}

/**
 * The whole bank as its users have it, API with and without the queue, and worker; and beside it, on the same server, a bank
 * without them for the bare procedure, so that no worker scores what that posts.
 */
export interface Stage {
  bank: BenchBank;
  bare: BenchBank;
  client: LoadClient;
  on: ApiProcess;
  off: ApiProcess;
  worker: BankProcess;
  /** Load over HTTP, with the worker at work, from a quiet start. */
  http(
    urls: string[],
    connections: number,
    more?: { workload?: Workload; rate?: number; batch_items?: number; in_turn?: boolean; seconds?: number },
  ): Promise<StageLoad>;
  procedure(batchItems: number, workload?: Workload): Promise<LoadResult>;
  /** Waits for the worker, then checks the books of both banks. @throws WrongBooks */
  check(): Promise<void>;
  close(): Promise<void>;
}

let open: Stage | null = null;

/** The stage that several scenarios share; opened by the first that asks. */
export async function openStage(bench: Bench): Promise<Stage> {
  open ??= await makeStage(bench);
  return open;
}

/** Stops the processes of the shared stage, if it is open, and drops its banks. */
export async function closeStage(): Promise<void> {
  const stage = open;
  open = null;
  await stage?.close();
}

async function makeStage(bench: Bench): Promise<Stage> {
  const { report, options } = bench;
  const bank = await bench.bank('bank', undefined, { keep: true, has_past: true });
  const bare = await bench.bank('bare', undefined, { keep: true });
  const client = await LoadClient.start(bank.world);
  const bareClient = await LoadClient.start(bare.world);
  const worker = await startWorker(bank);
  const on = await startApi(bank, 'API', { profile: options.profile });
  const off = await startApi(bank, 'API without queue', { env: { POSTING_QUEUE: 'off' } });
  report.print(`  ${options.accounts} accounts, worker and two APIs are up; waiting for the first verdicts`);
  await untilQuiet(bank);
  const { database_pid, redis_pid } = bench.servers;
  const stage: Stage = {
    bank,
    bare,
    client,
    on,
    off,
    worker,
    http: async (urls, connections, more = {}) => {
      await untilQuiet(bank);
      const watched = [
        { name: 'database', pid: database_pid },
        { name: 'Redis', pid: redis_pid },
        on,
        off,
        stage.worker,
      ];
      const load = () =>
        bench.load(bank, client, {
          kind: 'http',
          urls,
          connections,
          workload: 'spread',
          ...bench.timing,
          ...more,
        });
      const {
        value: {
          value: { value, use },
          cpu_seconds,
        },
        queue,
      } = await aroundQueue(urls, () =>
        aroundThreads(bank.urls.admin, database_pid, () => watching(watched, load)),
      );
      use.cores['load client'] = value.cpu_seconds / value.seconds;
      return { ...value, use, queue, database_us: perTransfer(cpu_seconds, value.accepted) };
    },
    procedure: async (batch_items, workload = 'spread') => {
      // The procedure alone: nothing of the bank beside it may be at work.
      await untilQuiet(bank);
      return bench.load(bare, bareClient, {
        kind: 'procedure',
        database_url: bare.urls.api,
        connections: 1,
        batch_items,
        workload,
        ...bench.timing,
      });
    },
    check: async () => {
      await untilQuiet(bank);
      for (const each of [bank, bare]) await checkBooks(each);
      report.print(`  books right: ${bank.expected} and ${bare.expected} transactions`);
    },
    close: async () => {
      for (const each of [client, bareClient]) each.stop();
      await Promise.all([on.stop(), off.stop(), stage.worker.stop()]);
      for (const each of [bank, bare]) await each.close();
    },
  };
  return stage;
}

function perTransfer(cpuSeconds: Record<string, number>, transfers: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(cpuSeconds).map(([user, seconds]) => [user, (seconds * 1e6) / transfers]),
  );
}

/** "cores busy: API 0.93, database 0.71; 45 items a batch, 6.1 ms; …": where the time goes. */
export function phasesText({ use, queue, database_us }: StageLoad): string {
  const cores = Object.entries(use.cores)
    .filter(([, value]) => value >= 0.005)
    .map(([name, value]) => `${name} ${value.toFixed(2)}`)
    .join(', ');
  const { items_per_batch, ms_per_batch, retries } = queue;
  const tried = retries > 0 ? `, ${retries} retries` : '';
  const statements = Object.entries(database_us)
    .filter(([, us]) => us >= 1)
    .map(([user, us]) => `${user} ${us.toFixed(0)}`)
    .join(', ');
  return (
    `cores busy: ${cores}; ${items_per_batch.toFixed(1)} items a batch, ${ms_per_batch.toFixed(1)} ms${tried}; ` +
    `database µs a transfer by user: ${statements || 'not told'}`
  );
}
