/** With fewer transactions than this the rules judge alone. */
export const RULES_ONLY_BELOW = 1_000;
/** With fewer than this the model may ask for a review, but not block. */
export const REVIEW_ONLY_BELOW = 5_000;

const REVIEW_FROM = 0.5;
/** The highest risk below CRITICAL in the four decimals that are stored. */
const REVIEW_UP_TO = 0.7999;

/**
 * What a model's risk counts for, by how many transactions it has learned from. Few ordinary days make much look odd, so a new
 * bank's model says nothing at first and then SUSPICIOUS at most. The risks between 0.5 and 1 are then squeezed into those
 * between 0.5 and 0.7999: no two of them change their order, and none is cut off to the same value as another.
 *
 * Floors of rules are not a model's risk and take no part.
 * @param risk from 0 to 1
 * @param transactions posted transactions of customers that the model was trained among
 * @returns from 0 to 1; 0 while the rules judge alone
 */
export function limitForColdStart(risk: number, transactions: number): number {
  if (transactions < RULES_ONLY_BELOW) return 0;
  if (transactions >= REVIEW_ONLY_BELOW || risk <= REVIEW_FROM) return risk;
  return REVIEW_FROM + ((risk - REVIEW_FROM) / (1 - REVIEW_FROM)) * (REVIEW_UP_TO - REVIEW_FROM);
}
