import { parseSigningKey, type SealSigningKey } from '../../src/seal';
import { FraudWorker } from '../../worker/fraud-worker';
import { eventually, silent, workerEnvironment } from '../worker/worker-bank';
import { rebuildChain } from './attacker';
import { createSealBank, dropTriggers, freshSigningKey, type SealBank } from './seal-bank';

/** The worker signs in good faith what it finds: an attack that lets it sign a changed past. */
describe('the worker`s own signature over a chain that was tampered with', () => {
  let bank: SealBank;
  let ids: string[];

  beforeEach(async () => {
    bank = await createSealBank();
    ids = await bank.post(40);
    await bank.seal(10);
    await dropTriggers(bank.root);
  });
  afterEach(() => bank?.close());

  const id = (index: number): string => ids[index] ?? '';
  const tamper = (sql: string, parameters: unknown[] = []) => bank.root.query(sql, parameters);

  it('the end was cut off, and the bank sealed the changed rows anew: the first block that is too young is named', async () => {
    const heads = [await bank.head(2), await bank.head()];
    const cut = await bank.head(3);
    await tamper(
      'UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE transaction_id = ? AND leg = 1',
      [id(39)],
    );
    await tamper('DELETE FROM seal_blocks WHERE block_id > 3');
    await bank.seal(10);
    expect((await bank.verify({ pinnedKeys: [bank.signingKey.publicKey] })).findings_count).toBe(0);
    const { findings, matching_heads } = await bank.verify({ heads });
    expect(matching_heads).toEqual(['head-2.json']);
    expect(findings).toMatchObject([
      {
        problem: 'head_differs',
        block_id: 4,
        row: { kind: 'transaction', id: String(BigInt(cut.statement.transactions_until_id) + 1n) },
      },
    ]);
  });

  it('a keeper that has seen the end does not seal over a cut', async () => {
    const keeper = bank.keeper();
    await bank.post(5);
    await keeper.step(new AbortController().signal);
    const blocks = await bank.blockCount();
    await tamper('DELETE FROM seal_blocks WHERE block_id = ?', [blocks]);
    await bank.post(5);
    await keeper.step(new AbortController().signal);
    expect(await bank.blockCount()).toBe(blocks - 1);
  });

  it('a keeper does not build on a block that it did not sign', async () => {
    await tamper('DELETE FROM ledger_entries WHERE transaction_id = ?', [id(39)]);
    await rebuildChain(bank, { from: 5 });
    const blocks = await bank.blockCount();
    await bank.post(5);
    await bank.seal();
    expect(await bank.blockCount()).toBe(blocks);
  });
});

describe('keys of the worker', () => {
  let bank: SealBank;
  beforeAll(async () => {
    bank = await createSealBank();
  });
  afterAll(() => bank?.close());

  const seal = async (key: SealSigningKey | null) => {
    await bank.post(2);
    await bank.keeper(key).step(new AbortController().signal);
  };

  it('change: each block names its own, both are needed, and a first stretch without one is covered', async () => {
    const next = freshSigningKey();
    await seal(null);
    expect(await bank.verify()).toMatchObject({ findings: [], signed_blocks_count: 0, blocks_count: 1 });
    await seal(bank.signingKey);
    await seal(next);
    expect(await bank.verify()).toMatchObject({ findings: [], signed_blocks_count: 2, blocks_count: 3 });
    const both = [bank.signingKey.publicKey, next.publicKey];
    expect((await bank.verify({ pinnedKeys: both, heads: [await bank.head(2)] })).findings).toEqual([]);
    expect((await bank.verify({ pinnedKeys: both.slice(1) })).findings).toMatchObject([
      {
        problem: 'signature_invalid',
        block_id: 2,
        detail: expect.stringContaining("none of the bank's known keys"),
      },
    ]);
    await seal(null);
    expect((await bank.verify()).findings).toMatchObject([{ problem: 'signature_missing', block_id: 4 }]);
    await seal(next);
    expect((await bank.verify({ pinnedKeys: both })).findings).toEqual([]);
  });

  it('a running worker seals by itself, with the key of its environment', async () => {
    await bank.post(1);
    const worker = new FraudWorker(
      workerEnvironment(bank, { SEAL_SIGNING_KEY: Buffer.alloc(32, 7).toString('base64') }),
      silent,
      { seal: { interval_ms: 50, settle_s: 0, rows_max: 1_000 } },
    );
    await worker.start();
    const { unsealed, head } = await eventually(async () => {
      const verification = await bank.verify();
      return verification.unsealed.transactions_count === 0 && verification;
    });
    await worker.stop();
    expect(unsealed.transactions_count).toBe(0);
    expect(head?.statement.key_id).toBe(
      parseSigningKey(Buffer.alloc(32, 7).toString('base64')).publicKey.key_id,
    );
  });

  it('a worker with a key that is none does not start', () => {
    const environment = workerEnvironment(bank, { SEAL_SIGNING_KEY: 'none' });
    expect(() => new FraudWorker(environment, silent)).toThrow('SEAL_SIGNING_KEY: must be an Ed25519 key');
  });
});
