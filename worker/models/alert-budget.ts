import type { Queries } from '../../src/database';
import { type AlertBudget, DEFAULT_BUDGET } from './calibration';

/** The bank's budget of alerts, and since when it is this one, a time of the database. */
export interface SetBudget extends AlertBudget {
  since: string;
}

export const DELIVERED_BUDGET: SetBudget = { ...DEFAULT_BUDGET, since: '1970-01-01 00:00:00.000000' };

/** What procedures/risk/sp_set_alert_budget.sql wrote; what makes no sense is taken for what the bank was delivered with. */
export async function readBudget(queries: Queries): Promise<SetBudget> {
  const [row] = await queries.query<{ review: string | null; block: string | null; since: string | null }>(
    `SELECT MAX(IF(setting_key = 'alert_review_share', setting_value, NULL)) AS review,
       MAX(IF(setting_key = 'alert_block_share', setting_value, NULL)) AS block, MAX(updated_at) AS since
     FROM bank_settings WHERE setting_key IN ('alert_review_share', 'alert_block_share')`,
  );
  const review_share = Number(row?.review ?? NaN);
  const block_share = Number(row?.block ?? NaN);
  const isSound = block_share > 0 && block_share < review_share && review_share < 1;
  return isSound && row?.since ? { review_share, block_share, since: row.since } : DELIVERED_BUDGET;
}
