import {
  DAY_US,
  FRAUD_PATTERNS,
  type FraudPattern,
  type SimulatedHistory,
  type SimulatedTransaction,
} from '../../seeds/simulator/history';
import { BUILT_IN_RULES, judgeByRules, roundScore, verdictOf } from '../../src/risk';
import { FeatureReplay, type ReplayedTransaction } from '../../worker/features/feature-replay';
import { type Features, toModelRow } from '../../worker/features/features';
import { florinForest } from '../../worker/models/isolation-forest';
import { MAX_HISTORY_ROWS } from '../../worker/models/model-trainer';
import { seededRandom, shuffle } from '../../worker/models/random';
import { RiskModel } from '../../worker/models/risk-model';

/** What the analysts have time for: this share of all transactions, the riskiest first. */
export const REVIEW_SHARE = 0.015;
/** As the bank is delivered. */
const HIGH_VALUE_MINOR = 1_000_000;

export interface EvaluationOptions {
  /** What comes before is history without which nothing is judged. */
  warm_up_days: number;
  /** The model is trained at this midnight; what comes after is judged. */
  train_day: number;
  /** A fraud is confirmed so many days after it happened. */
  label_delay_days: number;
  seed: number;
  start_us: number;
}

/** What was judged; rates follow from the counts, so that several runs can be added up. */
export interface Evaluation {
  judged: number;
  frauds: number;
  /** Those that taught the second model. */
  confirmed_frauds: number;
  /** SUSPICIOUS or CRITICAL, of all and of the frauds. */
  flagged: number;
  flagged_frauds: number;
  /** Among the riskiest REVIEW_SHARE of all. */
  frauds_in_budget: number;
  /** Honest transactions that are CRITICAL, and frauds. */
  false_blocks: number;
  blocked_frauds: number;
  /** Flagged by rules whatever the model says. */
  flagged_by_rules: number;
  frauds_by_rules: number;
  by_pattern: Record<FraudPattern, { frauds: number; found: number }>;
}

interface Row {
  transaction: SimulatedTransaction;
  features: Features;
}

interface Judged {
  fraud: FraudPattern | null;
  risk: number;
  /** Of the rules alone. */
  floor: number;
}

/**
 * Judges a simulated history as the worker would: features before each transaction counts, labels that are known by then, a
 * model of what was known at the training, and the rules that a bank starts with.
 */
export function evaluate(history: SimulatedHistory, options: EvaluationOptions): Evaluation {
  const rows = replay(history, options);
  const trained_us = options.start_us + options.train_day * DAY_US;
  const { model, confirmed } = train(rows, trained_us, options);
  const judged = rows
    .filter(({ transaction }) => transaction.at_us >= trained_us)
    .map(({ transaction, features }): Judged => {
      const ruling = judgeByRules(BUILT_IN_RULES, features);
      const risk = model.assess(features).risk_score;
      return {
        fraud: transaction.fraud,
        risk: roundScore(Math.max(ruling.floor, risk)),
        floor: ruling.floor,
      };
    });
  return summaryOf(judged, confirmed);
}

function replay(history: SimulatedHistory, options: EvaluationOptions): Row[] {
  const bank = new FeatureReplay();
  for (const { number, opened_us } of history.customers) bank.open(number, opened_us);
  const unconfirmed: ReplayedTransaction[] = [];
  const delay_us = options.label_delay_days * DAY_US;
  const from_us = options.start_us + options.warm_up_days * DAY_US;
  const rows: Row[] = [];
  for (const transaction of history.transactions) {
    while (unconfirmed[0] && unconfirmed[0].effective_us + delay_us < transaction.at_us) {
      const fraud = unconfirmed.shift() as ReplayedTransaction;
      bank.confirm(fraud, fraud.effective_us + delay_us);
    }
    const replayed = toReplayed(transaction, history);
    if (transaction.at_us >= from_us) rows.push({ transaction, features: bank.featuresOf(replayed) });
    bank.observe(replayed);
    if (transaction.fraud !== null) unconfirmed.push(replayed);
  }
  return rows;
}

