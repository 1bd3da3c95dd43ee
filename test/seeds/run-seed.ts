import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const SEED = join(__dirname, '..', '..', 'dist', 'src', 'cli', 'seed-demo.js');

export interface SeedRun {
  child: ChildProcess;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Starts the seed as `npm start` does: the built program in a process of its own. */
export function startSeed(ownerUrl: string, environment: NodeJS.ProcessEnv = {}): SeedRun {
  const child = spawn(process.execPath, [SEED], {
    env: { PATH: process.env.PATH, NODE_ENV: 'test', OWNER_DATABASE_URL: ownerUrl, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

export function runSeed(ownerUrl: string, environment?: NodeJS.ProcessEnv): SeedRun['ended'] {
  return startSeed(ownerUrl, environment).ended;
}

export interface PrintedLogin {
  username: string;
  role: string;
  password: string;
  pin: string;
}

/** The rows of the printed table, below its header line. */
export function printedLogins(stdout: string): PrintedLogin[] {
  const lines = stdout.split('\n');
  const header = lines.findIndex((line) => /^\s*username\s+role\s+password\s+PIN$/.test(line));
  return lines
    .slice(header + 1)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [username = '', role = '', password = '', pin = ''] = line.trim().split(/\s+/);
      return { username, role, password, pin };
    });
}
