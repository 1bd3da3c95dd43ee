import { rebuildChain } from './attacker';
import { createSealBank, dropTriggers, type SealBank } from './seal-bank';

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
