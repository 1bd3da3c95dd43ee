import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const REPOSITORY = resolve(__dirname, '..', '..');
const LAST_LINE_OF_OPENING = 'Ctrl-C stops everything in order.';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface BankState {
  launcher: { pid: number };
  children: { name: string; pid: number }[];
  api_url: string;
  AUDITOR_DATABASE_URL: string;
}

/** An environment as a newcomer has it: nothing of this test run, and a port for the API that is chosen for it. */
export function newcomersEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, API_PORT: '0', MYSQL_BUFFER_POOL: '128M', ...more };
  for (const key of [
    'NODE_ENV',
    'TEST_DATABASE_URL',
    'TEST_REDIS_URL',
    'DATABASE_URL',
    'REDIS_URL',
    'BANK_DATA_DIR',
  ]) {
    if (!(key in more)) delete env[key];
  }
  return env;
}

/** What a clone of this repository holds: the files that git knows, and none of what lies beside them. */
function copyTrackedFiles(target: string): void {
  const files = execFileSync('git', ['ls-files', '-z'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  for (const file of files.split('\0').filter((name) => name !== '' && existsSync(join(REPOSITORY, name)))) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(REPOSITORY, file), join(target, file));
  }
}

/** A clone in a temporary folder. To be quick it borrows the dependencies and, where its sources fit them, the build. */
export class FreshClone {
  readonly folder = mkdtempSync(join(tmpdir(), 'florin-clone-'));
  private readonly started: RunningLauncher[] = [];

  constructor() {
    copyTrackedFiles(this.folder);
    symlinkSync(join(REPOSITORY, 'node_modules'), join(this.folder, 'node_modules'));
    if (existsSync(join(REPOSITORY, 'dist'))) {
      cpSync(join(REPOSITORY, 'dist'), join(this.folder, 'dist'), { recursive: true });
    }
  }

  /** npm start. */
  start(more: Record<string, string> = {}): RunningLauncher {
    const launcher = new RunningLauncher(this.folder, newcomersEnvironment(more));
    this.started.push(launcher);
    return launcher;
  }

  /** A program of scripts/, run to its end. */
  run(script: string, words: string[] = [], more: Record<string, string> = {}): Promise<Ended> {
    return new RunningLauncher(this.folder, newcomersEnvironment(more), [`scripts/${script}`, ...words])
      .ended;
  }

  state(): BankState | null {
    const file = join(this.folder, '.data', 'bank.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BankState) : null;
  }

  /** Ends whatever a failed test has left, and removes everything. */
  async remove(): Promise<void> {
    const left = this.state()?.children ?? [];
    for (const launcher of this.started) {
      launcher.signal('SIGTERM');
      await launcher.ended;
    }
    for (const { pid } of left.filter((child) => isRunning(child.pid))) process.kill(-pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

export class RunningLauncher {
  readonly ended: Promise<Ended>;
  output = '';
  private readonly child: ChildProcess;
  private readonly listeners = new Set<() => void>();

  constructor(folder: string, env: NodeJS.ProcessEnv, words = ['scripts/start.mjs']) {
    this.child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    const hear = (text: string) => {
      this.output += text;
      for (const listener of this.listeners) listener();
    };
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => hear(((stdout += text), text)));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => hear(((stderr += text), text)));
    // 'exit' rather than 'close': programs that a killed launcher leaves behind hold its pipes open.
    this.ended = new Promise((done) =>
      this.child.once('exit', (code) => setTimeout(() => done({ code, stdout, stderr }), 100)),
    );
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Waits until a text has been printed. @throws with everything that was printed when the launcher ends before */
  printed(text: string): Promise<void> {
    return new Promise((done, fail) => {
      const look = () => this.output.includes(text) && done();
      this.listeners.add(look);
      look();
      void this.ended.then(() => fail(new Error(`ended without printing "${text}":\n${this.output}`)));
    });
  }

  async open(): Promise<void> {
    await this.printed(LAST_LINE_OF_OPENING);
  }
}

/** Whether a process lives; a zombie, which nobody has collected yet, does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return process.platform !== 'linux';
  }
}

/** Runs a few lines against the launcher's own modules, which are ES modules and need no dependencies. */
export function evaluate(code: string): unknown {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(REPOSITORY, 'scripts', 'lib'),
    encoding: 'utf8',
  });
  return JSON.parse(output) as unknown;
}
