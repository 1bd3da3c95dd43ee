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
  is_active: number;
}

describe('the model store', () => {
  let bank: WorkerBank;
  let database: WorkerDatabase;
  const prepare = (kind = 'florin-forest') => new ModelStore(database, kind, silent).prepare();
  const models = () =>
    bank.owner.query<ModelRow>(
      'SELECT model_version, kind, trained_on, trained_rows, is_active FROM risk_models ORDER BY model_version',
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
    expect((await prepare()).version).toBe(1);
    expect((await prepare()).version).toBe(1);
    expect(await models()).toMatchObject([{ kind: 'florin-forest', trained_on: 'baseline', is_active: 1 }]);
  });

  it('trains a new version when the saved one cannot be read', async () => {
    await bank.owner.execute("UPDATE risk_models SET model_blob = 'broken' WHERE model_version = 1");
    expect((await prepare()).version).toBe(2);
    expect(await models()).toMatchObject([{ is_active: 0 }, { is_active: 1 }]);
  });

  it('keeps a model of each kind', async () => {
    const other = await prepare('ml-isolation-forest');
    expect(other.model.kind).toBe('ml-isolation-forest');
    expect((await prepare('ml-isolation-forest')).version).toBe(other.version);
    expect((await prepare()).version).toBe(2);
  });

  it('turns to the history once there is enough of it', async () => {
    const { user_id } = await bank.createUser();
    const account = await bank.openAccount(user_id);
    const day = (index: number) => ({ effective_us: (Date.UTC(2025, 0, 1, 9) + index * 5_400_000) * 1000 });
    await postBatch(bank.pool, [deposit(account, 1_000_000_000n, day(0))]);
    for (let start = 0; start < 1_200; start += 400) {
      const items = Array.from({ length: 400 }, (_, index) =>
        payment(account, BigInt(500 + (((start + index) * 7_919) % 9_000)), day(start + index + 1)),
      );
      await postBatch(bank.pool, items);
    }
    const { version } = await prepare();
    expect(version).toBe(4);
    expect((await models()).at(-1)).toMatchObject({ trained_on: 'history', is_active: 1 });
    expect((await models()).at(-1)?.trained_rows).toBe(1_201);
    expect((await prepare()).version).toBe(4);
  });
});
