import { Injectable } from '@nestjs/common';
import { hasPermission } from '../auth/permissions';
import { type Actor, toDatabaseTime, toIso } from '../database';
import { BankError } from '../errors';
import { CursorSigner } from '../http/cursor';
import { periodEnd, periodStart } from '../http/fields';
import type { Principal } from '../http/request-context';
import { AccountDirectory } from './account-directory';
import { type AccountRow, AccountsRepository, type Clock, type StatementRow } from './accounts.repository';
import { CurrenciesService } from './currencies.service';
import type { AccountAnswer, BalanceDto, StatementDto, StatementItem } from './dto/account.dto';

interface StatementQuery {
  from?: string | undefined;
  to?: string | undefined;
  clock: Clock;
  cursor?: string | undefined;
  limit: number;
}

@Injectable()
export class AccountsService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly directory: AccountDirectory,
    private readonly currencies: CurrenciesService,
    private readonly cursors: CursorSigner,
  ) {}

  async open(
    actor: Actor,
    principal: Principal,
    accountType: string,
    currency: string,
  ): Promise<AccountAnswer> {
    this.currencies.exponent(currency);
    const row = await this.accounts.open(actor, principal.user_id, accountType, currency);
    if (!row) throw new BankError('USER_NOT_FOUND');
    return this.answer(row);
  }

  async list(principal: Principal): Promise<{ items: AccountAnswer[]; next_cursor: null }> {
    const rows = await this.accounts.listOf(principal.user_id);
    return { items: rows.map((row) => this.answer(row)), next_cursor: null };
  }

  async get(principal: Principal, accountId: string): Promise<AccountAnswer> {
    return this.answer(await this.directory.read(principal, accountId));
  }

  /** What an account has, or had `at` a past moment on either clock. A day means its end. */
  async balance(
    principal: Principal,
    accountId: string,
    at: string | undefined,
    clock: Clock,
  ): Promise<InstanceType<typeof BalanceDto>> {
    await this.directory.read(principal, accountId);
    const row = await this.accounts.balance(accountId, at === undefined ? null : momentOf(at), clock);
    if (!row) throw new BankError('ACCOUNT_NOT_FOUND');
    const format = (minor: string) => this.currencies.format(minor, row.currency);
    return {
      account_id: String(row.account_id),
      account_number: row.account_number,
      balance: format(row.balance_minor),
      held_balance: row.held_minor === null ? null : format(row.held_minor),
      available_balance: row.available_minor === null ? null : format(row.available_minor),
      currency: row.currency,
      as_of: toIso(row.as_of),
      clock,
    };
  }

  /**
   * A page of the statement. The first page pins the account's last entry into the cursor, so that what is posted meanwhile
   * shifts neither pages nor balances; each page's running balance goes on where the page before ended.
   */
  async statement(
    principal: Principal,
    accountId: string,
    query: StatementQuery,
  ): Promise<InstanceType<typeof StatementDto>> {
    const account = await this.directory.read(principal, accountId);
    const { clock, limit } = query;
    const filters = {
      list: 'accounts/statement',
      account_id: accountId,
      from: query.from,
      to: query.to,
      clock,
    };
    const from = periodStart(query.from);
    const to = periodEnd(query.to);
    const position =
      query.cursor === undefined ? undefined : this.cursors.read(filters, query.cursor).map(String);
    const [time = '', sequence = '', running = '', pinned = await this.accounts.lastSequence(accountId)] =
      position ?? [];
    const sumBefore = (moment: string | undefined) =>
      this.accounts.sumBefore(accountId, clock, moment, pinned);
    const opening = BigInt(position?.[4] ?? (from === undefined ? 0 : await sumBefore(from)));
    // A period that ends before it begins has no movements.
    const end = from !== undefined && to !== undefined && to < from ? from : to;
    const closing = BigInt(position?.[5] ?? (await sumBefore(end)));
    const rows = await this.accounts.statement({
      account_id: accountId,
      clock,
      from,
      to,
      up_to_sequence: pinned,
      after: position && { time, sequence },
      limit: limit + 1,
    });
    let balance = position ? BigInt(running) : opening;
    const movements = rows.map((row) => {
      balance += BigInt(row.amount_minor);
      return { row, balance };
    });
    const { items, next_cursor } = this.cursors.page(movements, limit, filters, (last) => [
      last.row[`${clock}_at`],
      String(last.row.account_seq),
      last.balance.toString(),
      pinned,
      opening.toString(),
      closing.toString(),
    ]);
    return {
      account_id: String(account.account_id),
      account_number: account.account_number,
      currency: account.currency,
      from: from === undefined ? null : toIso(from),
      to: to === undefined ? null : toIso(to),
      clock,
      opening_balance: this.currencies.format(opening, account.currency),
      closing_balance: this.currencies.format(closing, account.currency),
      items: items.map((item) => this.statementItem(principal, item.row, item.balance, account.currency)),
      next_cursor,
    };
  }

  private statementItem(
    principal: Principal,
    row: StatementRow,
    balanceAfter: bigint,
    currency: string,
  ): StatementItem {
    return {
      transaction_id: String(row.transaction_id),
      reference_id: row.reference_id,
      posted_at: toIso(row.posted_at),
      effective_at: toIso(row.effective_at),
      type: row.type,
      status: row.reversed_by === null ? 'posted' : 'reversed',
      description: row.description,
      amount: this.currencies.format(row.amount_minor, currency),
      balance_after: this.currencies.format(balanceAfter, currency),
      counterparty: counterpartyFor(principal, row),
    };
  }

  answer(row: AccountRow): AccountAnswer {
    const format = (minor: string) => this.currencies.format(minor, row.currency);
    return {
      account_id: String(row.account_id),
      account_number: row.account_number,
      account_type: row.account_type,
      currency: row.currency,
      balance: format(row.balance_minor),
      held_balance: format(row.held_minor),
      available_balance: format(row.available_minor),
      overdraft_limit: format(row.overdraft_limit_minor),
      status: row.status as AccountAnswer['status'],
      opened_at: toIso(row.opened_at),
    };
  }
}

/**
 * The other side as `principal` may know it. Anybody can send a cent to any account, which must not tell whose it is: another
 * customer shows as "Bob M." with the last four characters of the account number, enough to recognise who one knows. The
 * bank's own accounts have numbers too, which are nobody's business.
 */
function counterpartyFor(principal: Principal, row: StatementRow): StatementItem['counterparty'] {
  const { counterparty_user_id: userId, counterparty_account_number: accountNumber } = row;
  if (accountNumber === null) return null;
  const name = row.merchant_name ?? row.counterparty_name;
  if (userId === null) return { name, account_number: null };
  if (hasPermission(principal.role, 'accounts:read_all') || String(userId) === principal.user_id)
    return { name, account_number: accountNumber };
  return { name: name && shortName(name), account_number: `…${accountNumber.slice(-4)}` };
}

/** "Bob van der Meer" to "Bob M." */
function shortName(fullName: string): string {
  const [first = '', ...others] = fullName.trim().split(/\s+/u);
  const [initial] = others.at(-1) ?? '';
  return initial === undefined ? first : `${first} ${initial}.`;
}

function momentOf(at: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(at) ? `${at} 23:59:59.999999` : toDatabaseTime(at);
}
