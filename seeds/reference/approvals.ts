import type { Queries } from '../../src/database';
import { APPROVAL_KINDS } from '../../src/approvals/kinds';

/** What the bank is delivered with: hours in which a request can be approved, and the worth from which on a reversal needs it. */
const SETTINGS = { four_eyes_expires_hours: '72', four_eyes_reversal_over_usd: '1000' };

/** Settings stay as they are; which roles may approve follows the permissions of this version. */
export async function loadApprovalSettings(queries: Queries): Promise<void> {
  for (const [key, value] of Object.entries(SETTINGS))
    await queries.execute('INSERT IGNORE INTO bank_settings (setting_key, setting_value) VALUES (?, ?)', [
      key,
      value,
    ]);
  for (const [kind, { approvers }] of Object.entries(APPROVAL_KINDS))
    await queries.execute(
      `INSERT INTO bank_settings (setting_key, setting_value) VALUES (?, ?)
       ON DUPLICATE KEY UPDATE setting_value = VALUES(setting_value)`,
      [`approvers_${kind}`, approvers.join(',')],
    );
}
