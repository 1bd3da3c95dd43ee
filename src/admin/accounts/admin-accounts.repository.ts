import { Injectable } from '@nestjs/common';
import { normaliseAccountNumber } from '../../accounts/account-number';
import type { AccountRow } from '../../accounts/accounts.repository';
import { type Actor, Database } from '../../database';
import { Conditions, containing } from '../../database/conditions';

export interface AdminAccountRow extends AccountRow {
  username: string | null;
}

export interface AdminAccountFilter {
  user_id: string | undefined;
  status: string | undefined;
  currency: string | undefined;
  account_type: string | undefined;
  q: string | undefined;
  include_system: boolean;
  before_account_id: string | undefined;
  limit: number;
}

const SELECT = `SELECT a.account_id, a.account_number, a.user_id, a.account_type, a.currency, a.balance_minor, a.held_minor,
    a.overdraft_limit_minor, a.balance_minor - a.held_minor + a.overdraft_limit_minor AS available_minor, a.status, a.opened_at,
    u.username
  FROM accounts a LEFT JOIN users u ON u.user_id = a.user_id`;

@Injectable()
export class AdminAccountsRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(filter: AdminAccountFilter): Promise<AdminAccountRow[]> {
    const conditions = new Conditions()
      .and('a.account_id < ?', filter.before_account_id)
      .and('a.user_id = ?', filter.user_id)
      .and('a.status = ?', filter.status)
      .and('a.currency = ?', filter.currency)
      .and('a.account_type = ?', filter.account_type)
      // ASCII columns are converted, because they cannot be compared with a search text outside ASCII.
      .and(
        "CONVERT(a.account_number USING utf8mb4) LIKE ? ESCAPE '!' OR CONVERT(u.username USING utf8mb4) LIKE ? ESCAPE '!'",
        filter.q === undefined ? undefined : containing(normaliseAccountNumber(filter.q)),
        containing(filter.q),
      );
    if (!filter.include_system) conditions.and('a.user_id IS NOT NULL');
    return this.database.query<AdminAccountRow>(
      `${SELECT}${conditions.where} ORDER BY a.account_id DESC LIMIT ?`,
      [...conditions.parameters, filter.limit],
    );
  }

  async find(accountId: string): Promise<AdminAccountRow | undefined> {
    const [row] = await this.database.query<AdminAccountRow>(`${SELECT} WHERE a.account_id = ?`, [accountId]);
    return row;
  }

  /**
   * The trigger that writes the audit row reads the reason from the session, as it reads the actor.
   * @throws SIGNAL ACCOUNT_NOT_FOUND, ACCOUNT_CLOSED, ACCOUNT_NOT_EMPTY
   */
  async setStatus(
    actor: Actor,
    accountId: string,
    status: 'active' | 'frozen' | 'closed',
    reason: string | undefined,
  ): Promise<void> {
    await this.database.onConnection(actor, async (queries) => {
      try {
        await queries.execute('SET @florin_change_reason = ?', [reason ?? null]);
        await queries.call('sp_set_account_status', [accountId, status]);
      } finally {
        await queries.execute('SET @florin_change_reason = NULL').catch(() => undefined);
      }
    });
  }
}
