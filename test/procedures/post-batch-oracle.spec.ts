import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { postBatch, type BatchItem, type PostingOutcome } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import { Oracle, type Answer } from '../support/oracle';
import * as p from '../support/postings';

/** One step of a history: choices by number, so that fast-check can shrink them whatever the bank answered before. */
interface Step {
  kind: (typeof KINDS)[number];
  from: number;
  to: number;
  amount: number;
  pick: number;
  twist: number;
  request: 'none' | 'same' | 'new' | 'linked';
}

const KINDS = [
  'deposit',
  'withdrawal',
  'transfer',
  'transfer',
  'payment',
  'refund',
  'hold',
  'hold',
  'capture',
  'void',
  'expire',
  'reversal',
  'journal',
  'repeat',
] as const;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  from: fc.nat(6),
  to: fc.nat(6),
  amount: fc.nat(120),
  pick: fc.nat(1_000),
  twist: fc.nat(40),
  request: fc.constantFrom('none', 'same', 'same', 'new', 'linked'),
});
const history = fc.array(fc.array(step, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 4 });

/** The set-based procedure against the plain one: random histories of all kinds, item by item. */
describe('sp_post_batch against the oracle', () => {
  let bank: TestBank;
  let users: string[];
  const systemIds = new Map<string, string>();

  beforeAll(async () => {
    bank = await createTestBank();
    users = [(await bank.createUser()).user_id, (await bank.createUser()).user_id];
    const rows = await bank.owner.query<{ account_id: string; system_code: string; currency: string }>(
      'SELECT account_id, system_code, currency FROM accounts WHERE system_code IS NOT NULL',
    );
    for (const row of rows) systemIds.set(`${row.system_code} ${row.currency}`, row.account_id);
  });
  afterAll(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
    await bank.close();
  });

  it('answers and ends alike', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const { oracle, accounts } = await freshWorld();
        const past: Past = { items: [], holds: [], transactions: [] };
        for (const steps of batches) {
          const items = toBatch(steps, accounts, past);
          const expected = oracle.post(items);
          const outcomes = await postBatch(bank.pool, items);
          expect(outcomes.map((outcome, index) => toAnswer(outcome, items[index]))).toEqual(
            expected.map((answer, index) => ({ ...answer, type: items[index]?.type })),
          );
          learn(oracle, past, items, outcomes);
        }
        await compareFunds(oracle, accounts);
      }),
      { numRuns: Number(process.env.ORACLE_RUNS ?? 250) },
    );
  });

  /** Seven accounts: rich, poor, with an overdraft, of another user, in another currency, frozen, closed. */
  async function freshWorld(): Promise<{ oracle: Oracle; accounts: string[] }> {
    const oracle = new Oracle(
      (code, currency) => systemIds.get(`${code} ${currency}`),
      () => Date.now() * 1_000,
    );
    const [mine = '', theirs = ''] = users;
    const world: [
      user: string,
      currency: string,
      overdraft: bigint,
      status: 'active' | 'frozen' | 'closed',
    ][] = [
      [mine, 'USD', 0n, 'active'],
      [mine, 'USD', 0n, 'active'],
      [mine, 'USD', 60n, 'active'],
      [theirs, 'USD', 0n, 'active'],
      [mine, 'EUR', 0n, 'active'],
      [mine, 'USD', 0n, 'frozen'],
      [mine, 'USD', 0n, 'closed'],
    ];
    const numbers = world.map(() => randomBytes(10).toString('hex'));
    const { insertId } = await bank.owner.execute(
      `INSERT INTO accounts (account_number, user_id, account_type, currency, overdraft_limit_minor, status)
       VALUES ${world.map(() => "(?, ?, 'checking', ?, ?, ?)").join(', ')}`,
      world.flatMap(([userId, currency, overdraft, status], index) => [
        numbers[index],
        userId,
        currency,
        overdraft,
        status,
      ]),
    );
    const accounts = world.map((_, index) => String(BigInt(insertId) + BigInt(index)));
    for (const [index, [userId, currency, overdraft, status]] of world.entries()) {
      oracle.accounts.set(accounts[index] ?? '', {
        userId,
        currency,
        status,
        balance: 0n,
        held: 0n,
        overdraft,
      });
    }
    const rows = await bank.owner.query<{ account_id: string; currency: string; balance: string }>(
      'SELECT account_id, currency, balance_minor AS balance FROM accounts WHERE system_code IS NOT NULL',
    );
    for (const { account_id, currency, balance } of rows) {
      const state = { userId: null, currency, status: 'active' as const, held: 0n, overdraft: 0n };
      oracle.accounts.set(account_id, { ...state, balance: BigInt(balance) });
    }
    const cash = systemIds.get('cash USD') ?? '';
    const funds = [
      p.journal([
        [cash, -250n],
        [accounts[0] ?? '', 200n],
        [accounts[5] ?? '', 50n],
      ]),
    ];
    oracle.post(funds);
    await postBatch(bank.pool, funds);
    return { oracle, accounts };
  }

  async function compareFunds(oracle: Oracle, accounts: string[]): Promise<void> {
    const rows = await bank.owner.query<Record<'account_id' | 'balance_minor' | 'held_minor', string>>(
      `SELECT account_id, balance_minor, held_minor FROM accounts
       WHERE account_id IN (${accounts.map(() => '?').join(', ')}) ORDER BY account_id`,
      accounts,
    );
    expect(rows).toEqual(
      accounts.map((account_id) => ({
        account_id,
        balance_minor: oracle.accounts.get(account_id)?.balance.toString(),
        held_minor: oracle.accounts.get(account_id)?.held.toString(),
      })),
    );
  }

  interface Past {
    items: BatchItem[];
    holds: string[];
    transactions: string[];
  }

  function toBatch(steps: Step[], accounts: string[], past: Past): BatchItem[] {
    const batch: BatchItem[] = [];
    let request = 0;
    let isLinked = false;
    for (const given of steps) {
      // A repeat inside a linked request is answered by what it repeats; such requests repeat as a whole, in specs of their own.
      const isRepeat = given.kind === 'repeat';
      if (given.request !== 'same' || isRepeat || request === 0) {
        request += 1;
        isLinked = given.request === 'linked' && !isRepeat;
      }
      const item = isRepeat ? repeatOf(given, [...past.items, ...batch]) : toItem(given, accounts, past);
      if (!item) continue;
      batch.push({ ...item, request, linked: isLinked ? 1 : 0 });
      if (isRepeat) request += 1;
    }
    return batch;
  }

  function repeatOf({ pick, twist }: Step, items: BatchItem[]): BatchItem | undefined {
    const item = items[pick % Math.max(items.length, 1)];
    return item && twist < 10 ? { ...item, hash: p.freshKey().hash } : item;
  }

  function toItem({ kind, from, to, amount, pick, twist }: Step, accounts: string[], past: Past): BatchItem {
    const [debit, credit, minor] = [accounts[from] ?? '', accounts[to] ?? '', BigInt(amount)];
    const more: Partial<BatchItem> = {};
    if (from === 4 || (twist === 1 && kind !== 'journal')) more.currency = twist === 2 ? 'XXX' : 'EUR';
    if (twist === 3) more.owner = users[0];
    if (twist === 4) more.declined_reason = 'no';
    if (twist === 5) more.effective_us = (Date.now() + 3_600_000) * 1_000;
    if (twist === 6) more.effective_us = Date.UTC(2023, 4, 6) * 1_000;
    const holdId = past.holds[pick % Math.max(past.holds.length, 1)] ?? '999999999';
    const original = past.transactions[pick % Math.max(past.transactions.length, 1)] ?? '999999999';
    const { currency: _currency, ...withoutCurrency } = more;
    switch (kind) {
      case 'transfer':
        return p.transfer(debit, credit, minor, more);
      case 'hold':
        return p.hold(debit, minor, { ...more, ...(twist % 4 === 0 ? { expires_us: 1_000_000 } : {}) });
      case 'capture':
        return p.capture(holdId, pick % 3 === 0 ? undefined : minor, withoutCurrency);
      case 'void':
        return p.voidHold(holdId, withoutCurrency);
      case 'expire':
        return p.expire(holdId, withoutCurrency);
      case 'reversal':
        return p.reversal(original, withoutCurrency);
      case 'journal': {
        const suspense = systemIds.get('suspense USD') ?? '';
        const rest = minor - 10n + (twist === 7 ? 1n : 0n);
        return p.journal(
          [
            [debit, -minor],
            [suspense, 10n],
            [credit, rest],
          ],
          withoutCurrency,
        );
      }
      case 'deposit':
      case 'refund':
        return p[kind](debit, minor, more);
      default:
        return p[kind === 'repeat' ? 'payment' : kind](debit, minor, more);
    }
  }

  function learn(oracle: Oracle, past: Past, items: BatchItem[], outcomes: PostingOutcome[]): void {
    past.items.push(...items);
    for (const [index, outcome] of outcomes.entries()) {
      const item = items[index];
      if (!item || outcome.code !== 'OK' || outcome.is_replayed) continue;
      oracle.learn(item, outcome.hold_id, outcome.transaction_id);
      if (item.type === 'hold' && outcome.hold_id) past.holds.push(outcome.hold_id);
      if (outcome.transaction_id) past.transactions.push(outcome.transaction_id);
    }
  }

  function toAnswer(
    outcome: PostingOutcome,
    item: BatchItem | undefined,
  ): Answer & { type: string | undefined } {
    const { code, is_replayed } = outcome;
    return {
      code,
      is_replayed,
      type: item?.type,
      available: outcome.legs.map((leg) => leg.available_after_minor),
    };
  }
});
