import type { Queries } from '../../src/database';
import { accountNumber } from '../../src/accounts/account-number';
import { loadApprovalSettings } from './approvals';
import { CHART_OF_ACCOUNTS } from './chart-of-accounts';
import { CURRENCIES } from './currencies';
import { loadCustomerLimits } from './customer-limits';
import { MCC_CODES } from './mcc-codes';
import { loadRiskRules } from './risk-rules';

/**
 * What the bank is delivered with. Minutes until an alert is due, by its priority; the worth from which on amounts are judged first; the
 * shares of ordinary transactions that the model may have reviewed, and blocked.
 */
const SETTINGS = {
  books_closed_until: '1900-01-01 00:00:00.000000',
  case_events_order: 'locked by whoever writes case_events',
  alert_due_minutes_urgent: '60',
  alert_due_minutes_high: '480',
  alert_due_minutes_normal: '2880',
  prejudge_over_usd: '50000',
  alert_review_share: '0.01',
  alert_block_share: '0.001',
};

/**
 * Currencies, chart of accounts, the bank's own accounts, settings, merchant categories and risk rules. May run any number of times:
 * what is there stays as it is, so that a bank's own thresholds survive an upgrade.
 */
export async function loadReferenceData(queries: Queries): Promise<void> {
  for (const { currency, name, exponent, high_value } of CURRENCIES) {
    const factor = 10 ** exponent;
    await queries.execute(
      'INSERT IGNORE INTO currencies (currency, name, exponent, minor_per_major, high_value_minor) VALUES (?, ?, ?, ?, ?)',
      [currency, name, exponent, factor, high_value * factor],
    );
  }
  for (const { account_type, gl_code, name, category, is_customer } of CHART_OF_ACCOUNTS) {
    await queries.execute(
      'INSERT IGNORE INTO chart_of_accounts (account_type, gl_code, name, category, is_customer) VALUES (?, ?, ?, ?, ?)',
      [account_type, gl_code, name, category, is_customer],
    );
  }
  for (const [mcc, description] of Object.entries(MCC_CODES)) {
    await queries.execute('INSERT IGNORE INTO mcc_codes (mcc, description) VALUES (?, ?)', [
      mcc,
      description,
    ]);
  }
  for (const [setting_key, setting_value] of Object.entries(SETTINGS)) {
    await queries.execute('INSERT IGNORE INTO bank_settings (setting_key, setting_value) VALUES (?, ?)', [
      setting_key,
      setting_value,
    ]);
  }
  await openSystemAccounts(queries);
  await loadRiskRules(queries);
  await loadCustomerLimits(queries);
  await loadApprovalSettings(queries);
}

async function openSystemAccounts(queries: Queries): Promise<void> {
  const kinds = CHART_OF_ACCOUNTS.filter((kind) => !kind.is_customer);
  const existing = await queries.query<{ currency: string; system_code: string }>(
    'SELECT currency, system_code FROM accounts WHERE system_code IS NOT NULL',
  );
  const open = new Set(existing.map((row) => `${row.currency} ${row.system_code}`));
  for (const [index, { currency }] of CURRENCIES.entries()) {
    for (const { account_type, gl_code } of kinds) {
      if (open.has(`${currency} ${account_type}`)) continue;
      await queries.execute(
        'INSERT INTO accounts (account_number, account_type, system_code, currency) VALUES (?, ?, ?, ?)',
        [accountNumber(`${String(index).padStart(8, '0')}${gl_code}`), account_type, account_type, currency],
      );
    }
  }
}
