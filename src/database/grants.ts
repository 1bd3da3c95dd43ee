import type { Queries } from './database';
import { databaseName } from './connection';

/** The least each part of the bank needs. The owner, who migrates and defines the procedures, is the only one above this. */
export interface DatabaseUsers {
  api?: string;
  worker?: string;
  auditor?: string;
}

/** Everything the ledger is made of: only procedures write here. */
export const LEDGER_TABLES = [
  'accounts',
  'transactions',
  'ledger_entries',
  'holds',
  'hold_events',
  'reversals',
  'idempotency_keys',
  'declined_transactions',
  'customer_limits',
  'limit_usage',
  'limit_declines',
  'approval_requests',
  'approval_events',
  'declines_to_alert',
  'transaction_risk_scores',
  'outbox',
  'system_audit_logs',
  'ledger_proofs',
  'seal_blocks',
  'seal_keys',
  'fraud_cases',
  'alerts',
  'case_events',
  'case_transactions',
] as const;

const VIEWS = [
  'vw_customer_statement',
  'vw_balance_sheet',
  'vw_trial_balance',
  'vw_ledger_integrity_check',
  'vw_balance_marks_check',
  'vw_flagged_transactions',
] as const;

const REFERENCE_TABLES = [
  'currencies',
  'bank_settings',
  'chart_of_accounts',
  'mcc_codes',
  'merchants',
  'cards',
  'customer_profiles',
  'fraud_labels',
  'risk_models',
  'risk_rules',
  'risk_rule_versions',
  'risk_list_entries',
  'risk_revisions',
  'sanctions_names',
  'worker_state',
  'users',
  'login_activity',
  'database_objects',
  'schema_migrations',
] as const;

/** sp_perform_transfer, sp_deposit_cash and sp_withdraw_cash are for people at a prompt, and ask no owner: not for the API. */
const API_PROCEDURES = [
  'sp_post_batch',
  'sp_open_account',
  'sp_get_balance',
  'sp_get_balance_before',
  'sp_list_accounts',
  'sp_set_account_status',
  'sp_update_user_standing',
  'sp_close_period',
  'sp_set_class_limits',
  'sp_set_user_limits',
  'sp_request_approval',
  'sp_decide_approval',
  'sp_finish_approval',
  'sp_set_four_eyes',
  'sp_check_objects',
  'sp_create_risk_rule',
  'sp_change_risk_rule',
  'sp_set_risk_rule_status',
  'sp_end_rule_shadow',
  'sp_add_risk_list_entry',
  'sp_remove_risk_list_entry',
  'sp_decide_alert',
  'sp_settle_alert',
  'sp_add_case_note',
  'sp_assign_case',
  'sp_set_case_status',
  'sp_attach_case_transaction',
  'sp_close_case',
  'sp_activate_risk_model',
  'sp_ask_model_training',
  'sp_set_alert_budget',
] as const;

const WORKER_PROCEDURES = [
  'sp_post_batch',
  'sp_record_risk_scores',
  'sp_alert_declines',
  'sp_waive_alert_actions',
  'sp_activate_risk_model',
  'sp_finish_alert_actions',
  'sp_settle_alert',
  'sp_prove_ledger',
  'sp_seal_watermark',
  'sp_append_seal',
  'sp_mark_balances',
  'sp_check_objects',
] as const;

/** They read, and nothing else. */
const AUDITOR_PROCEDURES = ['sp_get_balance', 'sp_list_accounts'] as const;

