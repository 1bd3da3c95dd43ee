import type { Queries } from '../../src/database';
import { unitsPerDollar } from '../../src/money/worth';
import { CURRENCIES } from './currencies';

const ROLES = ['customer', 'auditor', 'analyst', 'admin'] as const;
const KYC_STATUSES = ['pending', 'verified', 'rejected'] as const;

/** US dollars. */
interface Limits {
  per_transaction: number;
  per_day: number;
  per_counterparty: number;
}

/** Whoever was not verified moves small amounts; of others the bank asks nothing until it says so. */
const DEFAULTS: Record<(typeof KYC_STATUSES)[number], Limits | null> = {
  pending: { per_transaction: 1_000, per_day: 2_500, per_counterparty: 1_500 },
  verified: null,
  rejected: { per_transaction: 250, per_day: 500, per_counterparty: 250 },
};

/**
 * A row for each role and KYC status, the worth of the currencies, and the class of accounts that are older than limits. What is
 * there stays as it is, so that a bank's own limits survive an upgrade; only the worth follows src/money/worth.ts.
 */
export async function loadCustomerLimits(queries: Queries): Promise<void> {
  for (const { currency } of CURRENCIES)
    await queries.execute('UPDATE currencies SET units_per_dollar = ? WHERE currency = ?', [
      unitsPerDollar(currency),
      currency,
    ]);
  const cents = (dollars: number | undefined) => (dollars === undefined ? null : dollars * 100);
  for (const [place, role] of ROLES.entries()) {
    for (const [index, kyc_status] of KYC_STATUSES.entries()) {
      const limits = role === 'customer' ? DEFAULTS[kyc_status] : null;
      await queries.execute(
        `INSERT IGNORE INTO customer_limits (role, kyc_status, class_bit, per_transaction_usd_cents, per_day_usd_cents,
           per_counterparty_usd_cents) VALUES (?, ?, ?, ?, ?, ?)`,
        [
          role,
          kyc_status,
          1 << (place * KYC_STATUSES.length + index),
          cents(limits?.per_transaction),
          cents(limits?.per_day),
          cents(limits?.per_counterparty),
        ],
      );
    }
  }
  await queries.execute(
    `UPDATE accounts a JOIN users u ON u.user_id = a.user_id
       JOIN customer_limits l ON l.role = u.role AND l.kyc_status = u.kyc_status
     SET a.limit_class = l.class_bit, a.version = a.version + 1
     WHERE a.limit_class = 0`,
  );
}
