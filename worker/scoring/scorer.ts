import type { Logger } from 'pino';
import type { Queries } from '../../src/database';
import {
  type FactValues,
  type Reason,
  roundScore,
  sayWithNormal,
  verdictOf,
  type VerdictRecord,
  verdictsAsJson,
} from '../../src/risk';
import type { Prejudgement, ProposedTransaction } from '../../src/queue';
import { readProposal } from '../prejudge/proposal-reader';
import { FeatureReader, type ScorableTransaction } from '../features/feature-reader';
import { countMissing } from '../features/features';
import { whyNotJudged } from '../features/judged';
import { type AlertBudget, DEFAULT_BUDGET } from '../models/calibration';
import { limitForColdStart } from '../models/cold-start';
import type { VersionedModel } from '../models/model-store';
import type { Assessment } from '../models/row-model';
import { reasonOf } from '../runtime/connection-state';
import { RuleBook } from './rule-book';
import { RuleJudge, type Ruling } from './rules';
import { scoreLine } from './score-line';

/** The version under which verdicts of the rules alone are stored. */
export const RULES_VERSION = 0;

type RiskScore = Required<VerdictRecord>;

/** What goes into a verdict beside the transaction itself. */
type Judgement = Omit<RiskScore, 'transaction_id' | 'degraded'>;

export interface ScorerOptions {
  /** Takes the console's lines, each group's joined; undefined: none are wanted. */
  print: ((lines: string) => void) | undefined;
  /** Told when verdicts were recorded that raised alerts. */
  onAlerts?: () => void;
  /** How long rules and lists are believed before they are looked at again. */
  rules_refresh_ms?: number;
}

/** Judges groups of transactions: features, model and rules, one call that records all verdicts. */
export class Scorer {
  private readonly reader: FeatureReader;
  private readonly rules: RuleJudge;
  private model: VersionedModel | null = null;
  private shadow: VersionedModel | null = null;
  private budget: AlertBudget = DEFAULT_BUDGET;
  private isModelFailing = false;

  constructor(
    private readonly queries: Queries,
    private readonly logger: Logger,
    private readonly options: ScorerOptions,
  ) {
    this.reader = new FeatureReader(queries);
    this.rules = new RuleJudge(queries, new RuleBook(queries, logger, options.rules_refresh_ms));
  }

  /** Until this was called, rules alone judge. */
  useModel(model: VersionedModel): void {
    this.model = model;
  }

  /** What this version would say is kept beside each verdict and changes none. null: none is in shadow. */
  useShadow(shadow: VersionedModel | null): void {
    this.shadow = shadow;
  }

  useBudget(budget: AlertBudget): void {
    this.budget = budget;
  }

