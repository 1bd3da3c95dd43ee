import { Injectable } from '@nestjs/common';
import { AccountsService } from '../../accounts/accounts.service';
import { type Actor, idOrNull } from '../../database';
import { BankError } from '../../errors';
import { CursorSigner } from '../../http/cursor';
import type { AdminAccountAnswer, AdminAccountsQueryDto } from './admin-accounts.dto';
import { AdminAccountsRepository, type AdminAccountRow } from './admin-accounts.repository';

@Injectable()
export class AdminAccountsService {
  constructor(
    private readonly rows: AdminAccountsRepository,
    private readonly accounts: AccountsService,
    private readonly cursors: CursorSigner,
  ) {}

  /** Newest first. */
  async list(
    query: AdminAccountsQueryDto,
  ): Promise<{ items: AdminAccountAnswer[]; next_cursor: string | null }> {
    const filters = { list: 'admin/accounts', ...query };
    const [before] = query.cursor === undefined ? [] : this.cursors.read(filters, query.cursor);
    const rows = await this.rows.list({
      user_id: query.user_id,
      status: query.status,
      currency: query.currency,
      account_type: query.account_type,
      q: query.q,
      include_system: query.include_system ?? false,
      before_account_id: before?.toString(),
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [last.account_id]);
    return { ...page, items: page.items.map((row) => this.answer(row)) };
  }

  /** @throws BankError ACCOUNT_NOT_FOUND, ACCOUNT_CLOSED, ACCOUNT_NOT_EMPTY */
  async setStatus(
    actor: Actor,
    accountId: string,
    status: 'active' | 'frozen' | 'closed',
    reason: string | undefined,
  ): Promise<AdminAccountAnswer> {
    await this.rows.setStatus(actor, accountId, status, reason);
    const row = await this.rows.find(accountId);
    if (!row) throw new BankError('ACCOUNT_NOT_FOUND');
    return this.answer(row);
  }

  private answer(row: AdminAccountRow): AdminAccountAnswer {
    return {
      ...this.accounts.answer(row),
      user_id: idOrNull(row.user_id),
      username: row.username,
    };
  }
}
