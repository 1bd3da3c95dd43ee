import type { Queries } from '../../src/database';
import { readFeatures, verdictOf } from '../../src/risk';
import type { Features } from '../features/features';
import { MODEL_FEATURES } from '../features/features';
import { DELIVERED_BUDGET, type SetBudget } from './alert-budget';
import { driftedParts, MIN_DRIFT_ROWS } from './drift';
import type { VersionedModel } from './model-store';
import type { Measures, ShadowRecord } from './retraining';

const DAYS = 7;
/** Transactions are looked at evenly over the days: at most so many, with so many in one query. */
const SAMPLE = 3_000;
const IDS_A_QUERY = 500;
/** A version in shadow is judged by what it said of the newest transactions. */
const SHADOW_WINDOW = 5_000;
/** What time does by itself is no drift: an account that is a week older. */
const NOT_BEHAVIOUR = new Set(['account_age_days']);

interface VerdictRow {
  p_value: number;
  features_used: string;
}

/** What the model does lately: verdicts of its version in the last seven days, evenly sampled. */
export async function measure(
  queries: Queries,
  { version, model }: VersionedModel,
  { review_share } = DELIVERED_BUDGET,
): Promise<Measures> {
  const ids = await sampleIds(queries);
  const features: Features[] = [];
  let alerts = 0;
  for (let start = 0; start < ids.length; start += IDS_A_QUERY) {
    const rows = await queries.query<VerdictRow>(
      `SELECT p_value, features_used FROM transaction_risk_scores
       WHERE transaction_id IN (?) AND model_version = ? AND p_value IS NOT NULL`,
      [ids.slice(start, start + IDS_A_QUERY) as unknown as string, version],
    );
    for (const { p_value, features_used } of rows) {
      if (p_value <= review_share) alerts += 1;
      features.push(readFeatures(features_used) as unknown as Features);
    }
  }
  const transactions = features.length;
  const alert_rate = rounded(alerts / Math.max(transactions, 1));
  if (transactions < MIN_DRIFT_ROWS) return { transactions, alert_rate, psi: null, drifted: [] };
  const drift = model.drift(features);
  return {
    transactions,
    alert_rate,
    psi: rounded(drift.score),
    drifted: driftedParts(drift, MODEL_FEATURES)
      .filter(({ name }) => !NOT_BEHAVIOUR.has(name))
      .map(({ name, psi }) => ({ name, psi: rounded(psi) })),
  };
}

/** What a version in shadow said of the newest transactions, by the budget that the bank has now. */
export async function shadowRecord(
  queries: Queries,
  version: number,
  { since }: Pick<SetBudget, 'since'> = DELIVERED_BUDGET,
): Promise<Omit<ShadowRecord, 'age_s'>> {
  const rows = await queries.query<Pick<VerdictRow, 'features_used'>>(
    `SELECT n.features_used
     FROM (SELECT features_used, scored_at FROM transaction_risk_scores ORDER BY transaction_id DESC LIMIT ${SHADOW_WINDOW}) n
     WHERE n.scored_at >= ?`,
    [since],
  );
  const judged = rows
    .map(({ features_used }) => readFeatures(features_used))
    .filter(({ shadow_version }) => shadow_version === version);
  const alerts = judged.filter(({ shadow_risk }) => verdictOf(Number(shadow_risk)) !== 'SAFE').length;
  return { transactions: judged.length, alerts };
}

async function sampleIds(queries: Queries): Promise<string[]> {
  const [bounds] = await queries.query<{ newest: string | null; since: string }>(
    `SELECT MAX(transaction_id) AS newest, UTC_TIMESTAMP(6) - INTERVAL ${DAYS} DAY AS since FROM transactions`,
  );
  const newest = BigInt(bounds?.newest ?? 0);
  const first = await firstIdPostedFrom(queries, bounds?.since ?? '', newest);
  const count = newest - first + 1n;
  if (count <= 0n) return [];
  const taken = count < BigInt(SAMPLE) ? count : BigInt(SAMPLE);
  return Array.from({ length: Number(taken) }, (_, index) => String(first + (BigInt(index) * count) / taken));
}

/** Found by halving: ids and posted_at grow together. */
async function firstIdPostedFrom(queries: Queries, moment: string, newest: bigint): Promise<bigint> {
  let low = 1n;
  let high = newest + 1n;
  while (low < high) {
    const middle = (low + high) / 2n;
    const [row] = await queries.query<{ posted_at: string }>(
      'SELECT posted_at FROM transactions WHERE transaction_id >= ? ORDER BY transaction_id LIMIT 1',
      [middle],
    );
    if (row && row.posted_at < moment) low = middle + 1n;
    else high = middle;
  }
  return low;
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