  /** Scores the transactions and records the verdicts. May be repeated: a verdict that is there already stays. */
  async score(transactionIds: readonly string[]): Promise<void> {
    const ids = [...new Set(transactionIds)];
    const [transactions, ruleOn] = await Promise.all([this.reader.read(ids), this.rules.open(ids)]);
    if (transactions.length === 0) return;
    const scores = transactions.map((transaction) => this.judge(transaction, ruleOn));
    const [answer] = await this.queries.call('sp_record_risk_scores', [verdictsAsJson(scores)]);
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

  /** What the verdict would be on a transaction that is not posted yet. Nothing is recorded. */
  async prejudge(proposed: ProposedTransaction): Promise<Prejudgement> {
    const { facts, subjects } = await readProposal(this.queries, proposed);
    const [[transaction], ruleOn] = await Promise.all([
      this.reader.readProposed([facts]),
      this.rules.open([facts.transaction_id], () =>
        Promise.resolve(new Map([[facts.transaction_id, subjects]])),
      ),
    ]);
    if (!transaction) throw new Error('a proposed transaction was not described');
    return decide(this.judge(transaction, ruleOn));
  }

  private judge(
    transaction: ScorableTransaction,
    ruleOn: (transactionId: string, facts: FactValues) => Ruling,
  ): RiskScore {
    const known = { ...transaction.features, missing: countMissing(transaction.features) };
    const version = this.model?.version ?? RULES_VERSION;
    const not_judged = whyNotJudged(transaction);
    if (not_judged !== null) {
      const features = { ...known, not_judged };
      const nothing = { risk_score: 0, raw_score: null, p_value: null, rules: [], reasons: [] };
      return toScore(transaction, { ...nothing, model_version: version, features });
    }
    const { floor, rules, reasons, facts } = ruleOn(transaction.transaction_id, known);
    const assessed = this.assess(transaction);
    // Copying forty facts once more takes as long as a tenth of the model.
    const features: VerdictRecord['features'] = Object.assign(facts, this.shadowOf(transaction));
    if (assessed && rules.length > 0) Object.assign(features, { model_risk: assessed.risk_score });
    const risk_score = Math.max(assessed?.risk_score ?? 0, floor);
    const isFlagged = verdictOf(risk_score) !== 'SAFE';
    return toScore(transaction, {
      model_version: assessed ? version : RULES_VERSION,
      risk_score,
      raw_score: assessed?.raw_score ?? null,
      p_value: assessed?.p_value ?? null,
      features,
      rules,
      reasons: isFlagged
        ? [...reasons, ...(assessed?.risk_score ? this.explain(transaction, assessed) : [])]
        : [],
    });
  }

  /** What the model says; null while it cannot run. */
  private assess({ features }: ScorableTransaction): Assessment | null {
    if (!this.model) return null;
    try {
      const assessed = this.model.model.assess(features, this.budget);
      this.isModelFailing = false;
      return { ...assessed, risk_score: limitForColdStart(assessed.risk_score, this.model.learned_from) };
    } catch (error) {
      this.reportModel(error);
      return null;
    }
  }

  private shadowOf({ features }: ScorableTransaction): { shadow_version?: number; shadow_risk?: number } {
    if (!this.shadow) return {};
    try {
      const { version, model } = this.shadow;
      return { shadow_version: version, shadow_risk: model.assess(features, this.budget).risk_score };
    } catch {
      // It says nothing of this one, and changes nothing.
      return {};
    }
  }

  /** What the model found odd, with what the customer is used to. A verdict without this is still a verdict. */
  private explain({ features }: ScorableTransaction, assessed: Assessment): Reason[] {
    try {
      const contributions = this.model?.model.explain(features, assessed.decided_by) ?? [];
      return contributions.map(({ name, share }) => ({
        kind: 'feature',
        name,
        text: `${sayWithNormal(name, features)} (${Math.round(share)} %)`,
        share: share / 100,
      }));
    } catch (error) {
      this.reportModel(error);
      return [];
    }
  }

  private reportModel(error: unknown): void {
    if (!this.isModelFailing)
      this.logger.error({ reason: reasonOf(error) }, 'the risk model failed; judging by rules alone');
    this.isModelFailing = true;
  }
}

/** A rule that holds or blocks does before the posting what it would do after it. */
function decide({ risk_score, rules, reasons }: RiskScore): Prejudgement {
  const counting = rules.filter((rule) => !rule.shadow && rule.suppressed_by === undefined);
  const acts = (action: 'hold' | 'block') => counting.some((rule) => rule.action === action);
  const isDeclined = verdictOf(risk_score) === 'CRITICAL' || acts('block');
  return {
    decision: isDeclined ? 'decline' : acts('hold') ? 'hold' : 'post',
    risk_score,
    rules: counting.map(({ rule }) => rule),
    reasons,
  };
}

function toScore({ transaction_id }: ScorableTransaction, judgement: Judgement): RiskScore {
  return {
    ...judgement,
    transaction_id,
    degraded: judgement.model_version === RULES_VERSION ? 1 : 0,
    risk_score: roundScore(judgement.risk_score),
  };
}
