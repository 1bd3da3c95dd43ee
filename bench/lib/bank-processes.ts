import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchBank } from './bench-bank';

const ROOT = join(__dirname, '..', '..', '..');
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;

/** A process of the bank, as npm run start:api and start:worker start it. */
export interface BankProcess {
  name: string;
  pid: number;
  stop(): Promise<void>;
}

export interface ApiProcess extends BankProcess {
  url: string;
}

/** Starts an API process on a free port with the bank's own defaults; only the limit on requests a user is lifted. */
export async function startApi(
  bank: BenchBank,
  name: string,
  { profile = false, env = {} }: { profile?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<ApiProcess> {
  const child = start('dist/src/main.js', profile, {
    ...bank.secrets,
    DATABASE_URL: bank.urls.api,
    REDIS_URL: bank.redis_url,
    API_PORT: '0',
    RATE_LIMIT_MONEY_PER_MINUTE: '50000000',
    ...env,
  });
  const line = await untilLine(child, name, (text) => /^API on /.test(text));
  return { ...stoppable(child, name), url: line.replace('API on ', '').replace('[::1]', '127.0.0.1') };
}

/**
 * Starts a worker process and waits until it is ready; its console lines go nowhere, but are written. It judges and raises alerts,
 * but holds nothing back: thousands of transfers a second among 50 customers do look like fraud.
 */
export async function startWorker(bank: BenchBank, more: NodeJS.ProcessEnv = {}): Promise<BankProcess> {
  const child = start('dist/worker/main.js', false, {
    DATABASE_URL: bank.urls.worker,
    REDIS_URL: bank.redis_url,
    RISK_ACTIONS: 'off',
    ...more,
  });
  await untilLine(child, 'the worker', (text) => text.includes('the worker is ready'));
  return stoppable(child, 'worker');
}

function start(entry: string, profile: boolean, env: NodeJS.ProcessEnv): ChildProcess {
  const out = join(ROOT, 'bench', 'out');
  if (profile) mkdirSync(out, { recursive: true });
  const words = profile ? ['--cpu-prof', `--cpu-prof-dir=${out}`] : [];
  return spawn(process.execPath, [...words, join(ROOT, entry)], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function untilLine(child: ChildProcess, name: string, isReady: (line: string) => boolean): Promise<string> {
  const last: string[] = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not become ready`)), READY_WITHIN_MS);
    const onLine = (line: string) => {
      last.push(line);
      if (last.length > 20) last.shift();
      if (isReady(line)) {
        clearTimeout(timer);
        resolve(line);
      }
    };
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', onLine);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`${name} ended:\n${last.join('\n')}`));
    });
  });
}

function stoppable(child: ChildProcess, name: string): BankProcess {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    name,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
