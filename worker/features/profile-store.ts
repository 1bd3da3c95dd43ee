import type { Queries } from '../../src/database';
import { AccountProfile, HISTORY_ENTRIES } from './account-profile';

interface ProfileRow {
  account_id: string;
  next_account_seq: string;
  profile: Buffer;
}

/** So many new entries make a profile worth saving: catching up on fewer costs little. */
export const SAVE_EVERY = HISTORY_ENTRIES / 2;
const MAX_ROWS_IN_STATEMENT = 200;
/**
 * A saved profile costs the server as much as judging a dozen transactions, mostly in what it logs. So only some are saved at a time,
 * however busy the bank is: the others wait, and what was not saved when a worker ends is read from the ledger again.
 */
const PACE_MS = 1_000;
const ROWS_AT_A_TIME = 20;
/** Accounts that wait; those beyond come up again with their next entry. */
const DUE_MAX = 1_000;

/**
 * Saved profiles, for a worker that starts or has more accounts than memory. They are derived, so a failure to save is no
 * failure: what is missing is read from the ledger.
 */
export class ProfileStore {
  private readonly due = new Map<string, AccountProfile>();
  private saving: Promise<void> | null = null;
  private savedAt_ms = -Infinity;

  constructor(private readonly queries: Queries) {}

  /** Profiles of the accounts that have one; what cannot be read any more is as if it were not there. */
  async load(accounts: readonly string[]): Promise<Map<string, AccountProfile>> {
    const loaded = new Map<string, AccountProfile>();
    if (accounts.length === 0) return loaded;
    const rows = await this.queries.query<ProfileRow>(
      'SELECT account_id, next_account_seq, profile FROM account_profiles WHERE account_id IN (?)',
      [accounts as unknown as string],
    );
    for (const row of rows) {
      const profile = AccountProfile.deserialise(row.profile, Number(row.next_account_seq));
      if (profile) loaded.set(String(row.account_id), profile);
    }
    return loaded;
  }

  /** Remembers a profile that has grown enough, to save it soon. */
  note(account: string, profile: AccountProfile): void {
    if (profile.nextSeq - profile.savedSeq < SAVE_EVERY) return;
    if (this.due.size < DUE_MAX || this.due.has(account)) this.due.set(account, profile);
  }

  /** Begins to save some of what is due, unless that was done a moment ago; nobody need wait for the end. */
  saveSoon(): void {
    if (this.due.size === 0 || this.saving || performance.now() - this.savedAt_ms < PACE_MS) return;
    this.savedAt_ms = performance.now();
    void this.saveNext(ROWS_AT_A_TIME);
  }

  /** Saves all that is due, without a pause, and resolves when nothing is being saved any more. */
  async settled(): Promise<void> {
    await this.saving;
    while (this.due.size > 0) await this.saveNext(MAX_ROWS_IN_STATEMENT);
  }

  private saveNext(rows: number): Promise<void> {
    this.saving ??= this.save(rows).finally(() => {
      this.saving = null;
    });
    return this.saving;
  }

  private async save(rows: number): Promise<void> {
    const part = [...this.due].slice(0, rows);
    for (const [account, profile] of part) {
      this.due.delete(account);
      profile.savedSeq = profile.nextSeq;
    }
    // Two workers may save the same account: the newer profile stays.
    await this.queries
      .execute(
        `INSERT INTO account_profiles (account_id, next_account_seq, profile)
         VALUES ${part.map(() => '(?, ?, ?)').join(', ')}
         ON DUPLICATE KEY UPDATE
           profile = IF(VALUES(next_account_seq) > next_account_seq, VALUES(profile), profile),
           next_account_seq = GREATEST(next_account_seq, VALUES(next_account_seq))`,
        part.flatMap(([account, profile]) => [account, profile.nextSeq, profile.serialise()]),
      )
      .catch(() => undefined);
  }
}
