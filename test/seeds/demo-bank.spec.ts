import { compare, getRounds } from 'bcrypt';
import { historyBefore } from '../../seeds/demo/calendar';
import { demoPlan } from '../../seeds/demo/demo-plan';
import { isFreeze, type PlannedPosting } from '../../seeds/demo/plan';
import { createTestBank, type TestBank } from '../support/bank';
import { createWorkerBank, eventually, type WorkerBank } from '../worker/worker-bank';
import { printedLogins, runSeed, startSeed } from './run-seed';

interface Credentials {
  username: string;
  role: string;
  password_hash: string;
  pin_hash: string | null;
}

/** Checks the whole table, and the passwords and PINs of `tried`: each check takes bcrypt a fifth of a second. */
async function expectLoginsToWork(
  bank: TestBank,
  stdout: string,
  tried: readonly string[] = ['bob', 'admin'],
): Promise<void> {
  const rows = await bank.owner.query<Credentials>(
    'SELECT u.username, u.role, c.password_hash, c.pin_hash FROM users u JOIN user_credentials c ON c.user_id = u.user_id',
  );
  const logins = printedLogins(stdout);
  expect(logins.map(({ username, role }) => `${username} ${role}`).sort()).toEqual(
    rows.map(({ username, role }) => `${username} ${role}`).sort(),
  );
  const checks = logins
    .filter(({ username }) => tried.includes(username))
    .map(async ({ username, password, pin }) => {
      const row = rows.find((candidate) => candidate.username === username);
      expect(getRounds(row?.password_hash ?? '')).toBe(12);
      expect(await compare(password, row?.password_hash ?? '')).toBe(true);
      if (pin === 'none') expect(row?.pin_hash).toBeNull();
      else expect(await compare(pin, row?.pin_hash ?? '')).toBe(true);
    });
  await Promise.all(checks);
}

/** One number or text for everything that a run of the seed could change. */
async function fingerprint(bank: TestBank): Promise<unknown> {
  const counts = [
    'users',
    'accounts',
    'cards',
    'merchants',
    'customer_profiles',
    'transactions',
    'ledger_entries',
    'holds',
    'hold_events',
    'declined_transactions',
    'idempotency_keys',
    'fraud_labels',
    'system_audit_logs',
    'outbox',
  ];
  const columns = counts.map((table) => `(SELECT COUNT(*) FROM ${table}) AS ${table}`).join(', ');
  return {
    counts: await bank.owner.query(`SELECT ${columns}`),
    accounts: await bank.owner.query(
      'SELECT account_id, status, balance_minor, held_minor, version FROM accounts ORDER BY account_id',
    ),
    credentials: await bank.owner.query('SELECT * FROM user_credentials ORDER BY user_id'),
    settings: await bank.owner.query('SELECT * FROM bank_settings ORDER BY setting_key'),
  };
}

async function expectPlannedHistory(bank: TestBank): Promise<void> {
  const [setting] = await bank.owner.query<{ setting_value: string }>(
    "SELECT setting_value FROM bank_settings WHERE setting_key = 'demo_history_end'",
  );
  const plan = demoPlan(historyBefore(Date.parse(setting?.setting_value ?? '')));
  const items = plan.steps.filter((step): step is PlannedPosting => !isFreeze(step));
  const posted = items.filter(
    ({ type, expected }) => expected === 'OK' && !['hold', 'void', 'expire'].includes(type),
  );
  const [found] = await bank.owner.query(
    `SELECT (SELECT COUNT(*) FROM transactions) AS transactions, (SELECT COUNT(*) FROM idempotency_keys) AS decided,
       (SELECT COUNT(*) FROM declined_transactions) AS declined, (SELECT COUNT(*) FROM fraud_labels) AS frauds,
       (SELECT COUNT(*) FROM accounts WHERE status = 'frozen') AS frozen`,
  );
  expect(found).toEqual({
    transactions: String(posted.length),
    decided: String(items.length),
    declined: String(items.filter(({ expected }) => expected !== 'OK').length),
    frauds: String(items.filter(({ is_fraud }) => is_fraud).length),
    frozen: '1',
  });
}

