import type { Parameter, Row } from '../../src/database';
import { postBatch } from '../../src/posting';
import { ModelStore } from '../../worker/models/model-store';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { deposit, payment } from '../support/postings';
import { createWorkerBank, silent, type WorkerBank } from './worker-bank';

interface ModelRow {
  model_version: number;
  kind: string;
  trained_on: string;
  trained_rows: number;
  confirmed_frauds: number;
  learned_from: number;
  state: string;
  state_reason: string;
}

describe('the model store', () => {
  let bank: WorkerBank;
  let database: WorkerDatabase;
  const store = (kind = 'florin-forest') => new ModelStore(database, kind, silent);
  const prepare = (kind?: string) => store(kind).prepare();
  const models = () =>
    bank.owner.query<ModelRow>(
      `SELECT model_version, kind, trained_on, trained_rows, confirmed_frauds, learned_from, state, state_reason
       FROM risk_models ORDER BY model_version`,
    );

  beforeAll(async () => {
    bank = await createWorkerBank();
    database = new WorkerDatabase(bank.urls.worker, 4, new ConnectionState('the database', silent));
  });
  afterAll(async () => {
    await database.close();
    await bank.close();
  });

  it('trains a new bank on the baseline, once, and reads the model again', async () => {
    expect(await prepare()).toMatchObject({ version: 1, learned_from: 0 });
    expect((await prepare()).version).toBe(1);
    expect(await models()).toMatchObject([
      { kind: 'florin-forest', trained_on: 'baseline', state: 'active', learned_from: 0 },
    ]);
  });

  it('says nothing against a version when the database went away while it was read', async () => {
    class LosingDatabase extends WorkerDatabase {
      override query<T extends object = Row>(
        sql: string,
        parameters: readonly Parameter[] = [],
      ): Promise<T[]> {
        return sql.includes('SELECT model_blob')
          ? super.query<T>('KILL CONNECTION_ID()')
          : super.query<T>(sql, parameters);
      }
    }
    const losing = new LosingDatabase(bank.urls.worker, 4, new ConnectionState('the database', silent));
    try {
      await expect(new ModelStore(losing, 'florin-forest', silent).prepare()).rejects.toThrow();
    } finally {
      await losing.close();
    }
    expect(await models()).toMatchObject([{ model_version: 1, state: 'active' }]);
    expect((await prepare()).version).toBe(1);
  });

  it('trains a new version when the saved one cannot be read', async () => {
    await bank.owner.execute("UPDATE risk_models SET model_blob = 'broken' WHERE model_version = 1");
    expect((await prepare()).version).toBe(2);
    expect(await models()).toMatchObject([
      { state: 'refused', state_reason: 'it cannot be used: not a risk model' },
      { state: 'active' },
    ]);
  });

  it('keeps a model of each kind', async () => {
    const other = await prepare('ml-isolation-forest');
    expect(other.model.kind).toBe('ml-isolation-forest');
    expect((await prepare('ml-isolation-forest')).version).toBe(other.version);
    expect((await prepare()).version).toBe(2);
  });

  it('turns to the history once there is enough of it, and to what was confirmed in it', async () => {
    expect(await store().train('active', 'a try')).toBeNull();
    const { user_id } = await bank.createUser();
    const account = await bank.openAccount(user_id);
    const day = (index: number) => ({ effective_us: (Date.UTC(2025, 0, 1, 9) + index * 5_400_000) * 1000 });
    await postBatch(bank.pool, [deposit(account, 1_000_000_000n, day(0))]);
    const ids: string[] = [];
    for (let start = 0; start < 1_200; start += 400) {
      const items = Array.from({ length: 400 }, (_, index) =>
        payment(account, BigInt(500 + (((start + index) * 7_919) % 9_000)), day(start + index + 1)),
      );
      ids.push(...(await postBatch(bank.pool, items)).map(({ transaction_id }) => transaction_id ?? ''));
    }
    const labels = ids
      .slice(100, 127)
      .map((id, index) => `(${id}, ${index < 26 ? 'TRUE' : 'FALSE'}, 'test')`);
    await bank.owner.execute(
      `INSERT INTO fraud_labels (transaction_id, is_fraud, source) VALUES ${labels.join(', ')}`,
    );
    const { version, learned_from } = await prepare();
    expect({ version, learned_from }).toEqual({ version: 4, learned_from: 1_201 });
    expect((await models()).at(-1)).toMatchObject({
      trained_on: 'history',
      state: 'active',
      trained_rows: 1_201 - 26,
      confirmed_frauds: 26,
    });
    expect((await prepare()).version).toBe(4);
    expect((await models())[1]).toMatchObject({ state: 'retired' });
  });

  it('goes back to the last good version when the active one cannot be used', async () => {
    const next = await store().train('active', 'a newer one');
    expect(next?.version).toBe(5);
    await bank.owner.execute("UPDATE risk_models SET model_blob = 'FLRM' WHERE model_version = 5");
    expect((await prepare()).version).toBe(4);
    expect((await models()).slice(3)).toMatchObject([
      { state: 'active', state_reason: 'newer versions cannot be used' },
      { state: 'refused' },
    ]);
  });
});
