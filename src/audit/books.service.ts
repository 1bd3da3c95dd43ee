import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { idOrNull, toIso } from '../database';
import { parseDecimal } from '../money/amount';
import type { BalanceSheetAnswer, IntegrityAnswer, TrialBalanceAnswer } from './audit.dto';
import { BooksRepository } from './books.repository';

const MOST_PROBLEMS = 1000;

/** What the books say as a whole: whether they are sound, and the two classic reports. */
@Injectable()
export class BooksService {
  private integrityUnderWay: Promise<IntegrityAnswer> | undefined;

  constructor(
    private readonly books: BooksRepository,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Checks the whole ledger, which takes long in a large bank: who asks while a check is under way gets its answer. */
  integrity(): Promise<IntegrityAnswer> {
    this.integrityUnderWay ??= this.checkIntegrity().finally(() => {
      this.integrityUnderWay = undefined;
    });
    return this.integrityUnderWay;
  }

  private async checkIntegrity(): Promise<IntegrityAnswer> {
    const checkedAt = new Date();
    const startedAt = performance.now();
    const rows = await this.books.integrityProblems(MOST_PROBLEMS);
    const proof = await this.books.latestProof();
    return {
      healthy: rows.length === 0,
      checked_at: checkedAt.toISOString(),
      duration_ms: Math.round(performance.now() - startedAt),
      problems_count: Number(rows[0]?.problems_count ?? 0),
      problems: rows.map((row) => ({
        problem: row.problem,
        transaction_id: idOrNull(row.transaction_id),
        reference_id: row.reference_id,
        account_id: idOrNull(row.account_id),
        currency: row.currency,
        net_sum: row.currency === null ? row.net_sum : this.currencies.format(row.net_sum, row.currency),
        entries_count: Number(row.entries_count),
      })),
      incremental: proof
        ? {
            healthy: proof.problems_count === 0,
            proven_until_transaction_id: String(proof.proven_until_transaction_id),
            transactions_waiting: Number(proof.waiting_count),
            first_problem: proof.first_problem,
            checked_at: toIso(proof.finished_at),
            duration_ms: Math.round(Number(proof.duration_us) / 1000),
          }
        : null,
    };
  }

  async trialBalance(): Promise<TrialBalanceAnswer> {
    const asOf = new Date().toISOString();
    const rows = await this.books.trialBalance();
    const sums = new Map<string, { debit: bigint; credit: bigint }>();
    for (const row of rows) {
      const sum = sums.get(row.currency) ?? { debit: 0n, credit: 0n };
      sum.debit += this.minor(row.debit_total, row.currency);
      sum.credit += this.minor(row.credit_total, row.currency);
      sums.set(row.currency, sum);
    }
    const totals = [...sums].map(([currency, { debit, credit }]) => ({
      currency,
      debit_total: this.currencies.format(debit, currency),
      credit_total: this.currencies.format(credit, currency),
      balanced: debit === credit,
    }));
    return {
      as_of: asOf,
      balanced: totals.every((total) => total.balanced),
      items: rows.map((row) => ({
        ...row,
        accounts_count: Number(row.accounts_count),
        debit_total: this.decimal(row.debit_total, row.currency),
        credit_total: this.decimal(row.credit_total, row.currency),
      })),
      totals,
    };
  }

  async balanceSheet(): Promise<BalanceSheetAnswer> {
    const asOf = new Date().toISOString();
    const sheets = new Map<string, Record<'assets' | 'liabilities' | 'equity', bigint>>();
    for (const { category, total_amount, currency } of await this.books.balanceSheet()) {
      const sheet = sheets.get(currency) ?? { assets: 0n, liabilities: 0n, equity: 0n };
      sheet[category] = this.minor(total_amount, currency);
      sheets.set(currency, sheet);
    }
    const items = [...sheets].map(([currency, { assets, liabilities, equity }]) => ({
      currency,
      assets: this.currencies.format(assets, currency),
      liabilities: this.currencies.format(liabilities, currency),
      equity: this.currencies.format(equity, currency),
      balanced: assets === liabilities + equity,
    }));
    return { as_of: asOf, balanced: items.every((item) => item.balanced), items };
  }

  /** The views give four decimals, whatever the currency has. */
  private minor(decimal: string, currency: string): bigint {
    return parseDecimal(decimal, this.currencies.exponent(currency));
  }

  private decimal(decimal: string, currency: string): string {
    return this.currencies.format(this.minor(decimal, currency), currency);
  }
}
