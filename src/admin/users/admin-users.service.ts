import { Injectable } from '@nestjs/common';
import { AccountsRepository } from '../../accounts/accounts.repository';
import { AccountsService } from '../../accounts/accounts.service';
import { CurrenciesService } from '../../accounts/currencies.service';
import { TokenRevocations } from '../../auth/token-revocations';
import { type Actor, toIso } from '../../database';
import { BankError } from '../../errors';
import { CursorSigner } from '../../http/cursor';
import type { AdminUserAnswer, AdminUserDetailAnswer, AdminUsersQueryDto } from './admin-users.dto';
import {
  AdminUsersRepository,
  type CustomerProfileRow,
  type StandingChange,
  type UserRow,
} from './admin-users.repository';

const RECENT_LOGINS = 10;

@Injectable()
export class AdminUsersService {
  constructor(
    private readonly users: AdminUsersRepository,
    private readonly accounts: AccountsService,
    private readonly accountRows: AccountsRepository,
    private readonly currencies: CurrenciesService,
    private readonly revocations: TokenRevocations,
    private readonly cursors: CursorSigner,
  ) {}

  /** Newest first. */
  async list(query: AdminUsersQueryDto): Promise<{ items: AdminUserAnswer[]; next_cursor: string | null }> {
    const filters = { list: 'admin/users', ...query };
    const [before] = query.cursor === undefined ? [] : this.cursors.read(filters, query.cursor);
    const rows = await this.users.list({
      role: query.role,
      kyc_status: query.kyc_status,
      is_active: query.is_active,
      q: query.q,
      before_user_id: before?.toString(),
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [last.user_id]);
    return { ...page, items: page.items.map(userAnswer) };
  }

  /** @throws BankError USER_NOT_FOUND */
  async get(userId: string): Promise<AdminUserDetailAnswer> {
    const user = await this.users.find(userId);
    if (!user) throw new BankError('USER_NOT_FOUND');
    const [accounts, profile, logins] = await Promise.all([
      this.accountRows.listOf(userId),
      this.users.customerProfile(userId),
      this.users.recentLogins(userId, RECENT_LOGINS),
    ]);
    return {
      ...userAnswer(user),
      accounts: accounts.map((account) => this.accounts.answer(account)),
      customer_profile: profile ? this.profileAnswer(profile) : null,
      recent_logins: logins.map((login) => ({
        occurred_at: toIso(login.occurred_at),
        succeeded: login.succeeded === 1,
        reason: login.reason,
        ip_address: login.ip_address,
        user_agent: login.user_agent,
      })),
    };
  }

  /**
   * Changes role, KYC status or activity. A change of role or activity ends the user's access tokens, here at once and in
   * other API processes within a second.
   */
  async changeStanding(actor: Actor, userId: string, change: StandingChange): Promise<AdminUserAnswer> {
    await this.users.changeStanding(actor, userId, change);
    await this.revocations.poll();
    const user = await this.users.find(userId);
    if (!user) throw new BankError('USER_NOT_FOUND');
    return userAnswer(user);
  }

  private profileAnswer(row: CustomerProfileRow): AdminUserDetailAnswer['customer_profile'] {
    const format = (minor: string | null) =>
      minor === null ? null : this.currencies.format(minor, row.currency);
    return {
      source: row.source,
      external_client_id: row.external_client_id,
      gender: row.gender,
      address: row.address,
      currency: row.currency,
      per_capita_income: format(row.per_capita_income_minor),
      yearly_income: format(row.yearly_income_minor),
      total_debt: format(row.total_debt_minor),
      credit_score: row.credit_score,
      retirement_age: row.retirement_age,
      num_credit_cards: row.num_credit_cards,
    };
  }
}

function userAnswer(row: UserRow): AdminUserAnswer {
  return {
    user_id: String(row.user_id),
    username: row.username,
    email: row.email,
    full_name: row.full_name,
    date_of_birth: row.date_of_birth,
    phone_number: row.phone_number,
    role: row.role,
    kyc_status: row.kyc_status as AdminUserAnswer['kyc_status'],
    is_active: row.is_active === 1,
    created_at: toIso(row.created_at),
  };
}
