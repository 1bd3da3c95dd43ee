import { Injectable } from '@nestjs/common';
import { Database, type Queries, toIso } from '../database';

export type KycStatus = 'pending' | 'verified' | 'rejected';

/** A user as the user sees it. */
export interface Profile {
  user_id: string;
  username: string;
  email: string;
  full_name: string;
  /** YYYY-MM-DD. */
  date_of_birth: string | null;
  phone_number: string | null;
  role: string;
  kyc_status: KycStatus;
  is_active: boolean;
  has_pin: boolean;
  created_at: string;
}

type ProfileRow = Omit<Profile, 'is_active' | 'has_pin'> & { is_active: number; has_pin: number | string };

export interface NewUser {
  username: string;
  email: string;
  full_name: string;
  date_of_birth: string;
  phone_number?: string | null | undefined;
}

/** What users may change about themselves. Undefined stays as it is. */
export type ProfileChanges = Partial<Pick<NewUser, 'full_name' | 'email' | 'phone_number'>>;

const CHANGEABLE = ['full_name', 'email', 'phone_number'] as const;

@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  async find(userId: string, queries: Queries = this.database): Promise<Profile | null> {
    const [row] = await queries.query<ProfileRow>(
      `SELECT u.user_id, u.username, u.email, u.full_name, u.date_of_birth, u.phone_number, u.role, u.kyc_status, u.is_active,
         c.pin_hash IS NOT NULL AS has_pin, u.created_at
       FROM users u LEFT JOIN user_credentials c ON c.user_id = u.user_id
       WHERE u.user_id = ?`,
      [userId],
    );
    return row
      ? {
          ...row,
          user_id: String(row.user_id),
          is_active: row.is_active === 1,
          has_pin: Number(row.has_pin) === 1,
          created_at: toIso(row.created_at),
        }
      : null;
  }

  async insert(queries: Queries, user: NewUser): Promise<string> {
    const { insertId } = await queries.execute(
      'INSERT INTO users (username, email, full_name, date_of_birth, phone_number) VALUES (?, ?, ?, ?, ?)',
      [user.username, user.email, user.full_name, user.date_of_birth, user.phone_number ?? null],
    );
    return insertId;
  }

  async update(queries: Queries, userId: string, changes: ProfileChanges): Promise<void> {
    const columns = CHANGEABLE.filter((column) => changes[column] !== undefined);
    await queries.execute(
      `UPDATE users SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE user_id = ?`,
      [...columns.map((column) => changes[column]), userId],
    );
  }
}
