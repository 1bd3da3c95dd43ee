import type { Logger } from 'pino';
import type { Queries } from '../../src/database';
import { FeatureReader } from '../features/feature-reader';
import { toModelRow } from '../features/features';
import type { AnomalyModelFactory } from './anomaly-model';
import { baselineFeatures } from './baseline';
import { seededRandom, shuffle } from './random';
import { RiskModel } from './risk-model';

/** Fewer posted transactions than this say too little about what is ordinary. */
export const MIN_HISTORY_ROWS = 1_000;
/** The bounds of the verdicts lie where one in a hundred and one in a thousand are beyond: that takes many rows. */
export const MAX_HISTORY_ROWS = 30_000;
/** The sample is drawn from this many of the newest transactions. */
const RECENT_TRANSACTIONS = 100_000;
const GROUP_SIZE = 250;
const PROGRESS_INTERVAL_MS = 2_000;
const SEED = 20_080_915;

export type TrainedOn = 'history' | 'baseline';

export interface TrainedModel {
  model: RiskModel;
  trained_on: TrainedOn;
  trained_rows: number;
}

/** Fits a model on the bank's history, or on the synthetic baseline while there is not enough of it. */
export async function trainModel(
  queries: Queries,
  factory: AnomalyModelFactory,
  logger: Logger,
): Promise<TrainedModel> {
  const startedAt = performance.now();
  const history = await readHistory(queries, logger);
  const trained_on: TrainedOn = history.length >= MIN_HISTORY_ROWS ? 'history' : 'baseline';
  const rows = trained_on === 'history' ? history : baselineFeatures(SEED).map(toModelRow);
  const model = RiskModel.fit(factory, rows, SEED);
  logger.info(
    {
      kind: factory.kind,
      trained_on,
      rows: rows.length,
      duration_ms: Math.round(performance.now() - startedAt),
    },
    'trained the risk model',
  );
  return { model, trained_on, trained_rows: rows.length };
}

/** Whether a sample of the history would be large enough; cheap, as it stops counting there. */
export async function hasEnoughHistory(queries: Queries): Promise<boolean> {
  const [row] = await queries.query<{ found: string }>(
    `SELECT COUNT(*) AS found FROM (SELECT 1 FROM transactions LIMIT ${MIN_HISTORY_ROWS}) some_transactions`,
  );
  return Number(row?.found ?? 0) >= MIN_HISTORY_ROWS;
}

/** Rows of a random sample of recent transactions in which a customer takes part. */
async function readHistory(queries: Queries, logger: Logger): Promise<Float32Array[]> {
  if (!(await hasEnoughHistory(queries))) return [];
  const recent = await queries.query<{ transaction_id: string }>(
    `SELECT transaction_id FROM transactions ORDER BY transaction_id DESC LIMIT ${RECENT_TRANSACTIONS}`,
  );
  const ids = shuffle(
    recent.map((row) => String(row.transaction_id)),
    seededRandom(SEED),
  ).slice(0, MAX_HISTORY_ROWS);
  // In the order of the ledger, in which profiles of accounts grow instead of being read anew.
  ids.sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const reader = new FeatureReader(queries);
  const rows: Float32Array[] = [];
  let reportedAt = performance.now();
  for (let start = 0; start < ids.length; start += GROUP_SIZE) {
    const group = await reader.read(ids.slice(start, start + GROUP_SIZE));
    rows.push(...group.filter((item) => item.has_sender).map((item) => toModelRow(item.features)));
    if (performance.now() - reportedAt >= PROGRESS_INTERVAL_MS) {
      logger.info({ read: start + group.length, of: ids.length }, 'reading history to train the risk model');
      reportedAt = performance.now();
    }
  }
  return rows;
}
