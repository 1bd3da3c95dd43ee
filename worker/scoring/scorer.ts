import type { Logger } from 'pino';
import type { Queries } from '../../src/database';
import { roundScore } from '../../src/risk';
import { FeatureReader, type ScorableTransaction } from '../features/feature-reader';
import { countMissing } from '../features/features';
import type { VersionedModel } from '../models/model-store';
import { reasonOf } from '../runtime/connection-state';
import { judgeByRules, RULES_REVISION } from './rules';
import { scoreLine } from './score-line';

/** The version under which verdicts of the rules alone are stored. */
export const RULES_VERSION = 0;

/** Why a movement between accounts of the bank itself, such as its capital or a settlement, is SAFE. */
const NO_CUSTOMER = 'no account of a customer takes part';

/** One verdict, by the names of the JSON of sp_record_risk_scores. */
interface RiskScore {
  transaction_id: string;
  model_version: number;
  risk_score: number;
  raw_score: number | null;
  features: Record<string, unknown>;
  degraded: 0 | 1;
}

export interface ScorerOptions {
  /** Takes the console's lines, each group's joined; undefined: none are wanted. */
  print: ((lines: string) => void) | undefined;
  /** Told when verdicts were recorded that raised alerts. */
  onAlerts?: () => void;
}

/** Judges groups of transactions: features, model and rules, one call that records all verdicts. */
export class Scorer {
  private readonly reader: FeatureReader;
  private model: VersionedModel | null = null;
  private isModelFailing = false;

  constructor(
    private readonly queries: Queries,
    private readonly logger: Logger,
    private readonly options: ScorerOptions,
  ) {
    this.reader = new FeatureReader(queries);
  }

  /** Until this was called, rules alone judge. */
  useModel(model: VersionedModel): void {
    this.model = model;
  }

  get hasModel(): boolean {
    return this.model !== null;
  }

  /** Scores the transactions and records the verdicts. May be repeated: a verdict that is there already stays. */
  async score(transactionIds: readonly string[]): Promise<void> {
    const transactions = await this.reader.read([...new Set(transactionIds)]);
    if (transactions.length === 0) return;
    const scores = transactions.map((transaction) => this.judge(transaction));
    const [answer] = await this.queries.call('sp_record_risk_scores', [JSON.stringify(scores)]);
    if (Number(answer?.[0]?.alerts) > 0) this.options.onAlerts?.();
    this.options.print?.(
      transactions
        .map(
          (transaction, index) =>
            `${scoreLine({ ...transaction, risk_score: scores[index]?.risk_score ?? 0 })}\n`,
        )
        .join(''),
    );
  }

  private judge(transaction: ScorableTransaction): RiskScore {
    const features = { ...transaction.features, missing: countMissing(transaction.features) };
    const version = this.model?.version ?? RULES_VERSION;
    if (!transaction.has_sender)
      return this.toScore(transaction, version, 0, null, { ...features, not_judged: NO_CUSTOMER });
    const { floor, rules } = judgeByRules(transaction);
    const ruled = { rules, rules_revision: RULES_REVISION };
    const assessed = this.assess(transaction);
    if (!assessed) return this.toScore(transaction, RULES_VERSION, floor, null, { ...features, ...ruled });
    const { risk_score: model_risk, raw_score } = assessed;
    const explained = rules.length > 0 ? { ...features, model_risk, ...ruled } : features;
    return this.toScore(transaction, version, Math.max(model_risk, floor), raw_score, explained);
  }

  /** What the model says; null while it cannot run. */
  private assess({ features }: ScorableTransaction): { raw_score: number; risk_score: number } | null {
    if (!this.model) return null;
    try {
      const assessed = this.model.model.assess(features);
      this.isModelFailing = false;
      return assessed;
    } catch (error) {
      if (!this.isModelFailing)
        this.logger.error({ reason: reasonOf(error) }, 'the risk model failed; judging by rules alone');
      this.isModelFailing = true;
      return null;
    }
  }

  private toScore(
    { transaction_id }: ScorableTransaction,
    model_version: number,
    risk_score: number,
    raw_score: number | null,
    features: Record<string, unknown>,
  ): RiskScore {
    return {
      transaction_id,
      model_version,
      risk_score: roundScore(risk_score),
      raw_score,
      features: Object.fromEntries(Object.entries(features).map(([name, value]) => [name, rounded(value)])),
      degraded: model_version === RULES_VERSION ? 1 : 0,
    };
  }
}

/** Six significant digits say all there is to say about a feature, and keep the rows small. */
function rounded(value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
