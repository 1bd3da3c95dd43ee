import type { QueryRunner } from 'typeorm';
import { VelocityOfTenMinutes1764000061000 as VelocityOfTenMinutes } from '../../migrations/0061-velocity-of-ten-minutes';
import { postBatch } from '../../src/posting';
import type { Reason } from '../../src/risk';
import { baselineFeatures } from '../../worker/models/baseline';
import { toModelRow } from '../../worker/features/features';
import { florinForest } from '../../worker/models/isolation-forest';
import { RiskModel } from '../../worker/models/risk-model';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { Scorer } from '../../worker/scoring/scorer';
import { made, transfer } from '../support/postings';
import { createWorkerBank, silent, type WorkerBank } from './worker-bank';

const MINUTE_US = 60_000_000;
const NOON_US = Date.UTC(2026, 2, 11, 12) * 1000;
const SEED = 4;

describe('what a flagged transaction says', () => {
  let bank: WorkerBank;
  let database: WorkerDatabase;

  beforeAll(async () => {
    bank = await createWorkerBank();
    database = new WorkerDatabase(bank.urls.worker, 2, new ConnectionState('the database', silent));
  });
  afterAll(async () => {
    await database.close();
    await bank.close();
  });

  it('is the rules first, in words with numbers, then three contributions with what the customer is used to', async () => {
    const [sender, receiver] = await bank.twoAccounts(100_000_000n);
    const usual = Array.from({ length: 12 }, (_, week) =>
      transfer(sender, receiver, 5_000n, { effective_us: NOON_US - (12 - week) * 2 * 1_440 * MINUTE_US }),
    );
    const burst = Array.from({ length: 6 }, (_, index) =>
      transfer(sender, receiver, 5_000n, { effective_us: NOON_US - (9 - index) * MINUTE_US }),
    );
    const posted = await postBatch(bank.pool, [
      ...usual,
      ...burst,
      transfer(sender, receiver, 900_000n, { effective_us: NOON_US }),
    ]);
    const scorer = new Scorer(database, silent, { print: undefined });
    const model = RiskModel.fit(florinForest, baselineFeatures(SEED).map(toModelRow), SEED);
    scorer.useModel({ version: 1, model, learned_from: 5_000 });
    const id = made(posted.at(-1) as never);
    await scorer.score([id]);

    const [row] = await bank.owner.query<{ verdict: string; reasons: string | Reason[] }>(
      'SELECT verdict, reasons FROM transaction_risk_scores WHERE transaction_id = ?',
      [id],
    );
    expect(row?.verdict).not.toBe('SAFE');
    const reasons = typeof row?.reasons === 'string' ? (JSON.parse(row.reasons) as Reason[]) : row?.reasons;
    expect(reasons?.map(({ kind }) => kind)).toEqual(['rule', 'feature', 'feature', 'feature']);
    expect(reasons?.[0]).toMatchObject({
      name: 'velocity',
      text: '6 transactions in the 10 minutes before, limit 5',
    });
    const contributions = reasons?.slice(1) ?? [];
    const shares = contributions.map(({ share }) => share ?? 0);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1);
    for (const { text, share } of contributions)
      expect(text).toContain(`(${Math.round((share ?? 0) * 100)} %)`);
    expect(contributions.map(({ text }) => text).join('; ')).toContain('180 times the 30-day mean');
  });
});

describe('the velocity rule of a bank that has been there before', () => {
  const OLD = '{"fact":"sender_transactions_1h","op":"gte","value":10}';
  const OLD_TEMPLATE = '{sender_transactions_1h} transactions in the hour before';
  let bank: WorkerBank;

  beforeEach(async () => {
    bank = await createWorkerBank();
    await bank.owner.execute("UPDATE risk_rules SET name = 'velocity_of_now' WHERE name = 'velocity'");
    await bank.owner.execute("INSERT INTO risk_rules (name, status) VALUES ('velocity', 'active')");
    await addVersion(1, 'as it came');
  });
  afterEach(() => bank.close());

  const addVersion = (version: number, reason: string) =>
    bank.owner.execute(
      `INSERT INTO risk_rule_versions (rule_id, version, condition_tree, risk_floor, action, reason_template, owner, reason)
       SELECT rule_id, ?, ?, 0.6, 'score', ?, 'Fraud team', ? FROM risk_rules WHERE name = 'velocity'`,
      [version, OLD, OLD_TEMPLATE, reason],
    );
  const migrate = async (way: 'up' | 'down') => {
    const runner = {
      query: (sql: string, parameters: string[] = []) => bank.owner.execute(sql, parameters),
    } as unknown as QueryRunner;
    await new VelocityOfTenMinutes()[way](runner);
  };
  const current = async () => {
    const [row] = await bank.owner.query<{ version: number; template: string; versions: string }>(
      `SELECT v.version, v.reason_template AS template,
         (SELECT COUNT(*) FROM risk_rule_versions o WHERE o.rule_id = r.rule_id) AS versions
       FROM risk_rules r JOIN risk_rule_versions v ON v.rule_id = r.rule_id AND v.version = r.current_version
       WHERE r.name = 'velocity'`,
    );
    return { version: Number(row?.version), template: row?.template ?? '', versions: Number(row?.versions) };
  };

  it('gets a second version that counts ten minutes, and goes back and forth between both', async () => {
    await migrate('up');
    expect(await current()).toMatchObject({ version: 2, versions: 2 });
    expect((await current()).template).toContain('10 minutes');
    await migrate('down');
    expect(await current()).toEqual({ version: 1, versions: 2, template: OLD_TEMPLATE });
    await migrate('up');
    expect(await current()).toMatchObject({ version: 2, versions: 2 });
  });

  it('stays as it is where the bank has changed it', async () => {
    await addVersion(2, 'our own');
    await bank.owner.execute("UPDATE risk_rules SET current_version = 2 WHERE name = 'velocity'");
    await migrate('up');
    expect(await current()).toEqual({ version: 2, versions: 2, template: OLD_TEMPLATE });
  });
});