function statements(users: DatabaseUsers, database: string): Map<string, string[]> {
  const select = [...LEDGER_TABLES, ...VIEWS, ...REFERENCE_TABLES].map(
    (name) => `GRANT SELECT ON \`${database}\`.${name}`,
  );
  const execute = (names: readonly string[]) =>
    names.map((name) => `GRANT EXECUTE ON PROCEDURE \`${database}\`.${name}`);
  const grants = new Map<string, string[]>();
  if (users.api) {
    grants.set(users.api, [
      ...select,
      ...execute(API_PROCEDURES),
      `GRANT SELECT, INSERT, UPDATE ON \`${database}\`.user_credentials`,
      `GRANT SELECT, INSERT, UPDATE ON \`${database}\`.refresh_tokens`,
      `GRANT SELECT, INSERT, UPDATE ON \`${database}\`.auth_sessions`,
      `GRANT SELECT, INSERT, UPDATE ON \`${database}\`.user_totp`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON \`${database}\`.recovery_codes`,
      `GRANT SELECT, INSERT, UPDATE ON \`${database}\`.login_decoys`,
      // New users are customers by the column's default: role and standing change through sp_update_user_standing alone.
      `GRANT INSERT (username, email, full_name, date_of_birth, phone_number) ON \`${database}\`.users`,
      `GRANT UPDATE (full_name, email, phone_number) ON \`${database}\`.users`,
      `GRANT INSERT ON \`${database}\`.login_activity`,
      `GRANT INSERT ON \`${database}\`.merchants`,
    ]);
  }
  if (users.worker) {
    grants.set(users.worker, [
      ...select,
      ...execute(WORKER_PROCEDURES),
      // SELECT … FOR UPDATE asks for a right to change, and relayed rows are deleted.
      `GRANT UPDATE, DELETE ON \`${database}\`.outbox`,
      `GRANT INSERT, UPDATE ON \`${database}\`.risk_models`,
      `GRANT INSERT, UPDATE ON \`${database}\`.worker_state`,
      // Derived from the ledger: what the worker remembers between its starts.
      `GRANT SELECT, INSERT, UPDATE ON \`${database}\`.account_profiles`,
      `GRANT SELECT, INSERT, UPDATE ON \`${database}\`.merchant_activity`,
      // Deletes what expired long ago, without reading a token's hash.
      `GRANT SELECT (refresh_token_id, family_id, expires_at), DELETE ON \`${database}\`.refresh_tokens`,
      `GRANT SELECT (session_id, last_used_at), DELETE ON \`${database}\`.auth_sessions`,
    ]);
  }
  if (users.auditor) grants.set(users.auditor, [...select, ...execute(AUDITOR_PROCEDURES)]);
  return grants;
}

/**
 * Makes the users of the given URLs if they are missing, sets their passwords, lets those with ssl=true in over TLS only, and
 * gives them exactly the rights listed above. `admin` needs CREATE USER. The password travels as a quoted literal, because CREATE
 * USER takes no parameters.
 *
 * Rights are taken away before they are given, so for a moment there are none: a statement sent right then is refused. Migrate
 * while the bank's processes stand still.
 */
export async function applyGrants(admin: Queries, users: DatabaseUsers, database: string): Promise<string[]> {
  const done: string[] = [];
  for (const [databaseUrl, grants] of statements(users, database)) {
    const account = await ensureUser(admin, databaseUrl);
    await admin.execute(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}`);
    for (const grant of grants) await admin.execute(`${grant} TO ${account}`);
    done.push(account);
  }
  return done;
}

/** The owner: every right on the bank's own database, none outside it. */
export async function ensureOwner(admin: Queries, ownerUrl: string): Promise<void> {
  const account = await ensureUser(admin, ownerUrl);
  await admin.execute(`GRANT ALL PRIVILEGES ON \`${databaseName(ownerUrl) ?? ''}\`.* TO ${account}`);
}

async function ensureUser(admin: Queries, databaseUrl: string): Promise<string> {
  const { username, password, searchParams } = new URL(databaseUrl);
  const account = `${quote(decodeURIComponent(username))}@'%'`;
  const identified = `IDENTIFIED BY ${quote(decodeURIComponent(password))}`;
  await admin.execute(`CREATE USER IF NOT EXISTS ${account} ${identified}`);
  // A password that came over TLS is not to be given away in plain text by a client that is set up otherwise.
  const transport = searchParams.get('ssl') === 'true' ? 'SSL' : 'NONE';
  await admin.execute(`ALTER USER ${account} ${identified} REQUIRE ${transport}`);
  return account;
}

function quote(text: string): string {
  if (!/^[\w.~-]+$/.test(text))
    throw new Error('database users and passwords may use letters, digits and . _ ~ - only');
  return `'${text}'`;
}
