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
 * Saved profiles, for a worker that starts or has more accounts than memory. They are derived, so a failure to save is no
 * failure: what is missing is read from the ledger.
 */
export class ProfileStore {
  private readonly due = new Map<string, AccountProfile>();
  private saving: Promise<void> | null = null;

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
    if (profile.nextSeq - profile.savedSeq >= SAVE_EVERY) this.due.set(account, profile);
  }

  /** Begins to save what is due, unless saving is under way; nobody need wait for the end. */
  saveSoon(): void {
    if (this.due.size === 0) return;
    this.saving ??= this.save().finally(() => {
      this.saving = null;
    });
  }

  /** Resolves when nothing is being saved any more. */
  async settled(): Promise<void> {
    await this.saving;
  }

  private async save(): Promise<void> {
    const part = [...this.due].slice(0, MAX_ROWS_IN_STATEMENT);
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