describe('the demo bank', () => {
  let bank: TestBank;
  let first: Awaited<ReturnType<typeof runSeed>>;

  beforeAll(async () => {
    bank = await createTestBank();
    first = await runSeed(bank.urls.owner);
  });
  afterAll(() => bank.close());

  it('prints a login for everybody, which works', async () => {
    expect(first.code).toBe(0);
    expect(first.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('posted '))).toEqual([]);
    expect(first.stdout).toContain('shown this once');
    const everybody = printedLogins(first.stdout).map(({ username }) => username);
    expect(everybody).toHaveLength(11);
    await expectLoginsToWork(bank, first.stdout, everybody);
  });

  it('has customers, an auditor, an analyst and an administrator, with their standing', async () => {
    const roles = await bank.owner.query(
      'SELECT role, COUNT(*) AS people FROM users GROUP BY role ORDER BY role',
    );
    expect(roles).toEqual([
      { role: 'admin', people: '1' },
      { role: 'analyst', people: '1' },
      { role: 'auditor', people: '1' },
      { role: 'customer', people: '8' },
    ]);
    const [pending] = await bank.owner.query(
      "SELECT COUNT(*) AS count FROM users WHERE kyc_status = 'pending'",
    );
    expect(pending).toEqual({ count: '1' });
    const [name] = await bank.owner.query("SELECT full_name FROM users WHERE username = 'priya'");
    expect(name).toEqual({ full_name: 'प्रिया शर्मा' });
  });

  it('writes telephone numbers as the API does', async () => {
    const numbers = await bank.owner.query<{ phone_number: string }>('SELECT phone_number FROM users');
    expect(numbers.filter(({ phone_number }) => !/^\+\d{7,15}$/.test(phone_number))).toEqual([]);
  });

  it('keeps no card number', async () => {
    const cards = await bank.owner.query<{ pan_hash: Buffer }>(
      'SELECT pan_first_six, pan_last_four, pan_hash FROM cards',
    );
    expect(cards.length).toBeGreaterThan(0);
    expect(cards.every(({ pan_hash }) => pan_hash.length === 32)).toBe(true);
  });

  it('posted its history as planned', () => expectPlannedHistory(bank));

  it('has a healthy ledger', async () => {
    expect(await bank.owner.query('SELECT * FROM vw_ledger_integrity_check')).toEqual([]);
  });

  it.each(['USD', 'EUR', 'INR'])('balances its books in %s, with equity', async (currency) => {
    const rows = await bank.owner.query<{ category: string; total_amount: string }>(
      'SELECT category, total_amount FROM vw_balance_sheet WHERE currency = ?',
      [currency],
    );
    const total = (category: string) =>
      BigInt(rows.find((row) => row.category === category)?.total_amount.replace('.', '') ?? '0');
    expect(total('assets')).toBe(total('liabilities') + total('equity'));
    expect(total('equity')).toBeGreaterThan(0n);
    expect(total('liabilities')).toBeGreaterThan(0n);
    const income = await bank.owner.query<{ account_type: string }>(
      `SELECT account_type FROM vw_trial_balance WHERE currency = ? AND debit_total + credit_total > 0
       AND account_type IN ('fee_income', 'interest_income', 'interest_expense')`,
      [currency],
    );
    expect(income).toHaveLength(3);
  });

  it('looks back on three full months and more, and not into the future', async () => {
    const [span] = await bank.owner.query<{ first: string; last: string; months: string }>(
      `SELECT MIN(effective_at) AS first, MAX(effective_at) AS last,
         COUNT(DISTINCT DATE_FORMAT(effective_at, '%Y-%m')) AS months FROM transactions`,
    );
    const days = (Date.parse(`${span?.last}Z`) - Date.parse(`${span?.first}Z`)) / 86_400_000;
    expect(days).toBeGreaterThan(88);
    expect(days).toBeLessThan(124);
    expect(Number(span?.months)).toBeGreaterThanOrEqual(3);
    const [late] = await bank.owner.query(
      'SELECT COUNT(*) AS count FROM transactions WHERE effective_at > posted_at',
    );
    expect(late).toEqual({ count: '0' });
  });

  it('has holds in every state and something flagged in every currency', async () => {
    const states = await bank.owner.query<{ status: string }>(
      'SELECT DISTINCT status FROM holds ORDER BY status',
    );
    expect(states.map(({ status }) => status)).toEqual(['active', 'captured', 'expired', 'voided']);
    const flagged = await bank.owner.query<{ currency: string }>(
      'SELECT DISTINCT currency FROM vw_flagged_transactions ORDER BY currency',
    );
    expect(flagged.map(({ currency }) => currency)).toEqual(['EUR', 'INR', 'USD']);
  });

  it('changes nothing and prints nothing when it is there already', async () => {
    const before = await fingerprint(bank);
    expect(await runSeed(bank.urls.owner)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await fingerprint(bank)).toEqual(before);
  });

  it('prints new logins when the first run ended before it could be sure that they were seen', async () => {
    await bank.owner.execute("DELETE FROM bank_settings WHERE setting_key = 'demo_completed_at'");
    const again = await runSeed(bank.urls.owner);
    expect(again.code).toBe(0);
    await expectLoginsToWork(bank, again.stdout);
    await expectPlannedHistory(bank);
  });
});

