import { statSync } from 'node:fs';
import { join } from 'node:path';
import { FreshClone, isRunning, type BankState } from './fresh-clone';

jest.setTimeout(240_000);

const PERSON = {
  username: 'launcher_witness',
  password: 'correct horse battery staple',
  email: 'witness@example.com',
  full_name: 'Launcher Witness',
  date_of_birth: '1990-01-31',
};

/** A bank from its first start on a fresh clone through a stop, another start, a kill and the recovery from it. */
describe('npm start on a fresh clone', () => {
  let clone: FreshClone;
  let firstOutput = '';

  beforeAll(() => {
    clone = new FreshClone();
  });

  afterAll(() => clone.remove());

  function bank(): BankState {
    const state = clone.state();
    if (!state) throw new Error('no bank runs');
    return state;
  }

  async function post(path: string, body: object): Promise<number> {
    const response = await fetch(`${bank().api_url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await response.text();
    return response.status;
  }

  const login = () => post('/auth/login', { username: PERSON.username, password: PERSON.password });

  async function untilChanged(name: string, oldPid: number): Promise<number> {
    for (;;) {
      const pid = bank().children.find((child) => child.name === name)?.pid ?? oldPid;
      if (pid !== oldPid && isRunning(pid)) return pid;
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  it('opens the bank and says where everything is', async () => {
    const launcher = clone.start();
    await launcher.open();
    firstOutput = launcher.output;
    const { api_url: url } = bank();
    expect(launcher.output).toContain(`API          ${url}`);
    expect(launcher.output).toContain(`${url}/docs`);
    expect(launcher.output).toMatch(/Demo logins +above, shown this once/);
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(200);
  });

  it('keeps its secrets to its owner', () => {
    expect(statSync(join(clone.folder, '.data')).mode & 0o777).toBe(0o700);
    for (const file of ['secrets.json', 'bank.json']) {
      expect(statSync(join(clone.folder, '.data', file)).mode & 0o777).toBe(0o600);
    }
  });

  it('lets commands find the bank, and leaves standard output to what they print', async () => {
    const { code, stdout } = await clone.run('run.mjs', ['dist/src/cli/sql.js', 'SELECT 1 AS one']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\n1\n' });
  });

  it('does not start a second bank on the same folder, and says where the first one is', async () => {
    const { code, stdout } = await clone.run('start.mjs');
    expect(code).toBe(1);
    expect(stdout).toContain('A bank already runs');
    expect(stdout).toContain(bank().api_url);
  });

  it('brings the worker back when it dies', async () => {
    const worker = bank().children.find((child) => child.name === 'worker');
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    expect(await untilChanged('worker', worker?.pid ?? 0)).not.toBe(worker?.pid);
  });

  it('stops everything in order on SIGTERM and leaves nothing running', async () => {
    expect(await post('/auth/register', PERSON)).toBe(201);
    const { launcher, children, api_url: url } = bank();
    process.kill(launcher.pid, 'SIGTERM');
    while (isRunning(launcher.pid)) await new Promise((done) => setTimeout(done, 50));
    expect(children.filter(({ pid }) => isRunning(pid))).toEqual([]);
    expect(clone.state()).toBeNull();
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  it('goes on with the same data when it is started again', async () => {
    const launcher = clone.start();
    await launcher.open();
    expect(launcher.output).not.toContain('Initialising');
    expect(launcher.output).toContain("shown at this bank's first start");
    expect(firstOutput).toContain('Initialising');
    expect(await login()).toBe(200);
  });

  it('cleans up after a launcher that was killed, and loses nothing', async () => {
    const before = bank();
    process.kill(before.launcher.pid, 'SIGKILL');
    while (isRunning(before.launcher.pid)) await new Promise((done) => setTimeout(done, 50));
    const launcher = clone.start();
    await launcher.open();
    expect(launcher.output).toContain('Cleaning up after a bank that was killed');
    expect(before.children.filter(({ pid }) => isRunning(pid))).toEqual([]);
    expect(await login()).toBe(200);
    launcher.signal('SIGINT');
    const { code, stdout } = await launcher.ended;
    const stops = [...stdout.matchAll(/Stopping (API|worker|Redis|MySQL|MariaDB)/g)].map(([, name]) => name);
    expect(stops.slice(0, 3)).toEqual(['API', 'worker', 'Redis']);
    expect(stops).toHaveLength(4);
    expect(code).toBe(0);
  });
});
