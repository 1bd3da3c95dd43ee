import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../../database';
import { Conditions, containing } from '../../database/conditions';

export interface UserRow {
  user_id: string;
  username: string;
  email: string;
  full_name: string;
  date_of_birth: string | null;
  phone_number: string | null;
  role: string;
  kyc_status: string;
  is_active: number;
  created_at: string;
}

export interface CustomerProfileRow {
  source: string;
  external_client_id: string | null;
  gender: string | null;
  address: string | null;
  currency: string;
  per_capita_income_minor: string | null;
  yearly_income_minor: string | null;
  total_debt_minor: string | null;
  credit_score: number | null;
  retirement_age: number | null;
  num_credit_cards: number | null;
}

export interface LoginAttemptRow {
  occurred_at: string;
  succeeded: number;
  reason: string;
  ip_address: string | null;
  user_agent: string | null;
}

export interface UserFilter {
  role: string | undefined;
  kyc_status: string | undefined;
  is_active: boolean | undefined;
  q: string | undefined;
  before_user_id: string | undefined;
  limit: number;
}

/** What an administrator decides about a user; what is missing stays as it is. */
export interface StandingChange {
  role?: string;
  kyc_status?: string;
  is_active?: boolean;
}

const USER_COLUMNS =
  'user_id, username, email, full_name, date_of_birth, phone_number, role, kyc_status, is_active, created_at';

@Injectable()
export class AdminUsersRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(filter: UserFilter): Promise<UserRow[]> {
    const pattern = containing(filter.q);
    const conditions = new Conditions()
      .and('user_id < ?', filter.before_user_id)
      .and('role = ?', filter.role)
      .and('kyc_status = ?', filter.kyc_status)
      .and('is_active = ?', filter.is_active)
      // The ASCII column is converted, because it cannot be compared with a search text outside ASCII.
      .and(
        "CONVERT(username USING utf8mb4) LIKE ? ESCAPE '!' OR full_name LIKE ? ESCAPE '!' OR email LIKE ? ESCAPE '!'",
        pattern,
        pattern,
        pattern,
      );
    return this.database.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users${conditions.where} ORDER BY user_id DESC LIMIT ?`,
      [...conditions.parameters, filter.limit],
    );
  }

  async find(userId: string): Promise<UserRow | undefined> {
    const [row] = await this.database.query<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE user_id = ?`, [
      userId,
    ]);
    return row;
  }

  async customerProfile(userId: string): Promise<CustomerProfileRow | undefined> {
    const [row] = await this.database.query<CustomerProfileRow>(
      `SELECT source, external_client_id, gender, address, currency, per_capita_income_minor, yearly_income_minor,
         total_debt_minor, credit_score, retirement_age, num_credit_cards
       FROM customer_profiles WHERE user_id = ?`,
      [userId],
    );
    return row;
  }

  recentLogins(userId: string, limit: number): Promise<LoginAttemptRow[]> {
    return this.database.query<LoginAttemptRow>(
      `SELECT occurred_at, succeeded, reason, ip_address, user_agent
       FROM login_activity WHERE user_id = ? ORDER BY occurred_at DESC, login_activity_id DESC LIMIT ?`,
      [userId, limit],
    );
  }

  /** @throws SIGNAL USER_NOT_FOUND, LAST_ADMINISTRATOR */
  async changeStanding(actor: Actor, userId: string, change: StandingChange): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_update_user_standing', [
        userId,
        change.role ?? null,
        change.kyc_status ?? null,
        change.is_active ?? null,
      ]),
    );
  }
}