describe('the demo bank, scored', () => {
  let bank: WorkerBank;

  beforeAll(async () => {
    bank = await createWorkerBank();
    await runSeed(bank.urls.owner);
    await bank.startWorker();
    await eventually(async () => {
      const [row] = await bank.owner.query<{ waiting: string }>(
        `SELECT COUNT(*) AS waiting FROM transactions t LEFT JOIN transaction_risk_scores s
           ON s.transaction_id = t.transaction_id WHERE s.transaction_id IS NULL`,
      );
      return row?.waiting === '0';
    });
  });
  afterAll(() => bank.close());

  it('has verdicts of all three kinds, and hardly anything ordinary is suspicious', async () => {
    const rows = await bank.owner.query<{ verdict: string; found: string }>(
      `SELECT s.verdict, COUNT(*) AS found FROM transaction_risk_scores s
       LEFT JOIN fraud_labels f ON f.transaction_id = s.transaction_id
       WHERE f.transaction_id IS NULL GROUP BY s.verdict`,
    );
    const found = new Map(rows.map((row) => [row.verdict, Number(row.found)]));
    expect([...found.keys()].sort()).toEqual(['CRITICAL', 'SAFE', 'SUSPICIOUS']);
    const all = [...found.values()].reduce((sum, count) => sum + count, 0);
    expect((found.get('SUSPICIOUS') ?? 0) / all).toBeLessThan(0.015);
  });

  it('leads its list with what happened at night, not with the capital of the bank', async () => {
    const flagged = await bank.owner.query<{ description: string; verdict: string }>(
      'SELECT description, verdict FROM vw_flagged_transactions',
    );
    expect(flagged.slice(0, 2).map(({ verdict }) => verdict)).toEqual(['CRITICAL', 'CRITICAL']);
    expect(flagged.slice(0, 2).map(({ description }) => description)).toEqual(
      expect.arrayContaining(['Safe account, case 4471', 'Urgent, please confirm']),
    );
    const capital = flagged.filter(({ description }) => description === 'Share capital paid in');
    expect(capital.map(({ verdict }) => verdict)).toEqual(['SAFE', 'SAFE', 'SAFE']);
  });
});

describe('making the demo bank', () => {
  let bank: TestBank;

  beforeEach(async () => {
    bank = await createTestBank();
  });
  afterEach(() => bank.close());

  async function countOf(table: 'users' | 'transactions'): Promise<number> {
    const [row] = await bank.owner.query<{ count: string }>(`SELECT COUNT(*) AS count FROM ${table}`);
    return Number(row?.count);
  }

  it.each([
    ['once people are there', 'users', 1],
    ['in the middle of the history', 'transactions', 400],
  ] as const)('is completed by the next run when it was killed %s', async (_when, table, enough) => {
    const interrupted = startSeed(bank.urls.owner);
    while (interrupted.child.exitCode === null && (await countOf(table)) < enough) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    interrupted.child.kill('SIGKILL');
    expect(await interrupted.ended).toMatchObject({ code: null, stdout: '' });

    const next = await runSeed(bank.urls.owner);
    expect(next.code).toBe(0);
    await expectLoginsToWork(bank, next.stdout);
    await expectPlannedHistory(bank);
    expect(await bank.owner.query('SELECT * FROM vw_ledger_integrity_check')).toEqual([]);
  });

  it('is done once when two programs try at the same time', async () => {
    const runs = await Promise.all([runSeed(bank.urls.owner), runSeed(bank.urls.owner)]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    const printed = runs.filter(({ stdout }) => stdout !== '');
    expect(printed).toHaveLength(1);
    await expectLoginsToWork(bank, printed[0]?.stdout ?? '');
    await expectPlannedHistory(bank);
  });

  it('is refused in production', async () => {
    const refused = await runSeed(bank.urls.owner, { NODE_ENV: 'production' });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^The demo bank .* NODE_ENV=production\.\n$/);
    expect(await countOf('users')).toBe(0);
  });

  it('leaves a bank alone that has users of its own', async () => {
    await bank.createUser({ username: 'alice' });
    const left = await runSeed(bank.urls.owner);
    expect(left).toMatchObject({ code: 0, stdout: '' });
    expect(left.stderr).toContain('users of its own');
    expect(await countOf('users')).toBe(1);
    expect(await countOf('transactions')).toBe(0);
  });
});
