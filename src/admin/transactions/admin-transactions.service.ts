import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../../accounts/currencies.service';
import { idOrNull, timeOrNull, toIso } from '../../database';
import { BankError } from '../../errors';
import { CursorSigner } from '../../http/cursor';
import { periodEnd, periodStart } from '../../http/fields';
import { AmountError, formatAmount, parseDecimal } from '../../money/amount';
import type { AdminTransactionAnswer, AdminTransactionsQueryDto } from './admin-transactions.dto';
import {
  type AdminEntryRow,
  AdminTransactionsRepository,
  type AdminTransactionRow,
} from './admin-transactions.repository';

/** The finest currencies of ISO 4217 have four decimals. */
const MOST_DECIMALS = 4;

@Injectable()
export class AdminTransactionsService {
  constructor(
    private readonly transactions: AdminTransactionsRepository,
    private readonly currencies: CurrenciesService,
    private readonly cursors: CursorSigner,
  ) {}

  /** Newest first, in the order in which the bank wrote them. */
  async list(
    query: AdminTransactionsQueryDto,
  ): Promise<{ items: AdminTransactionAnswer[]; next_cursor: string | null }> {
    const filters = { list: 'admin/transactions', ...query };
    const [before] = query.cursor === undefined ? [] : this.cursors.read(filters, query.cursor);
    const ids = await this.transactions.page(
      {
        type: query.type,
        status: query.status,
        currency: query.currency,
        from: periodStart(query.from),
        to: periodEnd(query.to),
        min_amount: majorUnits(query.min_amount, 'min_amount'),
        max_amount: majorUnits(query.max_amount, 'max_amount'),
        verdict: query.verdict,
        min_risk_score: query.min_risk_score,
        is_high_value: query.is_high_value,
        q: query.q,
        before_transaction_id: before?.toString(),
        limit: query.limit + 1,
      },
      await this.accountIds(query),
    );
    const page = this.cursors.page(ids, query.limit, filters, (last) => [last]);
    return { ...page, items: await this.read(page.items) };
  }

  private async accountIds({
    account_id,
    user_id,
  }: AdminTransactionsQueryDto): Promise<string[] | undefined> {
    if (user_id === undefined) return account_id === undefined ? undefined : [account_id];
    const accounts = await this.transactions.accountsOf(user_id);
    return account_id === undefined ? accounts : accounts.filter((id) => id === account_id);
  }

  private async read(transactionIds: string[]): Promise<AdminTransactionAnswer[]> {
    const [rows, entries] = await Promise.all([
      this.transactions.read(transactionIds),
      this.transactions.entries(transactionIds),
    ]);
    const entriesOf = new Map<string, AdminEntryRow[]>();
    for (const entry of entries) {
      const id = String(entry.transaction_id);
      entriesOf.set(id, [...(entriesOf.get(id) ?? []), entry]);
    }
    return rows.map((row) => this.answer(row, entriesOf.get(String(row.transaction_id)) ?? []));
  }

  private answer(row: AdminTransactionRow, entries: AdminEntryRow[]): AdminTransactionAnswer {
    const format = (minor: string) => this.currencies.format(minor, row.currency);
    return {
      transaction_id: String(row.transaction_id),
      reference_id: row.reference_id,
      type: row.type as AdminTransactionAnswer['type'],
      status: row.reversed_by === null ? 'posted' : 'reversed',
      amount: format(row.amount_minor),
      currency: row.currency,
      description: row.description,
      merchant: row.merchant_name === null ? null : { name: row.merchant_name, mcc: row.mcc ?? '' },
      channel: row.channel,
      is_high_value: row.is_high_value === 1,
      initiated_by: idOrNull(row.initiated_by),
      initiated_by_username: row.username,
      created_at: toIso(row.posted_at),
      effective_at: toIso(row.effective_at),
      reversal_of: idOrNull(row.reversal_of),
      reversed_by: idOrNull(row.reversed_by),
      verdict: (row.verdict ?? 'PENDING') as AdminTransactionAnswer['verdict'],
      risk_score: row.risk_score === null ? null : Number(row.risk_score),
      model_version: row.model_version,
      is_degraded: row.is_degraded === null ? null : row.is_degraded === 1,
      scored_at: timeOrNull(row.scored_at),
      entries: entries.map((entry) => ({
        account_id: String(entry.account_id),
        account_number: entry.account_number,
        user_id: idOrNull(entry.user_id),
        direction: entry.amount_minor.startsWith('-') ? 'debit' : 'credit',
        amount: format(entry.amount_minor.replace('-', '')),
        balance_after: format(entry.balance_after_minor),
      })),
    };
  }
}

/** A bound on amounts: a decimal in major units of whatever currency a transaction has. */
function majorUnits(amount: string | number | undefined, field: string): string | undefined {
  if (amount === undefined) return undefined;
  try {
    return formatAmount(parseDecimal(amount, MOST_DECIMALS), MOST_DECIMALS);
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    throw new BankError('VALIDATION_FAILED', { errors: [{ field, message: error.message }] });
  }
}
