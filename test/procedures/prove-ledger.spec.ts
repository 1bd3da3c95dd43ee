import type { Connection } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { connectionOptions, Database } from '../../src/database';
import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

interface Proof {
  proven_until_transaction_id: string;
  transactions_count: number;
  problems_count: number;
  first_problem: string | null;
  first_problem_transaction_id: string | null;
  is_caught_up: number;
}

describe('sp_prove_ledger', () => {
  let bank: TestBank;
  let root: Connection;
  let account: string;
  let other: string;

  const prove = async (max = 1000, settleSeconds = 0): Promise<Proof> => {
    const [rows] = await bank.owner.call<Proof>('sp_prove_ledger', [max, settleSeconds]);
    if (!rows?.[0]) throw new Error('no proof');
    return { ...rows[0], is_caught_up: Number(rows[0].is_caught_up) };
  };
  const post = (count: number) =>
    postBatch(
      bank.pool,
      Array.from({ length: count }, () => p.transfer(account, other, 1n)),
    );

  beforeAll(async () => {
    bank = await createTestBank();
    const { user_id } = await bank.createUser();
    account = await bank.openAccount(user_id, { balance: 100_000n });
    other = await bank.openAccount(user_id, { balance: 100_000n });
    root = await createConnection(connectionOptions(bank.urls.admin));
  });
  afterAll(async () => {
    await root.end();
    await bank.close();
  });

  it('proves what is new, in bounded steps, until it has caught up', async () => {
    const outcomes = await post(40);
    const first = await prove(10);
    expect(first).toMatchObject({ problems_count: 0, proven_until_transaction_id: '10', is_caught_up: 0 });
    const last = await prove();
    expect(last).toMatchObject({ problems_count: 0, is_caught_up: 1, first_problem: null });
    expect(String(last.proven_until_transaction_id)).toBe(outcomes.at(-1)?.transaction_id);
  });

  it('what has not settled is left for later, and counts as caught up', async () => {
    const before = await prove();
    const outcomes = await post(3);
    expect(await prove(1000, 3600)).toMatchObject({
      proven_until_transaction_id: before.proven_until_transaction_id,
      problems_count: 0,
      is_caught_up: 1,
    });
    // The first two are as if posted an hour before the third.
    await root.query('DROP TRIGGER IF EXISTS trg_transactions_no_update');
    await root.query(
      'UPDATE transactions SET posted_at = posted_at - INTERVAL 1 HOUR WHERE transaction_id IN (?, ?)',
      [outcomes[0]?.transaction_id, outcomes[1]?.transaction_id],
    );
    const settled = await prove(1000, 1800);
    expect(String(settled.proven_until_transaction_id)).toBe(outcomes[1]?.transaction_id);
    expect(settled.is_caught_up).toBe(1);
    expect(String((await prove()).proven_until_transaction_id)).toBe(outcomes[2]?.transaction_id);
  });

  it('holds that are active are no problem', async () => {
    const held = await postBatch(bank.pool, [p.hold(account, 40n), p.hold(account, 2n)]);
    await postBatch(bank.pool, [p.voidHold(held[1]?.hold_id ?? ''), p.transfer(account, other, 1n)]);
    expect(await prove()).toMatchObject({ problems_count: 0, is_caught_up: 1 });
  });

  it.each([
    [
      'running_balance_gap',
      'UPDATE ledger_entries SET balance_after_minor = balance_after_minor + 1 WHERE transaction_id = ? AND leg = 0',
      'UPDATE ledger_entries SET balance_after_minor = balance_after_minor - 1 WHERE transaction_id = ? AND leg = 0',
    ],
    [
      'unbalanced_transaction',
      'UPDATE ledger_entries SET amount_minor = amount_minor + 5 WHERE transaction_id = ? AND leg = 1',
      'UPDATE ledger_entries SET amount_minor = amount_minor - 5 WHERE transaction_id = ? AND leg = 1',
    ],
    [
      'balance_differs_from_entries',
      'UPDATE accounts SET balance_minor = balance_minor + 1, version = version + 1 WHERE account_id = (SELECT account_id FROM ledger_entries WHERE transaction_id = ? AND leg = 1)',
      'UPDATE accounts SET balance_minor = balance_minor - 1, version = version + 1 WHERE account_id = (SELECT account_id FROM ledger_entries WHERE transaction_id = ? AND leg = 1)',
    ],
    [
      'held_differs_from_holds',
      'UPDATE accounts SET held_minor = held_minor + 1, version = version + 1 WHERE account_id = (SELECT account_id FROM ledger_entries WHERE transaction_id = ? AND leg = 1)',
      'UPDATE accounts SET held_minor = held_minor - 1, version = version + 1 WHERE account_id = (SELECT account_id FROM ledger_entries WHERE transaction_id = ? AND leg = 1)',
    ],
  ])(
    'finds %s in the new part, stays there, and goes on when it is mended',
    async (problem, damage, repair) => {
      const before = await prove();
      const outcomes = await post(3);
      const damaged = outcomes[1]?.transaction_id ?? '';
      await root.query('DROP TRIGGER IF EXISTS trg_ledger_entries_no_update');
      await root.query(damage, [damaged]);
      const found = await prove();
      expect(found.problems_count).toBeGreaterThan(0);
      expect(found.first_problem).toBe(problem);
      expect(found.proven_until_transaction_id).toBe(before.proven_until_transaction_id);
      await root.query(repair, [damaged]);
      expect(await prove()).toMatchObject({ problems_count: 0, is_caught_up: 1 });
    },
  );

  it('finds entries whose transaction is gone', async () => {
    const outcomes = await post(3);
    const lost = outcomes[1]?.transaction_id ?? '';
    await root.query('DROP TRIGGER IF EXISTS trg_transactions_no_delete');
    await root.query('CREATE TABLE spare AS SELECT * FROM transactions WHERE transaction_id = ?', [lost]);
    await root.query('DELETE FROM transactions WHERE transaction_id = ?', [lost]);
    expect(await prove()).toMatchObject({
      problems_count: 2,
      first_problem: 'orphan_entry',
      first_problem_transaction_id: lost,
    });
    await root.query('INSERT INTO transactions SELECT * FROM spare');
    expect(await prove()).toMatchObject({ problems_count: 0, is_caught_up: 1 });
  });

  it('finds a number that is missing among the entries of an account', async () => {
    const outcomes = await post(3);
    const moved = outcomes[1]?.transaction_id ?? '';
    await root.query('UPDATE ledger_entries SET account_seq = account_seq + 1000 WHERE transaction_id = ?', [
      moved,
    ]);
    expect(await prove()).toMatchObject({ first_problem: 'running_balance_gap' });
    await root.query('UPDATE ledger_entries SET account_seq = account_seq - 1000 WHERE transaction_id = ?', [
      moved,
    ]);
    expect(await prove()).toMatchObject({ problems_count: 0, is_caught_up: 1 });
  });

  it('is for the worker alone, and its rows are append-only', async () => {
    const worker = await Database.connect(bank.urls.worker, 1);
    await expect(worker.call('sp_prove_ledger', [10, 120])).resolves.toHaveLength(1);
    await worker.close();
    await expect(bank.pool.query('CALL sp_prove_ledger(10, 120)')).rejects.toMatchObject({ errno: 1370 });
    await expect(root.query('UPDATE ledger_proofs SET problems_count = 0')).rejects.toThrow('append-only');
    await expect(root.query('DELETE FROM ledger_proofs')).rejects.toThrow('append-only');
  });
});
