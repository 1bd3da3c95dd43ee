/** Records the verdicts of a group of transactions, or fails as a whole. May be repeated. */
export type ScoreGroup = (transactionIds: readonly string[]) => Promise<void>;

/** What could not be scored, and why: the error of the last one. */
export interface Unscored {
  transaction_ids: string[];
  error: unknown;
}

/**
 * Scores a group. When it fails, its halves are tried, and theirs, down to the single transactions that are to blame: a bad one
 * does not fail its neighbours, and among two hundred it takes sixteen tries to find.
 * @param isOver says of an error that trying on makes no sense; it is thrown
 * @returns null when every one was scored
 */
export async function scoreApart(
  transactionIds: readonly string[],
  score: ScoreGroup,
  isOver: (error: unknown) => boolean,
): Promise<Unscored | null> {
  try {
    await score(transactionIds);
    return null;
  } catch (error) {
    if (isOver(error)) throw error;
    if (transactionIds.length <= 1) return { transaction_ids: [...transactionIds], error };
  }
  const middle = transactionIds.length >> 1;
  const first = await scoreApart(transactionIds.slice(0, middle), score, isOver);
  const second = await scoreApart(transactionIds.slice(middle), score, isOver);
  if (!first || !second) return first ?? second;
  return { transaction_ids: [...first.transaction_ids, ...second.transaction_ids], error: second.error };
}
