import { type AlertBudget, DEFAULT_BUDGET } from './calibration';
import { REVIEW_ONLY_BELOW, RULES_ONLY_BELOW } from './cold-start';
import { DRIFT_LIMIT, isOffBudget, MIN_DRIFT_ROWS } from './drift';
import { MIN_CONFIRMED_FRAUDS } from './row-model';

const DAY_S = 86_400;
const WEEK_S = 7 * DAY_S;

/** What the active model does lately. */
export interface Measures {
  /** Verdicts looked at. */
  transactions: number;
  /** The share of them that the model itself finds suspicious or worse. */
  alert_rate: number;
  /** PSI of the model's raw scores against those of the training; null: too few transactions to say. */
  psi: number | null;
  /** Features, or `score`, with a PSI above the limit, the largest first. */
  drifted: { name: string; psi: number }[];
}

export interface Situation {
  /** Of the active version. */
  trained_on: 'history' | 'baseline';
  learned_from: number;
  confirmed_frauds: number;
  /** Seconds since a version was trained last, whatever became of it. */
  trained_ago_s: number;
  /** Posted transactions, counted up to 5,000. */
  transactions: number;
  /** Labels there are, counted up to MIN_CONFIRMED_FRAUDS. */
  known_frauds: number;
  measures: Measures | null;
  /** Why somebody asked for a training since the last one; null: nobody did. */
  asked: string | null;
}

/** Why a new version should be trained; null: it should not. Beside what was asked for, at most one a day. */
export function reasonToTrain(now: Situation, budget: AlertBudget = DEFAULT_BUDGET): string | null {
  if (now.asked !== null) return `asked for: ${now.asked}`;
  if (now.transactions < RULES_ONLY_BELOW) return null;
  if (now.trained_on === 'baseline') return 'the bank has a history now';
  if (now.learned_from < REVIEW_ONLY_BELOW && now.transactions >= REVIEW_ONLY_BELOW)
    return `the history has grown to ${REVIEW_ONLY_BELOW} transactions`;
  if (now.trained_ago_s < DAY_S) return null;
  if (now.confirmed_frauds === 0 && now.known_frauds >= MIN_CONFIRMED_FRAUDS)
    return `${MIN_CONFIRMED_FRAUDS} confirmed frauds are known`;
  return ofMeasures(now.measures, budget) ?? (now.trained_ago_s >= WEEK_S ? 'a week has passed' : null);
}

function ofMeasures(measures: Measures | null, { review_share }: AlertBudget): string | null {
  if (measures === null || measures.transactions < MIN_DRIFT_ROWS) return null;
  const [most] = measures.drifted;
  if (most) return `${most.name} has drifted: PSI ${most.psi.toFixed(2)}, limit ${DRIFT_LIMIT}`;
  const alerts = measures.alert_rate * measures.transactions;
  return isOffBudget(alerts, measures.transactions, review_share)
    ? `the alert rate is ${percent(measures.alert_rate)}, the budget ${percent(review_share)}`
    : null;
}

/** What a version in shadow would have said. */
export interface ShadowRecord {
  /** Verdicts that carry its risk. */
  transactions: number;
  /** Of them, 0.5 and more. */
  alerts: number;
  /** Seconds since it was trained. */
  age_s: number;
}

export interface ShadowOptions {
  /** With so many transactions it has shown enough. */
  transactions: number;
  /** A quiet bank waits no longer than this, when there are at least MIN_DRIFT_ROWS. */
  time_s: number;
}

export type ShadowDecision =
  { action: 'wait' } | { action: 'activate' | 'refuse'; reason: string; alert_rate: number };

/** Whether a version in shadow takes over: when it raises as many alerts as the bank has budgeted, give or take a half. */
export function judgeShadow(
  record: ShadowRecord,
  options: ShadowOptions,
  { review_share }: AlertBudget = DEFAULT_BUDGET,
): ShadowDecision {
  const { transactions, alerts, age_s } = record;
  const isQuiet = age_s >= options.time_s && transactions >= MIN_DRIFT_ROWS;
  if (transactions < options.transactions && !isQuiet) return { action: 'wait' };
  const alert_rate = alerts / transactions;
  const said = `alert rate ${percent(alert_rate)} in ${transactions} transactions, budget ${percent(review_share)}`;
  return isOffBudget(alerts, transactions, review_share)
    ? { action: 'refuse', reason: `${said}: off by more than half`, alert_rate }
    : { action: 'activate', reason: said, alert_rate };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
