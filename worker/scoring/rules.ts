import type { ScorableTransaction } from '../features/feature-reader';

/** A plain rule: a transaction that meets it has at least this risk. */
export interface Rule {
  name: string;
  floor: number;
  applies(transaction: ScorableTransaction): boolean;
}

/** Transactions of one sender in the hour before the one that is judged. */
const VELOCITY_LIMIT = 10;

/** What is judged by when the model cannot run. docs/fraud-model.md lists the same. */
export const RULES: readonly Rule[] = [
  { name: 'high_value', floor: 0.55, applies: (transaction) => transaction.is_high_value },
  {
    name: 'velocity',
    floor: 0.6,
    applies: ({ features }) => (features.sender_transactions_1h ?? 0) >= VELOCITY_LIMIT,
  },
];

/** The highest floor among the rules that apply, 0 when none does, and their names. */
export function judgeByRules(transaction: ScorableTransaction): { risk_score: number; rules: string[] } {
  const met = RULES.filter((rule) => rule.applies(transaction));
  return {
    risk_score: met.reduce((highest, rule) => Math.max(highest, rule.floor), 0),
    rules: met.map((rule) => rule.name),
  };
}
