import type { Queries } from '../../src/database';
import { AccountProfile, type History, HISTORY_ENTRIES } from './account-profile';
import { readRanges } from './entry-ranges';
import type { Leg } from './transaction-facts';

/**
 * What entries that do not exist yet would look back at, read from the ledger alone: a profile in memory must not learn of an entry
 * that may never come to be.
 */
export async function readHistoriesAnew(queries: Queries, legs: readonly Leg[]): Promise<History[]> {
  const ranges = legs.map(({ account_id, account_seq }) => ({
    account_id,
    first: Math.max(1, account_seq - HISTORY_ENTRIES),
    last: account_seq - 1,
  }));
  const found = await readRanges(
    queries,
    ranges.filter(({ first, last }) => first <= last),
  );
  return ranges.map(({ account_id, first, last }) => {
    const profile = new AccountProfile(first);
    const own = found.filter((entry) => entry.account_id === account_id);
    own.sort((a, b) => a.account_seq - b.account_seq);
    for (const { movement } of own) profile.observe(movement);
    return profile.historyOf(last + 1);
  });
}
