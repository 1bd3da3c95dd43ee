import { Injectable } from '@nestjs/common';
import { Database } from '../database';

export interface IntegrityRow {
  problem: string;
  transaction_id: string | null;
  reference_id: string | null;
  account_id: string | null;
  currency: string | null;
  net_sum: string;
  entries_count: string;
  problems_count: string;
}

export interface ProofRow {
  proven_until_transaction_id: string;
  problems_count: number;
  first_problem: string | null;
  finished_at: string;
  duration_us: string;
  waiting_count: string;
}

export interface TrialBalanceRow {
  gl_code: string;
  account_type: string;
  name: string;
  category: 'asset' | 'liability' | 'equity' | 'income' | 'expense';
  currency: string;
  accounts_count: string;
  debit_total: string;
  credit_total: string;
}

export interface BalanceSheetRow {
  category: 'assets' | 'liabilities' | 'equity';
  total_amount: string;
  currency: string;
}

/** The auditors' views. Each is read by one statement, so that its figures are of one moment. */
@Injectable()
export class BooksRepository {
  constructor(private readonly database: Database) {}

  /** The view is long to compute, so its rows are counted while they are read. */
  integrityProblems(limit: number): Promise<IntegrityRow[]> {
    return this.database.query<IntegrityRow>(
      `SELECT v.problem, v.transaction_id, v.reference_id, v.account_id, COALESCE(t.currency, a.currency) AS currency,
         v.net_sum, v.entries_count, COUNT(*) OVER () AS problems_count
       FROM vw_ledger_integrity_check v
       LEFT JOIN transactions t ON t.transaction_id = v.transaction_id
       LEFT JOIN accounts a ON a.account_id = v.account_id
       LIMIT ?`,
      [limit],
    );
  }

  /** The newest incremental proof, and how many transactions were posted since. */
  async latestProof(): Promise<ProofRow | undefined> {
    const [row] = await this.database.query<ProofRow>(
      `SELECT p.proven_until_transaction_id, p.problems_count, p.first_problem, p.finished_at,
         TIMESTAMPDIFF(MICROSECOND, p.started_at, p.finished_at) AS duration_us,
         (SELECT COUNT(*) FROM transactions t WHERE t.transaction_id > p.proven_until_transaction_id) AS waiting_count
       FROM ledger_proofs p ORDER BY p.proof_id DESC LIMIT 1`,
    );
    return row;
  }

  trialBalance(): Promise<TrialBalanceRow[]> {
    return this.database.query<TrialBalanceRow>(
      `SELECT gl_code, account_type, name, category, currency, accounts_count, debit_total, credit_total
       FROM vw_trial_balance ORDER BY currency, gl_code`,
    );
  }

  balanceSheet(): Promise<BalanceSheetRow[]> {
    return this.database.query<BalanceSheetRow>(
      'SELECT category, total_amount, currency FROM vw_balance_sheet ORDER BY currency',
    );
  }
}
