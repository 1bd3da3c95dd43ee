import type { FactValues } from './facts';
import { meets, type Condition } from './rule-condition';
import { sayRule, type ReasonDetails } from './rule-reason';

export const RULE_STATUSES = ['draft', 'shadow', 'active', 'disabled'] as const;
export type RuleStatus = (typeof RULE_STATUSES)[number];

/**
 * What a rule does beside its floor. score: nothing. hold: the credited money is held until an analyst decided. block: nothing may
 * suppress the rule, and the posting path declines what it can see of it.
 */
export const RULE_ACTIONS = ['score', 'hold', 'block'] as const;
export type RuleAction = (typeof RULE_ACTIONS)[number];

/** A version of a rule as it is judged by. */
export interface LiveRule {
  /** null: built in, judged by as long as the database cannot be read. */
  rule_id: string | null;
  name: string;
  version: number;
  /** In shadow a rule is recorded and changes nothing. */
  is_shadow: boolean;
  condition: Condition;
  /** 0 to 1. */
  floor: number;
  action: RuleAction;
  reason_template: string | null;
}

/** A rule in a verdict's rules_triggered. What did not count says why. */
export interface TriggeredRule {
  rule: string;
  version: number;
  shadow?: true;
  /** list_entry_id of the allowance or snooze. */
  suppressed_by?: string;
  action?: 'hold' | 'block';
}

/** A line of a verdict's explanation: rules first, then what the model found odd. */
export interface Reason {
  kind: 'rule' | 'feature';
  /** Of the rule or the fact. */
  name: string;
  text: string;
  /** Of a feature: its part in the model's score, 0 to 1. */
  share?: number;
}

export interface RuleJudgement {
  /** 0 to 1: the highest floor of the rules that count. */
  floor: number;
  rules: TriggeredRule[];
  reasons: Reason[];
}

/** Gives the list_entry_id by which a rule does not count for this transaction, or null. */
export type Suppression = (rule: LiveRule) => string | null;

/** Asks every rule. Those of action block count whatever is allowed. */
export function judgeByRules(
  rules: readonly LiveRule[],
  facts: FactValues,
  details: ReasonDetails = {},
  suppressedBy: Suppression = () => null,
): RuleJudgement {
  const judgement: RuleJudgement = { floor: 0, rules: [], reasons: [] };
  for (const rule of rules) {
    if (!meets(rule.condition, facts)) continue;
    const entry = rule.action === 'block' ? null : suppressedBy(rule);
    judgement.rules.push(triggered(rule, entry));
    if (rule.is_shadow || entry !== null) continue;
    judgement.floor = Math.max(judgement.floor, rule.floor);
    const text = sayRule(rule.reason_template, rule.condition, facts, details);
    judgement.reasons.push({ kind: 'rule', name: rule.name, text });
  }
  return judgement;
}

function triggered(rule: LiveRule, entry: string | null): TriggeredRule {
  return {
    rule: rule.name,
    version: rule.version,
    ...(rule.is_shadow ? { shadow: true as const } : {}),
    ...(entry === null ? {} : { suppressed_by: entry }),
    ...(rule.action === 'score' ? {} : { action: rule.action }),
  };
}
