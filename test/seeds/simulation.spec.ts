import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createTestBank, type TestBank } from '../support/bank';
import { integrityProblems } from '../support/postings';

const SIMULATE = join(__dirname, '..', '..', 'dist', 'src', 'cli', 'simulate.js');
const SMALL = ['--customers=30', '--days=20', '--seed=5', '--fraud=0.01'];

interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

function simulate(bank: TestBank, words: string[], environment: NodeJS.ProcessEnv = {}): Promise<Run> {
  const child = spawn(process.execPath, [SIMULATE, ...words], {
    env: { PATH: process.env.PATH, NODE_ENV: 'test', OWNER_DATABASE_URL: bank.urls.owner, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const run: Run = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (run.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (run.stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...run, code }));
  });
}

describe('npm run simulate', () => {
  let bank: TestBank;
  const counts = async () => {
    const tables = [
      'users',
      'accounts',
      'merchants',
      'transactions',
      'ledger_entries',
      'fraud_labels',
      'outbox',
    ];
    const [row] = await bank.owner.query<Record<string, string>>(
      `SELECT ${tables.map((table) => `(SELECT COUNT(*) FROM ${table}) AS ${table}`).join(', ')}`,
    );
    return Object.fromEntries(Object.entries(row ?? {}).map(([table, count]) => [table, Number(count)]));
  };

  beforeAll(async () => {
    bank = await createTestBank();
  });
  afterAll(() => bank.close());

  it('posts a history with labels, and the ledger is sound', async () => {
    const { code, stdout, stderr } = await simulate(bank, SMALL);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Simulated:');
    expect(stdout).not.toContain('declined');
    const found = await counts();
    expect(found.users).toBe(30);
    expect(found.transactions).toBeGreaterThan(400);
    expect(found.fraud_labels).toBeGreaterThan(0);
    expect(await integrityProblems(bank.owner)).toEqual([]);
  });

  it('labels only what was found out by the end of the history, a week after it happened', async () => {
    const [row] = await bank.owner.query<{ newest: string; last_labelled: string; early: string }>(
      `SELECT (SELECT MAX(effective_at) FROM transactions) AS newest, MAX(t.effective_at) AS last_labelled,
         SUM(t.posted_at > l.labelled_at) AS early
       FROM fraud_labels l JOIN transactions t ON t.transaction_id = l.transaction_id
       WHERE l.source = 'simulator' AND l.is_fraud`,
    );
    const days = (Date.parse(`${row?.newest}Z`) - Date.parse(`${row?.last_labelled}Z`)) / 86_400_000;
    expect(days).toBeGreaterThan(7);
    expect(Number(row?.early)).toBe(0);
  });

  it('changes nothing when it is repeated', async () => {
    const before = await counts();
    const { code, stdout } = await simulate(bank, SMALL);
    expect(code).toBe(0);
    expect(stdout).toMatch(/transactions +0 \(\d/);
    expect(await counts()).toEqual(before);
  });

  it('makes other customers with another seed, and no labels when none are wanted', async () => {
    const before = await counts();
    const { code } = await simulate(bank, [...SMALL.slice(0, 2), '--seed=6', '--label-delay=none']);
    expect(code).toBe(0);
    const after = await counts();
    expect(after.users).toBe((before.users ?? 0) + 30);
    expect(after.fraud_labels).toBe(before.fraud_labels);
  });

  it('says what is wrong with its options', async () => {
    const tried = await Promise.all([
      simulate(bank, ['--days=7']),
      simulate(bank, ['--customers=many']),
      simulate(bank, ['--label-delay=soon']),
      simulate(bank, ['--frauds=1']),
    ]);
    expect(tried.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect(tried[0]?.stderr).toContain('--days: must be a whole number from 8 to 730');
    expect(tried[3]?.stderr).toContain('Usage: npm run simulate');
  });

  it('stays away from a bank in production unless it is forced', async () => {
    const before = await counts();
    const refused = await simulate(bank, SMALL, { NODE_ENV: 'production' });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('--force');
    expect((await simulate(bank, [...SMALL, '--force'], { NODE_ENV: 'production' })).code).toBe(0);
    expect(await counts()).toEqual(before);
  });
});
