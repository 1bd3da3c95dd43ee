import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestBank } from '../support/bank';

const ENTRY = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;

/** An API process of its own, as npm run start:api starts it: the built program, with the posting queue on. */
export interface ApiProcess {
  url: string;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
}

/** Starts an API process on a free port of `bank`. Nobody is slowed down by the limits on requests. */
export async function startApiProcess(bank: TestBank, settings: NodeJS.ProcessEnv = {}): Promise<ApiProcess> {
  const child = spawn(process.execPath, [ENTRY], {
    env: {
      PATH: process.env.PATH,
      ...bank.environment,
      RATE_LIMIT_MONEY_PER_MINUTE: '100000000',
      POSTING_QUEUE: 'on',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    url: await addressOf(child),
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  const last: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the API process ${why}:\n${last.join('\n')}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('did not become ready');
    }, READY_WITHIN_MS);
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(timer);
      fail('ended');
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        last.splice(0, last.length - 20);
        last.push(line);
        const [, url] = /^API on (\S+)/.exec(line) ?? [];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url.replace('[::1]', '127.0.0.1'));
      });
    }
  });
}
