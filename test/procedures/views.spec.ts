import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { postBatch } from '../../src/posting';
import { verdictsAsJson } from '../../src/risk';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

describe('views', () => {
  let bank: TestBank;
  let auditor: Pool;
  let user: { user_id: string; username: string };

  beforeAll(async () => {
    bank = await createTestBank();
    auditor = createBankPool(bank.urls.auditor, { connectionLimit: 1 });
    user = await bank.createUser({ username: 'ada' });
  });
  afterAll(async () => {
    await auditor.end();
    await bank.close();
  });

  type Row = Record<string, string | number | null>;
  const rows = async (sql: string, ...parameters: (string | null)[]) =>
    (await auditor.query(sql, parameters))[0] as unknown as Row[];

  it.each([
    [
      'vw_customer_statement',
      'user_id, username, account_number, transaction_date, type, narrative, amount, balance_after, status',
    ],
    ['vw_balance_sheet', 'category, total_amount, currency'],
    [
      'vw_ledger_integrity_check',
      'transaction_id, reference_id, net_sum, entries_count, account_id, problem',
    ],
    [
      'vw_flagged_transactions',
      'transaction_id, reference_id, description, txn_status, txn_time, risk_score, verdict, features_used, initiated_by',
    ],
  ])('%s begins with the columns that auditors know', async (view, columns) => {
    const names = columns.split(', ');
    const found = (await rows(`SHOW COLUMNS FROM ${view}`)).map((row) => row.Field);
    expect(found.slice(0, names.length)).toEqual(names);
  });

  it('the statement is signed as the customer sees it, in major units, and says what was reversed', async () => {
    const account = await bank.openAccount(user.user_id, { currency: 'KWD' });
    const other = await bank.openAccount(user.user_id, { currency: 'KWD' });
    const kwd = { currency: 'KWD' };
    const { insertId: merchant } = await bank.owner.execute(
      "INSERT INTO merchants (merchant_key, name, mcc) VALUES (UNHEX(LEFT(SHA2('Souk', 256), 32)), 'Souk', '5411')",
    );
    const outcomes = await postBatch(bank.pool, [
      p.deposit(account, 10_500n, {
        ...kwd,
        description: 'Salary',
        effective_us: Date.UTC(2024, 0, 31) * 1_000,
      }),
      p.transfer(account, other, 2_250n, kwd),
      p.payment(account, 1n, { ...kwd, merchant }),
    ]);
    await p.postOne(bank.pool, p.reversal(outcomes[1]?.transaction_id ?? ''));
    const statement = await rows(
      `SELECT user_id, username, transaction_date, type, narrative, amount, balance_after, status
       FROM vw_customer_statement WHERE account_id = ? ORDER BY account_seq`,
      account,
    );
    expect(statement.map(({ transaction_date: _date, ...rest }) => rest)).toEqual(
      [
        ['deposit', 'Salary', '10.5000', '10.5000', 'posted'],
        ['transfer', 'Transfer', '-2.2500', '8.2500', 'reversed'],
        ['payment', 'Souk', '-0.0010', '8.2490', 'posted'],
        ['reversal', 'Reversal', '2.2500', '10.4990', 'posted'],
      ].map(([type, narrative, amount, balance_after, status]) => ({
        ...user,
        type,
        narrative,
        amount,
        balance_after,
        status,
      })),
    );
    expect(statement[0]?.transaction_date).toBe('2024-01-31 00:00:00.000000');
    expect(await rows('SELECT 1 AS found FROM vw_customer_statement WHERE user_id IS NULL')).toEqual([]);
  });

  it('the balance sheet balances in every currency, with income and expense in equity', async () => {
    const account = await bank.openAccount(user.user_id, { currency: 'EUR', balance: 100_000n });
    const euro = { currency: 'EUR' };
    const system = (code: string) => p.systemAccount(bank.owner, code, 'EUR');
    await postBatch(bank.pool, [
      p.payment(account, 25_000n, euro),
      p.journal(
        [
          [account, -1_250n],
          [await system('fee_income'), 1_250n],
        ],
        euro,
      ),
      p.journal(
        [
          [await system('interest_expense'), -300n],
          [account, 300n],
        ],
        euro,
      ),
      p.journal(
        [
          [await system('cash'), -5_000n],
          [await system('equity'), 5_000n],
        ],
        euro,
      ),
    ]);
    const sheet = await rows(
      "SELECT category, total_amount FROM vw_balance_sheet WHERE currency = 'EUR' ORDER BY category",
    );
    expect(sheet).toEqual([
      // Cash 1,000 and 50, less the 250 that card settlement is owed.
      { category: 'assets', total_amount: '800.0000' },
      { category: 'equity', total_amount: '59.5000' },
      { category: 'liabilities', total_amount: '740.5000' },
    ]);
    const totals = await rows(
      `SELECT currency, SUM(IF(category = 'assets', total_amount, -total_amount)) AS difference
       FROM vw_balance_sheet GROUP BY currency`,
    );
    expect(totals.map((row) => Number(row.difference))).toEqual(totals.map(() => 0));
    expect(totals).toHaveLength(6);
  });

  it('the trial balance puts each kind of account on its side', async () => {
    const account = await bank.openAccount(user.user_id, {
      currency: 'GBP',
      type: 'savings',
      balance: 7_000n,
    });
    await bank.openAccount(user.user_id, { currency: 'GBP', type: 'savings', balance: 500n });
    await p.postOne(bank.pool, p.withdrawal(account, 1_000n, { currency: 'GBP' }));
    const trial = await rows(
      `SELECT gl_code, account_type, accounts_count, debit_total, credit_total FROM vw_trial_balance
       WHERE currency = 'GBP' AND debit_total + credit_total <> 0 ORDER BY gl_code`,
    );
    expect(trial).toEqual([
      {
        gl_code: '1000',
        account_type: 'cash',
        accounts_count: '1',
        debit_total: '65.0000',
        credit_total: '0.0000',
      },
      {
        gl_code: '2100',
        account_type: 'savings',
        accounts_count: '2',
        debit_total: '0.0000',
        credit_total: '65.0000',
      },
    ]);
    const totals = await rows(
      'SELECT currency, SUM(debit_total) - SUM(credit_total) AS difference FROM vw_trial_balance GROUP BY currency',
    );
    expect(totals.map((row) => Number(row.difference))).toEqual(totals.map(() => 0));
  });

  it('flagged: what is suspicious, critical or of high value, highest risk first', async () => {
    const account = await bank.openAccount(user.user_id, { currency: 'INR' });
    const inr = { currency: 'INR', actor: user.user_id };
    const outcomes = await postBatch(
      bank.pool,
      [1_000_001n, 5n, 6n, 7n, 8n, 1_000_002n].map((amount, index) =>
        p.deposit(account, amount, { ...inr, description: `item ${index}` }),
      ),
    );
    const scores = [0.1, 0.49, 0.5, 0.9, 0.7].map((risk_score, index) => ({
      transaction_id: outcomes[index]?.transaction_id ?? '',
      model_version: 1,
      risk_score,
      features: { index },
    }));
    // Item 4 was suspicious to the first model, and is not to the second.
    const second = {
      transaction_id: outcomes[4]?.transaction_id ?? '',
      model_version: 2,
      risk_score: 0.2,
      features: {},
    };
    await bank.owner.call('sp_record_risk_scores', [verdictsAsJson([...scores, second])]);
    const flagged = await rows(
      "SELECT description, risk_score, verdict, initiated_by, txn_status FROM vw_flagged_transactions WHERE currency = 'INR'",
    );
    expect(flagged).toEqual(
      [
        ['item 3', '0.9000', 'CRITICAL'],
        ['item 2', '0.5000', 'SUSPICIOUS'],
        ['item 0', '0.1000', 'SAFE'],
        ['item 5', null, 'PENDING'],
      ].map(([description, risk_score, verdict]) => ({
        description,
        risk_score,
        verdict,
        initiated_by: 'ada',
        txn_status: 'posted',
      })),
    );
  });
});