function toReplayed(transaction: SimulatedTransaction, history: SimulatedHistory): ReplayedTransaction {
  const merchant = transaction.merchant === null ? null : history.merchants[transaction.merchant - 1];
  const sender = transaction.debit === null ? null : history.customers[transaction.debit - 1];
  return {
    transaction_id: transaction.number,
    type: transaction.type,
    channel: transaction.channel,
    currency: 'USD',
    amount_minor: transaction.amount_minor,
    minor_per_major: 100,
    is_high_value: transaction.amount_minor > HIGH_VALUE_MINOR,
    debit_account: transaction.debit,
    credit_account: transaction.credit,
    merchant_id: transaction.merchant,
    mcc: merchant?.mcc ?? null,
    merchant_country: merchant?.country ?? null,
    effective_us: transaction.at_us,
    posted_us: transaction.at_us,
    person_since_us: transaction.login && sender ? sender.first_login_us : null,
    logins: transaction.login,
  };
}

function train(rows: readonly Row[], trained_us: number, { label_delay_days, seed }: EvaluationOptions) {
  const past = rows.filter(({ transaction }) => transaction.at_us < trained_us);
  const isConfirmed = ({ transaction: { fraud, at_us } }: Row): boolean =>
    fraud !== null && at_us + label_delay_days * DAY_US < trained_us;
  const frauds = past.filter(isConfirmed).map(({ features }) => toModelRow(features));
  const ordinary = past.filter((row) => !isConfirmed(row));
  const sample = shuffle([...ordinary], seededRandom(seed)).slice(0, MAX_HISTORY_ROWS);
  const model = RiskModel.fit(
    florinForest,
    sample.map(({ features }) => toModelRow(features)),
    seed,
    frauds,
  );
  return { model, confirmed: frauds.length };
}

function summaryOf(judged: readonly Judged[], confirmed_frauds: number): Evaluation {
  const frauds = judged.filter(({ fraud }) => fraud !== null);
  const honest = judged.filter(({ fraud }) => fraud === null);
  const count = (of: readonly Judged[], isWanted: (one: Judged) => boolean): number =>
    of.filter(isWanted).length;
  const isFlagged = ({ risk }: Judged): boolean => verdictOf(risk) !== 'SAFE';
  const isBlocked = ({ risk }: Judged): boolean => verdictOf(risk) === 'CRITICAL';
  const isRuled = ({ floor }: Judged): boolean => verdictOf(floor) !== 'SAFE';
  const riskiest = [...judged].sort((a, b) => b.risk - a.risk);
  const byPattern = FRAUD_PATTERNS.map((pattern) => {
    const own = frauds.filter(({ fraud }) => fraud === pattern);
    return [pattern, { frauds: own.length, found: count(own, isFlagged) }] as const;
  });
  return {
    judged: judged.length,
    frauds: frauds.length,
    confirmed_frauds,
    flagged: count(judged, isFlagged),
    flagged_frauds: count(frauds, isFlagged),
    frauds_in_budget: count(
      riskiest.slice(0, Math.floor(judged.length * REVIEW_SHARE)),
      ({ fraud }) => fraud !== null,
    ),
    false_blocks: count(honest, isBlocked),
    blocked_frauds: count(frauds, isBlocked),
    flagged_by_rules: count(judged, isRuled),
    frauds_by_rules: count(frauds, isRuled),
    by_pattern: Object.fromEntries(byPattern) as Evaluation['by_pattern'],
  };
}

/** All runs as one. */
export function total(runs: readonly Evaluation[]): Evaluation {
  return runs.reduce((sum, run) => {
    const merged = { ...sum };
    for (const [name, value] of Object.entries(run)) {
      if (typeof value === 'number')
        Object.assign(merged, { [name]: Number(sum[name as keyof Evaluation]) + value });
    }
    merged.by_pattern = Object.fromEntries(
      FRAUD_PATTERNS.map((pattern) => [
        pattern,
        {
          frauds: sum.by_pattern[pattern].frauds + run.by_pattern[pattern].frauds,
          found: sum.by_pattern[pattern].found + run.by_pattern[pattern].found,
        },
      ]),
    ) as Evaluation['by_pattern'];
    return merged;
  });
}
