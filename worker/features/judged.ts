import type { ScorableTransaction } from './feature-reader';

/** What the bank itself decided: it puts something right, books a fee or interest, or brings money back. */
const OF_THE_BANK = new Set<unknown>(['reversal', 'journal']);

/** Why a transaction is nobody's behaviour: it is SAFE, raises no alert, and teaches the model nothing. null: it is somebody's. */
export function whyNotJudged({
  has_sender,
  features,
}: Pick<ScorableTransaction, 'has_sender' | 'features'>): string | null {
  if (!has_sender) return 'no account of a customer takes part';
  return OF_THE_BANK.has(features.type) ? 'the bank itself made it' : null;
}
