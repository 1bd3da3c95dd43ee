import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../database';

/** US cents; null: no limit. BIGINT columns arrive as strings. */
export interface LimitValues {
  per_transaction_usd_cents: string | null;
  per_day_usd_cents: string | null;
  per_counterparty_usd_cents: string | null;
}

export interface ClassLimitsRow extends LimitValues {
  role: string;
  kyc_status: string;
  revision: number;
  updated_by: string | null;
  updated_at: string;
}

export interface CustomerLimitsRow extends LimitValues {
  role: string;
  kyc_status: string;
  /** 0: those of his role and KYC status. */
  own_revision: number | string;
  /** Ten-thousandths of a US dollar. */
  used_worth: string;
}

/** A currency in which a customer has an account. */
export interface CurrencyWorthRow {
  currency: string;
  minor_per_dollar: string;
}

export interface LimitDeclineRow {
  code: string;
  currency: string;
  limit_minor: string;
  left_minor: string;
}

const VALUES = 'per_transaction_usd_cents, per_day_usd_cents, per_counterparty_usd_cents';

@Injectable()
export class LimitsRepository {
  constructor(private readonly database: Database) {}

  classes(): Promise<ClassLimitsRow[]> {
    return this.database.query<ClassLimitsRow>(
      `SELECT role, kyc_status, ${VALUES}, revision, updated_by, updated_at
       FROM customer_limits WHERE user_id IS NULL ORDER BY class_bit`,
    );
  }

  async ofUser(userId: string): Promise<CustomerLimitsRow | undefined> {
    const [row] = await this.database.query<CustomerLimitsRow>(
      `SELECT u.role, u.kyc_status, COALESCE(o.revision, 0) AS own_revision,
         IF(o.user_id IS NULL, c.per_transaction_usd_cents, o.per_transaction_usd_cents) AS per_transaction_usd_cents,
         IF(o.user_id IS NULL, c.per_day_usd_cents, o.per_day_usd_cents) AS per_day_usd_cents,
         IF(o.user_id IS NULL, c.per_counterparty_usd_cents, o.per_counterparty_usd_cents) AS per_counterparty_usd_cents,
         COALESCE(t.used_worth, 0) AS used_worth
       FROM users u
       LEFT JOIN customer_limits o ON o.user_id = u.user_id
       LEFT JOIN customer_limits c ON c.role = u.role AND c.kyc_status = u.kyc_status
       LEFT JOIN limit_usage t ON t.user_id = u.user_id AND t.party_kind = '' AND t.party_id = 0 AND t.usage_day >= UTC_DATE()
       WHERE u.user_id = ?`,
      [userId],
    );
    return row;
  }

  currenciesOf(userId: string): Promise<CurrencyWorthRow[]> {
    return this.database.query<CurrencyWorthRow>(
      `SELECT currency, CAST(minor_per_major * units_per_dollar AS CHAR) AS minor_per_dollar FROM currencies
       WHERE currency IN (SELECT currency FROM accounts WHERE user_id = ? AND status <> 'closed') ORDER BY currency`,
      [userId],
    );
  }

  /** What a limit was when it declined the request with this key, in its stored form. */
  async declineOf(key: string): Promise<LimitDeclineRow | undefined> {
    const [row] = await this.database.query<LimitDeclineRow>(
      'SELECT code, currency, limit_minor, left_minor FROM limit_declines WHERE idempotency_key = UNHEX(?)',
      [key],
    );
    return row;
  }

  /** @throws SIGNAL CUSTOMER_LIMITS_NOT_FOUND, VERSION_CONFLICT */
  async setClass(
    actor: Actor,
    of: { role: string; kyc_status: string; revision: number },
    values: LimitValues,
    reason: string,
  ): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_set_class_limits', [
        of.role,
        of.kyc_status,
        of.revision,
        ...parametersOf(values),
        reason,
      ]),
    );
  }

  /** `values` null: those of his role and KYC status again. @throws SIGNAL USER_NOT_FOUND, VERSION_CONFLICT */
  async setUser(
    actor: Actor,
    of: { user_id: string; revision: number },
    values: LimitValues | null,
    reason: string,
  ): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_set_user_limits', [
        of.user_id,
        of.revision,
        values !== null,
        ...parametersOf(values),
        reason,
      ]),
    );
  }
}

function parametersOf(values: LimitValues | null): (string | null)[] {
  return [
    values?.per_transaction_usd_cents ?? null,
    values?.per_day_usd_cents ?? null,
    values?.per_counterparty_usd_cents ?? null,
  ];
}
