import { Injectable } from '@nestjs/common';
import { Database } from '../database';

/** What never changes about a customer's account. */
export interface AccountIdentityRow {
  account_id: string;
  account_number: string;
  user_id: string;
  currency: string;
}

/** Reads many accounts' identities in one query. The bank's own accounts are not among them. */
@Injectable()
export class AccountIdentitiesRepository {
  constructor(private readonly database: Database) {}

  /** By account id. */
  async byId(accountIds: readonly string[]): Promise<Map<string, AccountIdentityRow>> {
    const rows = await this.read(`account_id IN (${placesFor(accountIds)})`, accountIds);
    return new Map(rows.map((row) => [row.account_id, row]));
  }

  /** By account number in its normal form. */
  async byNumber(accountNumbers: readonly string[]): Promise<Map<string, AccountIdentityRow>> {
    const rows = await this.read(`account_number IN (${placesFor(accountNumbers)})`, accountNumbers);
    return new Map(rows.map((row) => [row.account_number, row]));
  }

  private async read(condition: string, parameters: readonly string[]): Promise<AccountIdentityRow[]> {
    const rows = await this.database.query<AccountIdentityRow>(
      `SELECT account_id, account_number, user_id, currency FROM accounts WHERE user_id IS NOT NULL AND ${condition}`,
      parameters,
    );
    return rows.map((row) => ({
      ...row,
      account_id: String(row.account_id),
      user_id: String(row.user_id),
    }));
  }
}

function placesFor(values: readonly string[]): string {
  return values.map(() => '?').join(', ');
}
