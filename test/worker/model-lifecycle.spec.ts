import { postBatch } from '../../src/posting';
import { riskOfRarity } from '../../worker/models/calibration';
import { limitForColdStart } from '../../worker/models/cold-start';
import { LIFECYCLE_OPTIONS, type LifecycleOptions } from '../../worker/models/model-lifecycle';
import { deposit, payment } from '../support/postings';
import { createWorkerBank, EAGER_SWEEP, eventually, untilScored, type WorkerBank } from './worker-bank';

interface ModelRow {
  model_version: number;
  state: string;
  state_reason: string | null;
  trained_because: string | null;
  learned_from: number;
  measures: { transactions: number; alert_rate: number | null; measured_at: string } | string | null;
}

const QUICK: LifecycleOptions = {
  ...LIFECYCLE_OPTIONS,
  look_ms: 50,
  check_ms: 100,
  measure_ms: 100,
  shadow: { transactions: 60, time_s: 86_400 },
};

describe("the life of the model's versions", () => {
  let bank: WorkerBank;
  let account: string;
  let hours = 0;
  const models = async () =>
    (
      await bank.owner.query<ModelRow>(
        `SELECT model_version, state, state_reason, trained_because, learned_from, measures
         FROM risk_models ORDER BY model_version`,
      )
    ).map((row) => ({
      ...row,
      measures:
        typeof row.measures === 'string'
          ? (JSON.parse(row.measures) as { transactions: number; alert_rate: number | null })
          : row.measures,
    }));
  const inState = (version: number, state: string) =>
    eventually(async () =>
      (await models()).find((row) => row.model_version === version && row.state === state),
    );
  const pay = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let left = count; left > 0; left -= 400) {
      const items = Array.from({ length: Math.min(left, 400) }, () => {
        hours += 1;
        return payment(account, BigInt(500 + ((hours * 7_919) % 9_000)), {
          effective_us: (Date.UTC(2025, 0, 1, 9) + hours * 5_400_000) * 1000,
        });
      });
      ids.push(...(await postBatch(bank.pool, items)).map(({ transaction_id }) => transaction_id ?? ''));
    }
    return ids;
  };
  const versionsOf = async (ids: string[]) =>
    new Set((await untilScored(bank, ids)).map(({ model_version }) => model_version));
  const start = (options = QUICK) => bank.startWorker({ sweep: EAGER_SWEEP, model_lifecycle: options });
  const ask = (reason: string) => bank.owner.call('sp_ask_model_training', [reason]);

  beforeAll(async () => {
    bank = await createWorkerBank();
    const { user_id } = await bank.createUser();
    account = await bank.openAccount(user_id);
    await postBatch(bank.pool, [
      deposit(account, 1_000_000_000n, { effective_us: Date.UTC(2025, 0, 1) * 1000 }),
    ]);
  });
  afterAll(() => bank.close());

  it('begins with rules alone, whatever the baseline finds odd', async () => {
    await expect(ask('too early')).rejects.toThrow('RISK_MODEL_TOO_LITTLE_HISTORY');
    const worker = await start();
    const scores = await untilScored(bank, await pay(100));
    for (const { risk_score, raw_score, is_degraded } of scores) {
      expect({ risk_score, is_degraded }).toEqual({ risk_score: '0.0000', is_degraded: 0 });
      expect(raw_score).toBeGreaterThan(0);
    }
    await worker.stop();
  });

  it('turns to the history while it runs, and says SUSPICIOUS at most', async () => {
    await pay(1_000);
    await start();
    expect(await inState(2, 'active')).toMatchObject({ learned_from: 1_101 });
    expect((await models())[0]).toMatchObject({ state: 'retired' });
    await eventually(async () => (await versionsOf(await pay(1))).has(2));
    const burst = Array.from({ length: 5 }, (_, index) =>
      payment(account, 990_000n, {
        effective_us: (Date.UTC(2025, 0, 1, 9) + (hours + 1) * 5_400_000 + index * 1_000) * 1000,
      }),
    );
    const ids = (await postBatch(bank.pool, burst)).map(({ transaction_id }) => transaction_id ?? '');
    const score = (await untilScored(bank, ids)).at(-1);
    // Below every rule's limit: the model alone finds it odd.
    expect(score?.rules).toEqual([]);
    expect(score?.verdict).toBe('SUSPICIOUS');
    const [rarity] = await bank.owner.query<{ p_value: number }>(
      'SELECT p_value FROM transaction_risk_scores WHERE transaction_id = ?',
      [ids.at(-1) ?? ''],
    );
    expect(rarity?.p_value).toBeLessThan(0.001);
  });

  it('lets a version shadow that was asked for, and puts it in force when its alerts are within the budget', async () => {
    await ask('more is known');
    expect(await inState(3, 'shadow')).toMatchObject({ trained_because: 'asked for: more is known' });
    await eventually(async () => {
      const [score] = await untilScored(bank, await pay(1));
      return score?.features_used.shadow_version === 3;
    });
    const ids = await pay(100);
    const shadowed = (await untilScored(bank, ids)).filter(
      (score) => score.features_used.shadow_version === 3,
    );
    expect(shadowed.length).toBeGreaterThan(0);
    for (const { model_version, features_used } of shadowed) {
      expect(model_version).toBe(2);
      expect(features_used.shadow_risk).toBeGreaterThanOrEqual(0);
    }
    const taken = await inState(3, 'active');
    expect(taken.state_reason).toMatch(/^alert rate .* budget 1.00 %$/);
    expect(taken.measures?.transactions).toBeGreaterThanOrEqual(60);
    expect((await models())[1]).toMatchObject({ state: 'retired', state_reason: 'version 3 judges' });
    await eventually(async () => (await versionsOf(await pay(1))).has(3));
  });

  it('rolls back with one call, without a restart, and the change is audited', async () => {
    await bank.owner.call('sp_activate_risk_model', [2, 'version 3 disappoints']);
    await eventually(async () => (await versionsOf(await pay(1))).has(2));
    expect((await models()).map(({ state }) => state)).toEqual(['retired', 'active', 'retired']);
    const [audit] = await bank.owner.query<{ new_values: unknown }>(
      "SELECT new_values FROM system_audit_logs WHERE table_name = 'risk_models' ORDER BY audit_id DESC LIMIT 1",
    );
    expect(JSON.stringify(audit?.new_values)).toContain('version 3 disappoints');
  });

  it('keeps the last good version when the one put in force cannot be used', async () => {
    await bank.owner.execute("UPDATE risk_models SET model_blob = 'broken' WHERE model_version = 3");
    await bank.owner.call('sp_activate_risk_model', [3, 'once more']);
    const ids = await pay(30);
    expect(await versionsOf(ids)).toEqual(new Set([2]));
    await bank.owner.call('sp_activate_risk_model', [2, 'back again']);
  });

  it('calibrates to the budget that the bank sets, without a training', async () => {
    await bank.owner.call('sp_set_alert_budget', [0.2, 0.05, 'Many analysts']);
    const budget = { review_share: 0.2, block_share: 0.05 };
    const riskBy = ({ p_value }: { p_value: number }, shares?: typeof budget) =>
      limitForColdStart(riskOfRarity(-Math.log10(p_value), shares), 1_101);
    const verdict = await eventually(async () => {
      const [id] = await pay(1);
      const [score] = await untilScored(bank, [id ?? '']);
      const [row] = await bank.owner.query<{ p_value: number }>(
        'SELECT p_value FROM transaction_risk_scores WHERE transaction_id = ?',
        [id ?? ''],
      );
      if (!score || !row || score.rules.length > 0) return false;
      const risk = Number(score.risk_score);
      return Math.abs(risk - riskBy(row)) > 0.01 && { risk, expected: riskBy(row, budget) };
    });
    expect(verdict.risk).toBeCloseTo(verdict.expected, 3);
    await bank.owner.call('sp_set_alert_budget', [0.01, 0.001, 'As before']);
  });

  it('measures what the active version does', async () => {
    const active = await eventually(async () =>
      (await models()).find(({ state, measures }) => state === 'active' && (measures?.transactions ?? 0) > 0),
    );
    expect(active.measures).toMatchObject({ alert_rate: expect.any(Number) });
  });

  it('refuses what is no version, or was refused', async () => {
    await bank.owner.execute("UPDATE risk_models SET state = 'refused' WHERE model_version = 1");
    await expect(bank.owner.call('sp_activate_risk_model', [99, 'x'])).rejects.toThrow(
      'RISK_MODEL_NOT_FOUND',
    );
    await expect(bank.owner.call('sp_activate_risk_model', [1, 'x'])).rejects.toThrow('RISK_MODEL_REFUSED');
  });
});
