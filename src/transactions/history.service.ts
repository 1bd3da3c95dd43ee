import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { AccountDirectory } from '../accounts/account-directory';
import { AccountsRepository } from '../accounts/accounts.repository';
import { CurrenciesService } from '../accounts/currencies.service';
import { toIso } from '../database';
import { BankError } from '../errors';
import { CursorSigner } from '../http/cursor';
import { periodEnd, periodStart } from '../http/fields';
import type { Principal } from '../http/request-context';
import { AmountError, formatAmount, parseDecimal } from '../money/amount';
import type { HistoryItem, HistoryQueryDto } from './dto/money-answer.dto';
import { HistoryRepository, type HistoryRow } from './history.repository';

type HistoryQuery = z.output<typeof HistoryQueryDto.schema>;

@Injectable()
export class HistoryService {
  constructor(
    private readonly history: HistoryRepository,
    private readonly accounts: AccountsRepository,
    private readonly directory: AccountDirectory,
    private readonly currencies: CurrenciesService,
    private readonly cursors: CursorSigner,
  ) {}

  /** The caller's transactions; staff name the account they want to see. */
  async page(
    principal: Principal,
    query: HistoryQuery,
  ): Promise<{ items: HistoryItem[]; next_cursor: string | null }> {
    const { cursor, limit, ...rest } = query;
    const filters = { list: 'transactions/history', ...rest, user_id: principal.user_id };
    const position = cursor === undefined ? undefined : this.cursors.read(filters, cursor).map(String);
    const accountIds = await this.accountIds(principal, query.account_id);
    if (accountIds.length === 0) return { items: [], next_cursor: null };
    const rows = await this.history.page({
      account_ids: accountIds,
      type: query.type,
      status: query.status,
      from: periodStart(query.from),
      to: periodEnd(query.to),
      min_amount: majorUnits(query.min_amount, 'min_amount'),
      max_amount: majorUnits(query.max_amount, 'max_amount'),
      q: query.q,
      sort: query.sort,
      after: position && { value: position[0] ?? '', transaction_id: position[1] ?? '' },
      limit: limit + 1,
    });
    const page = this.cursors.page(rows, limit, filters, (last) => [
      last.sort_value,
      String(last.transaction_id),
    ]);
    return { ...page, items: page.items.map((row) => this.item(row)) };
  }

  private async accountIds(principal: Principal, accountId: string | undefined): Promise<string[]> {
    if (accountId !== undefined)
      return [String((await this.directory.read(principal, accountId)).account_id)];
    const rows = await this.accounts.listOf(principal.user_id);
    return rows.map((row) => String(row.account_id));
  }

  private item(row: HistoryRow): HistoryItem {
    return {
      transaction_id: String(row.transaction_id),
      reference_id: row.reference_id,
      type: row.type,
      status: row.reversed_by === null ? 'posted' : 'reversed',
      account_id: String(row.account_id),
      direction: row.amount_minor.startsWith('-') ? 'debit' : 'credit',
      amount: this.currencies.format(row.amount_minor, row.currency),
      currency: row.currency,
      balance_after: this.currencies.format(row.balance_after_minor, row.currency),
      description: row.description,
      merchant: row.merchant_name === null ? null : { name: row.merchant_name, mcc: row.mcc ?? '' },
      channel: row.channel,
      effective_at: toIso(row.effective_at),
      created_at: toIso(row.posted_at),
    };
  }
}

/** A bound on amounts: a decimal in major units of whatever currency the row has. */
function majorUnits(amount: string | number | undefined, field: string): string | undefined {
  if (amount === undefined) return undefined;
  try {
    return formatAmount(parseDecimal(amount, 4), 4);
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    throw new BankError('VALIDATION_FAILED', { errors: [{ field, message: error.message }] });
  }
}
