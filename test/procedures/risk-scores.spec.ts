import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import { deposit } from '../support/postings';
import { createBankPool } from '../../src/database';
import { readFeatures, type VerdictRecord, verdictsAsJson } from '../../src/risk';
import type { Pool } from 'mysql2/promise';

describe('sp_record_risk_scores', () => {
  let bank: TestBank;
  let worker: Pool;
  let transactions: string[];

  beforeAll(async () => {
    bank = await createTestBank();
    worker = createBankPool(bank.urls.worker, { connectionLimit: 2 });
  });
  afterAll(async () => {
    await worker.end();
    await bank.close();
  });
  beforeEach(async () => {
    const { user_id } = await bank.createUser();
    const account = await bank.openAccount(user_id);
    const outcomes = await postBatch(
      bank.pool,
      Array.from({ length: 12 }, () => deposit(account, 100n)),
    );
    transactions = outcomes.map((outcome) => outcome.transaction_id ?? '');
  });

  const record = async (scores: VerdictRecord[]) => {
    const [answer] = await worker.query('CALL sp_record_risk_scores(?)', [verdictsAsJson(scores)]);
    return Number((answer as unknown as { recorded: string }[][])[0]?.[0]?.recorded);
  };
  const score = (index: number, risk_score: number, more: Partial<VerdictRecord> = {}): VerdictRecord => ({
    transaction_id: transactions[index] ?? '',
    model_version: 1,
    risk_score,
    raw_score: 0.4,
    features: { amount: 1, hour: 23 },
    ...more,
  });
  const scored = () =>
    bank.owner.query(
      `SELECT risk_score, verdict, model_version FROM transaction_risk_scores
       WHERE transaction_id >= ? ORDER BY transaction_id, model_version`,
      [transactions[0]],
    );

  it('the verdict follows from the score, its bounds included', async () => {
    const bands: [number, string, string][] = [
      [0, '0.0000', 'SAFE'],
      [0.4999, '0.4999', 'SAFE'],
      [0.49994, '0.4999', 'SAFE'],
      [0.49996, '0.5000', 'SUSPICIOUS'],
      [0.5, '0.5000', 'SUSPICIOUS'],
      [0.7999, '0.7999', 'SUSPICIOUS'],
      [0.79996, '0.8000', 'CRITICAL'],
      [0.8, '0.8000', 'CRITICAL'],
      [1, '1.0000', 'CRITICAL'],
      [1.5, '1.0000', 'CRITICAL'],
      [-0.5, '0.0000', 'SAFE'],
    ];
    expect(await record(bands.map(([value], index) => score(index, value)))).toBe(bands.length);
    expect(await scored()).toEqual(
      bands.map(([, risk_score, verdict]) => ({ risk_score, verdict, model_version: 1 })),
    );
  });

  it('keeps the features, the raw score and whether it was degraded', async () => {
    await record([
      score(0, 0.9),
      score(1, 0.6, { degraded: 1, raw_score: null, model_version: 0, features: { reason: 'naïve ☕' } }),
    ]);
    const rows = await bank.owner.query(
      `SELECT features_used, raw_score, is_degraded, model_version FROM transaction_risk_scores
       WHERE transaction_id >= ? ORDER BY transaction_id`,
      [transactions[0]],
    );
    expect(rows).toEqual([
      { features_used: '{"amount":1,"hour":23}', raw_score: 0.4, is_degraded: 0, model_version: 1 },
      { features_used: '{"reason":"naïve ☕"}', raw_score: null, is_degraded: 1, model_version: 0 },
    ]);
  });

  it('keeps rules and reasons where there are any, and features of what is SAFE in short', async () => {
    const rules = [{ rule: 'velocity', version: 2, shadow: true as const }];
    const reasons = [{ kind: 'feature' as const, name: 'amount', text: 'an amount of 1 (90 %)', share: 0.9 }];
    const short = { type: 'transfer', amount: 1 };
    await record([
      score(0, 0.1, { features: short }),
      score(1, 0.1, { features: short, rules }),
      score(2, 0.7, { features: short, reasons }),
    ]);
    const rows = await bank.owner.query<Record<'rules_triggered' | 'reasons' | 'features_used', string>>(
      `SELECT rules_triggered, reasons, features_used FROM transaction_risk_scores
       WHERE transaction_id >= ? ORDER BY transaction_id`,
      [transactions[0]],
    );
    // MySQL gives a JSON column parsed, MariaDB as text.
    const parsed = (json: unknown): unknown => (typeof json === 'string' ? JSON.parse(json) : json);
    expect(rows.map((row) => [parsed(row.rules_triggered), parsed(row.reasons)])).toEqual([
      [null, null],
      [rules, null],
      [null, reasons],
    ]);
    expect(rows[0]?.features_used).toMatch(/^1\|transfer\|\|\|\|\|1\|/);
    expect(rows.map((row) => readFeatures(row.features_used))).toMatchObject([short, short, short]);
  });

  it('a second verdict of the same model is dropped, another model`s is kept', async () => {
    expect(await record([score(0, 0.1)])).toBe(1);
    expect(await record([score(0, 0.9), score(1, 0.2), score(1, 0.3)])).toBe(1);
    expect(await record([score(0, 0.9, { model_version: 2 })])).toBe(1);
    expect(await scored()).toEqual([
      { risk_score: '0.1000', verdict: 'SAFE', model_version: 1 },
      { risk_score: '0.9000', verdict: 'CRITICAL', model_version: 2 },
      { risk_score: '0.2000', verdict: 'SAFE', model_version: 1 },
    ]);
  });

  it('scores of unknown transactions and half-empty ones are dropped, their neighbours kept', async () => {
    const scores = [
      score(0, 0.1, { transaction_id: '999999999' }),
      score(1, Number.NaN),
      score(2, 0.1, { model_version: Number.NaN }),
      score(3, 0.3),
    ];
    expect(await record(scores)).toBe(1);
    expect(await scored()).toHaveLength(1);
    expect(await record([])).toBe(0);
  });

  it('an error that is no repeat is an error, and nothing is recorded', async () => {
    await bank.owner.execute(
      'ALTER TABLE transaction_risk_scores ADD CONSTRAINT ck_test_raw_score CHECK (raw_score < 1)',
    );
    await expect(record([score(0, 0.1), score(1, 0.1, { raw_score: 2 })])).rejects.toThrow(
      'ck_test_raw_score',
    );
    await bank.owner.execute('ALTER TABLE transaction_risk_scores DROP CONSTRAINT ck_test_raw_score');
    expect(await scored()).toEqual([]);
  });

  it('two workers with the same scores at once record each once', async () => {
    const scores = transactions.map((_, index) => score(index, 0.3));
    const counts = await Promise.all([record(scores), record([...scores].reverse())]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(transactions.length);
  });
});
