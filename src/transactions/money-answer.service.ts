import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../accounts/currencies.service';
import { hasPermission } from '../auth/permissions';
import { idOrNull, toIso } from '../database';
import { BankError, ERRORS } from '../errors';
import type { Principal } from '../http/request-context';
import type { PostingOutcome } from '../posting';
import type { MoneyAnswer } from './dto/money-answer.dto';
import { type EntryRow, TransactionsRepository, type TransactionRow } from './transactions.repository';

/** Writes outcomes of posting the way every money endpoint answers them. */
@Injectable()
export class MoneyAnswerService {
  constructor(
    private readonly transactions: TransactionsRepository,
    private readonly currencies: CurrenciesService,
  ) {}

  /**
   * The answer to an accepted item: from the outcome itself when it was posted now, from the ledger when it is a replay, the
   * same either way. @throws BankError with the code of a declined item
   */
  async answer(
    outcome: PostingOutcome,
    principal: Principal,
    reversalOf: string | null = null,
  ): Promise<MoneyAnswer> {
    if (outcome.code !== 'OK') {
      throw new BankError(outcome.code, {
        is_replayed: outcome.is_replayed,
        detail: ERRORS[outcome.code].title,
      });
    }
    if (outcome.is_replayed) return this.replayed(outcome, principal);
    const entries = outcome.legs.map((leg) => ({
      account_id: leg.account_id,
      user_id: leg.user_id,
      amount_minor: String(leg.amount_minor),
      balance_after_minor: String(leg.balance_after_minor),
      available_after_minor: String(leg.available_after_minor),
    }));
    return this.write(
      {
        transaction_id: outcome.transaction_id,
        reference_id: outcome.reference_id ?? (await this.referenceOfHold(outcome)),
        hold_id: outcome.hold_id,
        type: outcome.type,
        currency: outcome.currency,
        amount_minor: String(outcome.amount_minor),
        description: outcome.description,
        effective_at: outcome.effective_at,
        posted_at: outcome.posted_at,
        reversal_of: reversalOf,
        reversed_by: null,
      },
      entries,
      principal,
      statusOf(outcome.type),
    );
  }

  /** A posted transaction as it stands now. Whoever may not see it gets the answer for one that does not exist. */
  async read(transactionId: string, principal: Principal): Promise<MoneyAnswer> {
    const row = await this.transactions.find(transactionId);
    const entries = await this.transactions.entries(transactionId);
    const isVisible =
      hasPermission(principal.role, 'transactions:read_all') ||
      entries.some((entry) => isOf(entry, principal));
    if (!row || !isVisible) throw new BankError('TRANSACTION_NOT_FOUND');
    return this.write(row, entries, principal, row.reversed_by === null ? 'posted' : 'reversed');
  }

  private async replayed(outcome: PostingOutcome, principal: Principal): Promise<MoneyAnswer> {
    if (outcome.transaction_id !== null) {
      const row = await this.transactions.find(outcome.transaction_id);
      const entries = await this.transactions.entries(outcome.transaction_id);
      if (!row) throw new BankError('TRANSACTION_NOT_FOUND');
      // The first answer again: it could not know of a later reversal.
      return this.write({ ...row, reversed_by: null }, entries, principal, 'posted');
    }
    const event = outcome.type === 'hold' ? 'created' : outcome.type === 'void' ? 'voided' : 'expired';
    const hold = await this.transactions.holdAfter(outcome.hold_id ?? '0', event);
    if (!hold) throw new BankError('HOLD_NOT_FOUND');
    return this.write(
      {
        transaction_id: null,
        reference_id: hold.reference_id,
        hold_id: String(hold.hold_id),
        type: outcome.type,
        currency: hold.currency,
        amount_minor: hold.event_amount_minor,
        description: outcome.description,
        effective_at: hold.occurred_at,
        posted_at: hold.occurred_at,
        reversal_of: null,
        reversed_by: null,
      },
      [{ ...hold, amount_minor: '0' }],
      principal,
      statusOf(outcome.type),
    );
  }

  /** A void has no reference of its own: it is that of its hold. */
  private async referenceOfHold(outcome: PostingOutcome): Promise<string> {
    const hold = await this.transactions.holdAfter(outcome.hold_id ?? '0', 'created');
    return hold?.reference_id ?? '';
  }

  private write(
    row: TransactionRow,
    entries: EntryRow[],
    principal: Principal,
    status: MoneyAnswer['status'],
  ): MoneyAnswer {
    const format = (minor: string | bigint) => this.currencies.format(minor, row.currency);
    const seesAll = hasPermission(principal.role, 'transactions:read_all');
    const isShown = (entry: EntryRow) => seesAll || isOf(entry, principal);
    return {
      transaction_id: idOrNull(row.transaction_id),
      reference_id: row.reference_id,
      hold_id: idOrNull(row.hold_id),
      type: row.type,
      status,
      amount: format(row.amount_minor),
      currency: row.currency,
      description: row.description,
      created_at: toIso(row.posted_at),
      effective_at: toIso(row.effective_at),
      entries: entries
        .filter((entry) => entry.amount_minor !== '0')
        .map((entry) => ({
          account_id: String(entry.account_id),
          direction: entry.amount_minor.startsWith('-') ? 'debit' : 'credit',
          amount: format(entry.amount_minor.replace('-', '')),
          balance_after: isShown(entry) ? format(entry.balance_after_minor) : null,
        })),
      balances: entries
        .filter((entry) => entry.user_id !== null && isShown(entry))
        .map((entry) => ({
          account_id: String(entry.account_id),
          balance: format(entry.balance_after_minor),
          available_balance: format(entry.available_after_minor),
        })),
      reversal_of: idOrNull(row.reversal_of),
      reversed_by: idOrNull(row.reversed_by),
    };
  }
}

function isOf(entry: EntryRow, principal: Principal): boolean {
  return entry.user_id !== null && String(entry.user_id) === principal.user_id;
}

function statusOf(type: PostingOutcome['type']): MoneyAnswer['status'] {
  if (type === 'hold') return 'active';
  if (type === 'void') return 'voided';
  return type === 'expire' ? 'expired' : 'posted';
}
