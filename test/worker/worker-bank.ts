import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { loadWorkerEnvironment, type WorkerEnvironment } from '../../src/config/environment';
import { readFeatures } from '../../src/risk';
import { FraudWorker, type FraudWorkerOptions } from '../../worker/fraud-worker';
import { createTestBank, type TestBank } from '../support/bank';

export const silent = pino({ level: 'silent' });

/** Settings of a worker on the test bank, as its least-privileged database user. */
export function workerEnvironment(bank: TestBank, more: NodeJS.ProcessEnv = {}): WorkerEnvironment {
  return loadWorkerEnvironment({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: bank.urls.worker,
    REDIS_URL: bank.redisUrl,
    DATABASE_POOL_SIZE: '6',
    ALLOW_UNSAFE_DURABILITY: 'true',
    SCORING_CONCURRENCY: '64',
    SCORING_LOG: 'false',
    ...more,
  });
}

/** A sweep that does not wait for anything to grow old. */
export const EAGER_SWEEP = { interval_ms: 200, grace_s: 0, overlap_s: 0, page_size: 100 };

export interface WorkerBank extends TestBank {
  /** Starts a worker that is stopped with the bank, or by the caller. */
  startWorker(options?: FraudWorkerOptions, more?: NodeJS.ProcessEnv): Promise<FraudWorker>;
  /** Two accounts of one customer, the first one funded. */
  twoAccounts(balance?: bigint): Promise<[string, string]>;
}

export async function createWorkerBank(): Promise<WorkerBank> {
  const bank = await createTestBank();
  const workers: FraudWorker[] = [];
  return {
    ...bank,
    startWorker: async (options, more) => {
      const worker = new FraudWorker(workerEnvironment(bank, more), silent, options);
      workers.push(worker);
      await worker.start();
      return worker;
    },
    twoAccounts: async (balance = 1_000_000n) => {
      const { user_id } = await bank.createUser();
      return [await bank.openAccount(user_id, { balance }), await bank.openAccount(user_id)];
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await bank.close();
    },
  };
}

export interface Score {
  transaction_id: string;
  model_version: number;
  risk_score: string;
  verdict: string;
  raw_score: number | null;
  features_used: Record<string, unknown>;
  /** Names of the rules that applied, in shadow or not. */
  rules: string[];
  is_degraded: number;
}

/** The stored verdicts on the transactions, in ascending order. MariaDB gives JSON as text. */
export async function scoresOf(bank: TestBank, transactionIds: readonly string[]): Promise<Score[]> {
  const rows = await bank.owner.query<Score & { rules_triggered: unknown }>(
    `SELECT transaction_id, model_version, risk_score, verdict, raw_score, features_used, rules_triggered, is_degraded
     FROM transaction_risk_scores WHERE transaction_id IN (?) ORDER BY transaction_id, model_version`,
    [transactionIds as unknown as string],
  );
  const parsed = (json: unknown): unknown => (typeof json === 'string' ? JSON.parse(json) : json);
  return rows.map(({ rules_triggered, ...row }) => ({
    ...row,
    transaction_id: String(row.transaction_id),
    features_used: readFeatures(row.features_used),
    rules: ((parsed(rules_triggered) ?? []) as { rule: string }[]).map(({ rule }) => rule),
  }));
}

/** Waits until `find` gives something. The test's own timeout ends it. */
export async function eventually<T>(find: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const found = await find();
    if (found) return found;
    await sleep(25);
  }
}

/** Waits until each of the transactions has a verdict. */
export function untilScored(bank: TestBank, transactionIds: readonly string[]): Promise<Score[]> {
  return eventually(async () => {
    const scores = await scoresOf(bank, transactionIds);
    return (
      new Set(scores.map((score) => score.transaction_id)).size >= new Set(transactionIds).size && scores
    );
  });
}

export async function countOf(
  bank: TestBank,
  table: 'outbox' | 'risk_models' | 'transaction_risk_scores',
): Promise<number> {
  const [row] = await bank.owner.query<{ found: string }>(`SELECT COUNT(*) AS found FROM ${table}`);
  return Number(row?.found ?? 0);
}
