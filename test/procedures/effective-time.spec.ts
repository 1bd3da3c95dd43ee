import { setTimeout as sleep } from 'node:timers/promises';
import { postBatch } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

const us = (iso: string) => Date.parse(iso) * 1_000;

describe('effective time and posting time', () => {
  let bank: TestBank;
  let owner: string;

  beforeAll(async () => {
    bank = await createTestBank();
    owner = (await bank.createUser()).user_id;
  });
  afterEach(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
  });
  afterAll(() => bank.close());

  const balanceAt = async (account: string, at: string, clock: string | null) => {
    const [rows] = await bank.owner.call('sp_get_balance', [account, at, clock]);
    return rows?.[0]?.balance_minor;
  };

  it('an item keeps when it happened, to the microsecond, beside when it was written', async () => {
    const account = await bank.openAccount(owner);
    const outcome = await p.postOne(
      bank.pool,
      p.deposit(account, 5n, { effective_us: us('2024-02-29T23:59:59Z') + 123_456 }),
    );
    expect(outcome.effective_at).toBe('2024-02-29 23:59:59.123456');
    expect(outcome.posted_at > '2025').toBe(true);
    const rows = await bank.owner.query(
      `SELECT t.effective_at, e.effective_at AS entry_effective_at, t.posted_at, e.posted_at AS entry_posted_at
       FROM transactions t JOIN ledger_entries e ON e.transaction_id = t.transaction_id WHERE t.transaction_id = ?`,
      [outcome.transaction_id],
    );
    for (const row of rows) {
      expect(row).toEqual({
        effective_at: outcome.effective_at,
        entry_effective_at: outcome.effective_at,
        posted_at: outcome.posted_at,
        entry_posted_at: outcome.posted_at,
      });
    }
  });

  it('the balance at a past moment, on both clocks', async () => {
    const account = await bank.openAccount(owner);
    const first = await p.postOne(
      bank.pool,
      p.deposit(account, 100n, { effective_us: us('2024-03-01T00:00:00Z') }),
    );
    await sleep(5);
    const second = await p.postOne(
      bank.pool,
      p.withdrawal(account, 30n, { effective_us: us('2024-02-01T00:00:00Z') }),
    );
    await sleep(5);
    const third = await p.postOne(bank.pool, p.deposit(account, 7n));

    const effective = (at: string) => balanceAt(account, at, 'effective');
    expect(await effective('2024-01-31 23:59:59.999999')).toBe('0');
    expect(await effective('2024-02-01 00:00:00')).toBe('-30');
    expect(await effective('2024-03-01 00:00:00')).toBe('70');
    expect(await effective(third.posted_at)).toBe('77');
    const posted = (at: string) => balanceAt(account, at, 'posted');
    expect(await posted('2024-06-01 00:00:00')).toBe('0');
    expect(await posted(first.posted_at)).toBe('100');
    expect(await posted(second.posted_at)).toBe('70');
    expect(await posted(third.posted_at)).toBe('77');
    expect(await balanceAt(account, '2024-02-15 00:00:00', null)).toBe('-30');
  });

  it('the posted clock finds any entry of many', async () => {
    const account = await bank.openAccount(owner);
    const moments: [string, string][] = [];
    for (let index = 1; index <= 9; index += 1) {
      const outcomes = await postBatch(
        bank.pool,
        Array.from({ length: index }, () => p.deposit(account, 1n)),
      );
      moments.push([
        outcomes[0]?.posted_at ?? '',
        outcomes.at(-1)?.legs[1]?.balance_after_minor.toString() ?? '',
      ]);
      await sleep(2);
    }
    for (const [at, balance] of moments) expect(await balanceAt(account, at, 'posted')).toBe(balance);
  });

  it('now: balance, holds and what is available; nothing for no account', async () => {
    const account = await bank.openAccount(owner, { balance: 100n, overdraft: 5n });
    await p.postOne(bank.pool, p.hold(account, 40n));
    const [rows] = await bank.owner.call('sp_get_balance', [account, null, null]);
    expect(rows).toMatchObject([
      { account_id: account, currency: 'USD', balance_minor: '100', held_minor: '40', available_minor: '65' },
    ]);
    expect((await bank.owner.call('sp_get_balance', ['999999', null, null]))[0]).toEqual([]);
    expect((await bank.owner.call('sp_get_balance', ['999999', '2024-01-01', 'posted']))[0]).toEqual([]);
  });

  it('a little ahead of the bank`s clock is let through, more is not', async () => {
    const account = await bank.openAccount(owner);
    const at = (minutes: number) => ({ effective_us: (Date.now() + minutes * 60_000) * 1_000 });
    expect(await p.codesOf(bank.pool, p.deposit(account, 1n, at(4)), p.deposit(account, 1n, at(6)))).toEqual([
      'OK',
      'EFFECTIVE_IN_FUTURE',
    ]);
  });

  it('books are closed to a moment, which itself is open', async () => {
    const account = await bank.openAccount(owner);
    const admin = (await bank.createUser({ role: 'admin' })).user_id;
    const codes = () =>
      p.codesOf(
        bank.pool,
        p.deposit(account, 1n, { effective_us: us('2024-01-01T00:00:00Z') - 1 }),
        p.deposit(account, 1n, { effective_us: us('2024-01-01T00:00:00Z') }),
        p.deposit(account, 1n),
      );
    expect(await codes()).toEqual(['OK', 'OK', 'OK']);
    const actor = { user_id: admin, ip_address: '192.0.2.1', request_id: 'req-7' };
    await bank.owner.onConnection(actor, (queries) =>
      queries.call('sp_close_period', ['2024-01-01 00:00:00']),
    );
    expect(await codes()).toEqual(['PERIOD_CLOSED', 'OK', 'OK']);
    expect(
      await bank.owner.query("SELECT * FROM bank_settings WHERE setting_key = 'books_closed_until'"),
    ).toMatchObject([{ setting_value: '2024-01-01 00:00:00.000000', updated_by: admin }]);
    const [audit] = await bank.owner.query(
      "SELECT * FROM system_audit_logs WHERE table_name = 'bank_settings'",
    );
    expect(audit).toMatchObject({
      action: 'UPDATE',
      actor_user_id: admin,
      ip_address: '192.0.2.1',
      request_id: 'req-7',
    });
  });

  it('books close forwards only and not into the future', async () => {
    await bank.owner.call('sp_close_period', ['2024-01-20 00:00:00']);
    for (const until of ['2024-01-20 00:00:00', '2024-01-19 00:00:00']) {
      await expect(bank.owner.call('sp_close_period', [until])).rejects.toThrow('PERIOD_ALREADY_CLOSED');
    }
    await expect(bank.owner.call('sp_close_period', ['2199-01-01 00:00:00'])).rejects.toThrow(
      'PERIOD_IN_FUTURE',
    );
    const [clock] = await bank.owner.query<Record<'young' | 'old', string>>(
      'SELECT UTC_TIMESTAMP(6) - INTERVAL 9 MINUTE AS young, UTC_TIMESTAMP(6) - INTERVAL 11 MINUTE AS old',
    );
    await expect(bank.owner.call('sp_close_period', [clock?.young])).rejects.toThrow('PERIOD_IN_FUTURE');
    await expect(bank.owner.call('sp_close_period', [null])).rejects.toThrow();
    await bank.owner.call('sp_close_period', ['2024-01-21 00:00:00']);
    await bank.owner.call('sp_close_period', [clock?.old]);
  });
});
