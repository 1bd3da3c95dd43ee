import { createSealBank, freshSigningKey, type SealBank, dropTriggers } from './seal-bank';
import { rebuildChain } from './attacker';
import { copyOf } from './row-copy';
import type { SealFinding } from '../../src/seal';

/** Transactions of two openings and forty transfers in blocks of ten. What an attack does is rolled back after its test. */
describe('tampering as the root of the database, with triggers dropped', () => {
  let bank: SealBank;
  let ids: string[];
  /** An id that a rolled back batch was given. */
  let free: string;

  beforeAll(async () => {
    bank = await createSealBank();
    ids = await bank.post(20);
    await bank.root.query('BEGIN');
    await copyOf(bank.root, 'transactions', id(0), { reference_id: 'FL0000000000XXXX' });
    await bank.root.query('ROLLBACK');
    ids.push(...(await bank.post(20)));
    free = String(BigInt(id(20)) - 1n);
    await bank.seal(10);
    await dropTriggers(bank.root);
    await bank.root.query("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
  });
  afterAll(() => bank?.close());
  beforeEach(() => bank.root.query('BEGIN'));
  afterEach(() => bank.root.query('ROLLBACK'));

  const id = (index: number): string => ids[index] ?? '';
  const tamper = async (sql: string, parameters: unknown[] = []) => {
    const [header] = await bank.root.query(sql, parameters);
    expect((header as { affectedRows: number }).affectedRows).toBeGreaterThan(0);
  };
  const firstFinding = async (): Promise<SealFinding | undefined> => (await bank.verify()).findings[0];

  it('nothing was done', async () => {
    expect(
      await bank.verify({ pinnedKeys: [bank.signingKey.publicKey], heads: [await bank.head()] }),
    ).toMatchObject({
      findings: [],
      findings_count: 0,
      rows: { transaction: 42, entry: 84 },
      blocks_count: 5,
      signed_blocks_count: 5,
      matching_heads: ['head-5.json'],
      unsealed: { transactions_count: 0, audit_rows_count: 0, oldest_at: null },
    });
  });

  it.each([
    [
      'the amount of an entry',
      'UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE transaction_id = ? AND leg = 1',
      'entry',
      1,
    ],
    [
      'the account of an entry',
      'UPDATE ledger_entries SET account_id = account_id + 1, account_seq = 9999 WHERE transaction_id = ? AND leg = 0',
      'entry',
      0,
    ],
    [
      'a microsecond',
      'UPDATE ledger_entries SET posted_at = posted_at + INTERVAL 1 MICROSECOND WHERE transaction_id = ? AND leg = 0',
      'entry',
      0,
    ],
    [
      'the amount of a transaction',
      'UPDATE transactions SET amount_minor = 2 WHERE transaction_id = ?',
      'transaction',
      null,
    ],
    [
      'a description, from none to empty',
      "UPDATE transactions SET description = '' WHERE transaction_id = ?",
      'transaction',
      null,
    ],
    [
      'who asked for it',
      'UPDATE transactions SET initiated_by = 4711 WHERE transaction_id = ?',
      'transaction',
      null,
    ],
  ])('%s was changed', async (_, sql, kind, leg) => {
    await tamper(sql, [id(17)]);
    expect(await bank.verify()).toMatchObject({
      findings_count: 1,
      findings: [{ problem: 'row_changed', row: { kind, id: id(17), leg } }],
    });
  });

  it.each([
    ['a value', `REPLACE(CAST(new_values AS CHAR), '"held_minor"', '"helt_minor"')`],
    ['all of it', 'NULL'],
    ['what is no JSON to MariaDB', `CONCAT(CAST(new_values AS CHAR), ' ')`],
  ])('the detail of an audit row was changed: %s', async (what, expression) => {
    const [[row]] = (await bank.root.query(
      "SELECT audit_id FROM system_audit_logs WHERE table_name = 'accounts' ORDER BY audit_id LIMIT 1",
    )) as unknown as [[{ audit_id: string }]];
    await tamper(`UPDATE system_audit_logs SET new_values = ${expression} WHERE audit_id = ?`, [
      row.audit_id,
    ]);
    const finding = await firstFinding();
    // White space is not part of a JSON value: such a change is none.
    if (what.startsWith('what is no')) expect(finding).toBeUndefined();
    else
      expect(finding).toMatchObject({
        problem: 'row_changed',
        row: { kind: 'audit', id: String(row.audit_id) },
      });
  });

  it('who did it, in an audit row, was changed', async () => {
    await tamper("UPDATE system_audit_logs SET actor_db_user = 'somebody@else' WHERE audit_id = 2");
    expect(await firstFinding()).toMatchObject({ problem: 'row_changed', row: { kind: 'audit', id: '2' } });
  });

  it('entries were deleted, and the first is named', async () => {
    await tamper('DELETE FROM ledger_entries WHERE transaction_id IN (?, ?)', [id(20), id(30)]);
    const { findings, findings_count } = await bank.verify();
    expect(findings_count).toBe(4);
    expect(findings[0]).toMatchObject({
      problem: 'row_removed',
      row: { kind: 'entry', id: id(20), leg: 0 },
      detail: `entry 0 of transaction ${id(20)} was sealed and is gone: it was removed`,
    });
  });

  it('a transaction was deleted with its entries, and an audit row', async () => {
    await tamper('DELETE FROM system_audit_logs WHERE audit_id = 1');
    await tamper('DELETE FROM ledger_entries WHERE transaction_id = ?', [id(39)]);
    await tamper('DELETE FROM transactions WHERE transaction_id = ?', [id(39)]);
    const { findings } = await bank.verify();
    expect(findings.map(({ problem, row }) => [problem, row?.kind, row?.id])).toEqual([
      ['row_removed', 'audit', '1'],
      ['row_removed', 'transaction', id(39)],
      ['row_removed', 'entry', id(39)],
      ['row_removed', 'entry', id(39)],
    ]);
  });

  it('a transaction was inserted with an id that was free', async () => {
    await copyOf(bank.root, 'transactions', id(0), {
      transaction_id: free,
      reference_id: 'FL0000000000XXXX',
    });
    expect(await firstFinding()).toMatchObject({
      problem: 'row_added',
      row: { kind: 'transaction', id: free },
    });
  });

  it('entries were inserted: a third leg, one of a transaction that never was, and the id 0', async () => {
    await copyOf(bank.root, 'ledger_entries', id(5), { leg: 2, account_seq: 7777 });
    expect((await bank.verify()).findings).toMatchObject([
      { problem: 'row_added', row: { kind: 'entry', id: id(5), leg: 2 } },
    ]);
    await copyOf(bank.root, 'ledger_entries', id(5), { transaction_id: 0, leg: 0, account_seq: 7778 });
    await copyOf(bank.root, 'transactions', id(5), { transaction_id: 0, reference_id: 'FL0000000000XXXX' });
    expect((await bank.verify()).findings.slice(0, 2)).toMatchObject([
      { problem: 'row_added', row: { kind: 'transaction', id: '0' } },
      { problem: 'row_added', row: { kind: 'entry', id: '0', leg: 0 } },
    ]);
  });

  it('two rows were swapped', async () => {
    await tamper('UPDATE transactions SET transaction_id = 999999 WHERE transaction_id = ?', [id(3)]);
    await tamper('UPDATE transactions SET transaction_id = ? WHERE transaction_id = ?', [id(3), id(4)]);
    await tamper('UPDATE transactions SET transaction_id = ? WHERE transaction_id = 999999', [id(4)]);
    expect((await bank.verify()).findings).toMatchObject([
      { problem: 'row_changed', row: { kind: 'transaction', id: id(3) } },
      { problem: 'row_changed', row: { kind: 'transaction', id: id(4) } },
    ]);
  });

  it('of a ruined ledger the first findings are listed and all are counted', async () => {
    await tamper('UPDATE ledger_entries SET available_after_minor = 0 WHERE transaction_id >= ?', [id(0)]);
    const { findings, findings_count } = await bank.verify();
    expect(findings_count).toBe(80);
    expect(findings).toHaveLength(20);
    expect(findings[0]).toMatchObject({ row: { kind: 'entry', id: id(0), leg: 0 } });
  });

  describe('of the seal itself', () => {
    it('a digest was made to fit the changed row', async () => {
      await tamper(
        'UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE transaction_id = ? AND leg = 1',
        [id(17)],
      );
      await rebuildChain(bank, { from: 2, onlyDigests: true });
      expect(await firstFinding()).toMatchObject({
        problem: 'block_changed',
        block_id: 2,
        detail: expect.stringContaining('the digests of its rows; in doubt is every row from transaction'),
      });
    });

    it('the chain was rebuilt from the changed row on, without the key', async () => {
      await tamper(
        'UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE transaction_id = ? AND leg = 1',
        [id(17)],
      );
      const head = await bank.head();
      await rebuildChain(bank, { from: 2 });
      const { findings } = await bank.verify();
      expect(findings).toMatchObject([
        { problem: 'signature_invalid', block_id: 2, row: { kind: 'transaction', id: id(8) } },
      ]);
      expect((await bank.verify({ heads: [head] })).findings.map(({ problem }) => problem).sort()).toEqual([
        'head_differs',
        'signature_invalid',
      ]);
    });

    it('the chain was rebuilt with a key of the attacker`s own: a pinned key or a head tells', async () => {
      const heads = [await bank.head(1), await bank.head()];
      await tamper('DELETE FROM ledger_entries WHERE transaction_id = ?', [id(17)]);
      await rebuildChain(bank, { from: 1, key: freshSigningKey() });
      expect((await bank.verify()).findings_count).toBe(0);
      expect((await bank.verify({ pinnedKeys: [bank.signingKey.publicKey] })).findings).toMatchObject([
        { problem: 'signature_invalid', block_id: 1 },
      ]);
      const [first] = (await bank.verify({ heads })).findings;
      expect(first).toMatchObject({ problem: 'head_differs', block_id: 1 });
      expect(first?.detail).toContain('block 1 is not the one of head-1.json: the chain was rewritten');
    });

    it('signatures were taken off the end', async () => {
      await tamper('UPDATE seal_blocks SET signature = NULL, key_id = NULL WHERE block_id >= 4');
      const { findings } = await bank.verify();
      expect(findings.map(({ problem, block_id }) => [problem, block_id])).toContainEqual([
        'signature_missing',
        4,
      ]);
    });

    it('a block in the middle was deleted', async () => {
      await tamper('DELETE FROM seal_blocks WHERE block_id = 3');
      expect(await firstFinding()).toMatchObject({ problem: 'block_missing', block_id: 3 });
    });

    it('all signatures and keys were taken off: who knows the key is told', async () => {
      await tamper('DELETE FROM seal_keys');
      await rebuildChain(bank, { from: 1, key: null });
      expect(await bank.verify()).toMatchObject({ findings_count: 0, signed_blocks_count: 0 });
      expect((await bank.verify({ pinnedKeys: [bank.signingKey.publicKey] })).findings).toMatchObject([
        { problem: 'signature_missing', block_id: 1 },
      ]);
    });

    it('its first block was moved to start later', async () => {
      await tamper('UPDATE seal_blocks SET transactions_after_id = 1 WHERE block_id = 1');
      expect(await firstFinding()).toMatchObject({ problem: 'block_changed', block_id: 1 });
    });
  });

  describe('against a head that was kept outside', () => {
    it('the end was cut off, blocks and rows', async () => {
      const head = await bank.head();
      const until = await bank.head(3);
      await tamper('DELETE FROM seal_blocks WHERE block_id > 3');
      await tamper('DELETE FROM ledger_entries WHERE transaction_id > ?', [
        until.statement.transactions_until_id,
      ]);
      await tamper('DELETE FROM transactions WHERE transaction_id > ?', [
        until.statement.transactions_until_id,
      ]);
      expect((await bank.verify()).findings_count).toBe(0);
      const [finding] = (await bank.verify({ heads: [head] })).findings;
      expect(finding).toMatchObject({ problem: 'chain_cut', block_id: 4 });
      expect(finding?.detail).toContain(
        `from the first after transaction ${until.statement.transactions_until_id} on`,
      );
    });
  });
});
