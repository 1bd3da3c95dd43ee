import { type FeatureValues, packFeatures, spellFeatures } from './feature-record';
import type { Reason, TriggeredRule } from './rule-set';
import { verdictOf } from './verdict';

/** A verdict that is to be recorded. */
export interface VerdictRecord {
  transaction_id: string;
  /** 0: rules alone. */
  model_version: number;
  risk_score: number;
  /** null: no model said anything. */
  raw_score?: number | null;
  /** How rare it is that an ordinary transaction is as odd; null: no model said. */
  p_value?: number | null;
  features: FeatureValues;
  rules?: readonly TriggeredRule[];
  /** Of what is flagged: rules first, then what the model found odd. */
  reasons?: readonly Reason[];
  degraded?: 0 | 1;
}

/**
 * The parameter of sp_record_risk_scores. Arrays, whose places one engine finds in half the time that it takes for keys, with what
 * most verdicts lack at the end, and the features as a text that the server need not take apart.
 */
export function verdictsAsJson(verdicts: readonly VerdictRecord[]): string {
  return JSON.stringify(verdicts.map(toPlaces));
}

function toPlaces(verdict: VerdictRecord): unknown[] {
  const isFlagged = verdictOf(verdict.risk_score) !== 'SAFE';
  const rules = verdict.rules?.length ? verdict.rules : null;
  const reasons = verdict.reasons?.length ? verdict.reasons : null;
  const places: unknown[] = [
    verdict.transaction_id,
    verdict.model_version,
    verdict.risk_score,
    digits(verdict.raw_score),
    digits(verdict.p_value),
    verdict.degraded ?? 0,
    isFlagged ? spellFeatures(verdict.features) : packFeatures(verdict.features),
  ];
  if (rules || reasons) places.push(rules);
  if (reasons) places.push(reasons);
  return places;
}

/** Six digits tell any two scores apart that differ. */
function digits(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value.toPrecision(6));
}
