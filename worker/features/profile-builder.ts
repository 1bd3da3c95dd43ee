import type { Queries } from '../../src/database';
import { AccountProfile, HISTORY_ENTRIES } from './account-profile';
import { type EntryRange, readRanges } from './entry-ranges';
import { ProfileStore, SAVE_EVERY } from './profile-store';

interface AccountRow {
  account_id: string;
  last_account_seq: string;
  is_saved: number | string;
}

const BUILT_KEY = 'profiles_built_to';
const ACCOUNTS_IN_STEP = 100;
const BUSY_MS = 100;
const IDLE_MS = 60_000;

/**
 * Saves profiles of the accounts that have a long history and none yet, once through the bank: where an earlier version ran, or
 * the ledger was restored without what is derived from it. Accounts that come later get theirs as their transactions are judged.
 */
export class ProfileBuilder {
  private readonly store: ProfileStore;

  constructor(private readonly queries: Queries) {
    this.store = new ProfileStore(queries);
  }

  /** Looks at the next accounts. Answers the time to wait for the next ones in milliseconds. */
  async step(): Promise<number> {
    const from = await this.readWatermark();
    const accounts = await this.queries.query<AccountRow>(
      `SELECT a.account_id, a.last_account_seq, p.account_id IS NOT NULL AS is_saved
       FROM accounts a LEFT JOIN account_profiles p ON p.account_id = a.account_id
       WHERE a.account_id > ? AND a.user_id IS NOT NULL ORDER BY a.account_id LIMIT ${ACCOUNTS_IN_STEP}`,
      [from],
    );
    const last = accounts.at(-1)?.account_id;
    if (last === undefined) return IDLE_MS;
    await this.build(
      accounts.filter((row) => Number(row.is_saved) === 0 && Number(row.last_account_seq) >= SAVE_EVERY),
    );
    await this.queries.execute(
      `INSERT INTO worker_state (state_key, state_value) VALUES (?, ?)
       ON DUPLICATE KEY UPDATE state_value = VALUES(state_value)`,
      [BUILT_KEY, last],
    );
    return accounts.length === ACCOUNTS_IN_STEP ? BUSY_MS : IDLE_MS;
  }

  private async build(accounts: readonly AccountRow[]): Promise<void> {
    if (accounts.length === 0) return;
    const ranges = accounts.map(({ account_id, last_account_seq }): EntryRange => {
      const last = Number(last_account_seq);
      return { account_id: String(account_id), first: Math.max(1, last - HISTORY_ENTRIES + 1), last };
    });
    const found = await readRanges(this.queries, ranges);
    found.sort((a, b) => a.account_seq - b.account_seq);
    const profiles = new Map(
      ranges.map(({ account_id, first }) => [account_id, new AccountProfile(first, HISTORY_ENTRIES)]),
    );
    for (const { account_id, account_seq, movement } of found) {
      const profile = profiles.get(account_id);
      if (profile?.nextSeq === account_seq) profile.observe(movement);
    }
    for (const [account, profile] of profiles) this.store.note(account, profile);
    await this.store.settled();
  }

  private async readWatermark(): Promise<string> {
    const [row] = await this.queries.query<{ state_value: string }>(
      'SELECT state_value FROM worker_state WHERE state_key = ?',
      [BUILT_KEY],
    );
    return row && /^\d{1,19}$/.test(row.state_value) ? row.state_value : '0';
  }
}
