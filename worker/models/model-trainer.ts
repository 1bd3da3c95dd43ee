import type { Logger } from 'pino';
import type { Queries } from '../../src/database';
import { FeatureReader } from '../features/feature-reader';
import { toModelRow } from '../features/features';
import { whyNotJudged } from '../features/judged';
import { REVIEW_ONLY_BELOW, RULES_ONLY_BELOW } from './cold-start';
import { factoryOf } from './fitting';
import { fitApart } from './fitting-apart';
import { seededRandom, shuffle } from './random';
import { RiskModel } from './risk-model';

/** Fewer posted transactions than this say too little about what is ordinary. */
export const MIN_HISTORY_ROWS = RULES_ONLY_BELOW;
/** The bounds of the verdicts lie where one in a hundred and one in a thousand are beyond: that takes many rows. */
export const MAX_HISTORY_ROWS = 30_000;
/** The newest confirmed frauds teach; criminals change their ways. */
const MAX_CONFIRMED_FRAUDS = 5_000;
/** The sample is drawn from this many of the newest transactions. */
const RECENT_TRANSACTIONS = 100_000;
const GROUP_SIZE = 250;
const PROGRESS_INTERVAL_MS = 2_000;
const SEED = 20_080_915;

export type TrainedOn = 'history' | 'baseline';

export interface TrainedModel {
  model: RiskModel;
  trained_on: TrainedOn;
  /** Ordinary ones. */
  trained_rows: number;
  /** Posted transactions there were, counted up to REVIEW_ONLY_BELOW; 0 on the baseline. */
  learned_from: number;
}

/**
 * Fits a model on the bank's history, or on the synthetic baseline while there is not enough of it: on another thread, as it takes a
 * second or more and transactions want to be judged.
 */
export async function trainModel(queries: Queries, kind: string, logger: Logger): Promise<TrainedModel> {
  const startedAt = performance.now();
  const transactions = await countTransactions(queries);
  const history = transactions < MIN_HISTORY_ROWS ? null : await readHistory(queries, logger);
  const isEnough = history !== null && history.ordinary.length >= MIN_HISTORY_ROWS;
  const { blob, rows } = await fitApart({ kind, seed: SEED, lesson: isEnough ? history : null });
  const model = RiskModel.deserialise(factoryOf(kind), blob);
  const trained_on: TrainedOn = isEnough ? 'history' : 'baseline';
  logger.info(
    {
      kind,
      trained_on,
      rows,
      confirmed_frauds: model.confirmedFrauds,
      duration_ms: Math.round(performance.now() - startedAt),
    },
    'trained the risk model',
  );
  return { model, trained_on, trained_rows: rows, learned_from: isEnough ? transactions : 0 };
}

/** How many transactions were posted, counted up to REVIEW_ONLY_BELOW: more make no difference. */
export async function countTransactions(queries: Queries): Promise<number> {
  const [row] = await queries.query<{ found: string }>(
    `SELECT COUNT(*) AS found FROM (SELECT 1 FROM transactions LIMIT ${REVIEW_ONLY_BELOW}) some_transactions`,
  );
  return Number(row?.found ?? 0);
}

interface History {
  /** Of a random sample of recent transactions in which a customer takes part, none of them confirmed fraud. */
  ordinary: Float32Array[];
  /** Of the confirmed frauds, as each looked when it was posted. */
  frauds: Float32Array[];
}

async function readHistory(queries: Queries, logger: Logger): Promise<History> {
  const labels = await queries.query<{ transaction_id: string }>(
    `SELECT transaction_id FROM fraud_labels WHERE is_fraud = TRUE ORDER BY labelled_at DESC LIMIT ${MAX_CONFIRMED_FRAUDS}`,
  );
  const recent = await queries.query<{ transaction_id: string }>(
    `SELECT t.transaction_id FROM (
       SELECT transaction_id FROM transactions ORDER BY transaction_id DESC LIMIT ${RECENT_TRANSACTIONS}
     ) t LEFT JOIN fraud_labels l ON l.transaction_id = t.transaction_id AND l.is_fraud = TRUE
     WHERE l.transaction_id IS NULL ORDER BY t.transaction_id DESC`,
  );
  const sample = shuffle(recent.map(idOf), seededRandom(SEED)).slice(0, MAX_HISTORY_ROWS);
  const reader = new FeatureReader(queries);
  return {
    ordinary: await readRows(reader, sample, logger),
    frauds: await readRows(reader, labels.map(idOf), logger),
  };
}

/** In the order of the ledger, in which profiles of accounts grow instead of being read anew. */
async function readRows(reader: FeatureReader, ids: string[], logger: Logger): Promise<Float32Array[]> {
  ids.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const rows: Float32Array[] = [];
  let reportedAt = performance.now();
  for (let start = 0; start < ids.length; start += GROUP_SIZE) {
    const group = await reader.read(ids.slice(start, start + GROUP_SIZE));
    rows.push(
      ...group.filter((item) => whyNotJudged(item) === null).map((item) => toModelRow(item.features)),
    );
    if (performance.now() - reportedAt >= PROGRESS_INTERVAL_MS) {
      logger.info({ read: start + group.length, of: ids.length }, 'reading history to train the risk model');
      reportedAt = performance.now();
    }
  }
  return rows;
}

function idOf({ transaction_id }: { transaction_id: string }): string {
  return String(transaction_id);
}
