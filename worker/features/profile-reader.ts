import { LRUCache } from 'lru-cache';
import type { Queries } from '../../src/database';
import { AccountProfile, type History, HISTORY_ENTRIES } from './account-profile';
import { type EntryRange, type NumberedMovement, readRanges } from './entry-ranges';
import type { Movement } from './movement';
import { ProfileStore } from './profile-store';

/** An entry of a customer's account whose history is wanted. The entry itself is known to the one who asks. */
export interface HistoryRequest {
  account_id: string;
  account_seq: number;
  movement: Movement;
}

/** Entries of one account further apart than this are read apart. */
const FAR_APART = 2 * HISTORY_ENTRIES;
const TYPICAL_ENTRIES = 16;
/** Bytes of all profiles together: some twelve thousand accounts with long histories, or far more with short ones. */
const CACHE_BYTES = 64 * 1024 * 1024;

/** One or several wanted entries of an account that lie close together, and the profile that will hold what is before them. */
interface Stretch {
  account_id: string;
  requests: HistoryRequest[];
  profile: AccountProfile;
  /** Whether later groups find the profile; of two that cannot be one the newer is remembered. */
  isRemembered: boolean;
  /** What the profile lacks, from its nextSeq on up to the last wanted entry. */
  lacking: (Movement | undefined)[];
}

/**
 * Histories of accounts for a group of transactions. Profiles stay in memory, and catch up by the numbers of the entries; those
 * that were forgotten come back from account_profiles, and what is not there from the ledger. All three give the same, as ledger
 * rows never change.
 */
export class ProfileReader {
  private readonly profiles: LRUCache<string, AccountProfile>;
  private readonly store: ProfileStore;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly queries: Queries,
    cacheBytes = CACHE_BYTES,
  ) {
    this.profiles = new LRUCache({ maxSize: cacheBytes, sizeCalculation: (profile) => profile.bytes });
    this.store = new ProfileStore(queries);
  }

  /**
   * The history of each request, in order. Groups that are under way at the same time take turns, so that profiles grow in the
   * order of the entries.
   */
  read(requests: readonly HistoryRequest[]): Promise<History[]> {
    const mine = this.turn.then(() => this.readInTurn(requests));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async readInTurn(requests: readonly HistoryRequest[]): Promise<History[]> {
    const byAccount = groupByAccount(requests);
    const unknown = [...byAccount.keys()].filter((account) => !this.profiles.has(account));
    const saved = await this.store.load(unknown);
    const stretches: Stretch[] = [];
    for (const [account, wanted] of byAccount) {
      const remembered = this.profiles.get(account) ?? null;
      const known = remembered ?? saved.get(account) ?? null;
      for (const near of stretchesOf(wanted)) stretches.push(plan(account, near, known, remembered));
      forgetAllButNewest(stretches, account);
    }
    await this.readLacking(stretches);
    const histories = new Map<HistoryRequest, History>();
    for (const stretch of stretches) {
      complete(stretch);
      for (const request of stretch.requests) {
        histories.set(request, stretch.profile.historyOf(request.account_seq));
      }
      if (stretch.isRemembered) this.remember(stretch);
    }
    this.store.saveSoon();
    return requests.map((request) => histories.get(request) as History);
  }

  /** Resolves when no profile is being saved any more. */
  settled(): Promise<void> {
    return this.store.settled();
  }

  private remember({ account_id, profile, requests }: Stretch): void {
    // Groups may come out of order, each with about as many entries of the account.
    profile.trim(2 * requests.length);
    // Set again after growing: the cache weighs when it is given something.
    this.profiles.delete(account_id);
    this.profiles.set(account_id, profile);
    this.store.note(account_id, profile);
  }

  private async readLacking(stretches: readonly Stretch[]): Promise<void> {
    const ranges = stretches.flatMap((stretch): EntryRange[] => {
      const first = stretch.lacking.indexOf(undefined);
      if (first < 0) return [];
      const last = stretch.lacking.lastIndexOf(undefined);
      const { nextSeq } = stretch.profile;
      return [{ account_id: stretch.account_id, first: nextSeq + first, last: nextSeq + last }];
    });
    if (ranges.length > 0) fillIn(stretches, await readRanges(this.queries, ranges));
  }
}

function groupByAccount(requests: readonly HistoryRequest[]): Map<string, HistoryRequest[]> {
  const byAccount = new Map<string, HistoryRequest[]>();
  for (const request of requests) {
    const before = byAccount.get(request.account_id);
    if (before) before.push(request);
    else byAccount.set(request.account_id, [request]);
  }
  return byAccount;
}

function stretchesOf(wanted: readonly HistoryRequest[]): HistoryRequest[][] {
  const sorted = [...wanted].sort((a, b) => a.account_seq - b.account_seq);
  const stretches: HistoryRequest[][] = [];
  for (const request of sorted) {
    const current = stretches.at(-1);
    const isNear = current && request.account_seq - (current.at(-1)?.account_seq ?? 0) <= FAR_APART;
    if (isNear) current.push(request);
    else stretches.push([request]);
  }
  return stretches;
}

/** Goes on with the known profile when that reaches far enough back and forth; otherwise a new one begins. */
function plan(
  account_id: string,
  requests: HistoryRequest[],
  known: AccountProfile | null,
  remembered: AccountProfile | null,
): Stretch {
  const first = requests[0]?.account_seq ?? 1;
  const last = requests.at(-1)?.account_seq ?? 1;
  const from = Math.max(1, first - HISTORY_ENTRIES);
  const isUsable = known !== null && known.firstSeq <= from && known.nextSeq >= from;
  const isOlder = remembered !== null && !isUsable && last < remembered.nextSeq;
  const profile = isUsable ? known : new AccountProfile(from, Math.min(last - from + 1, TYPICAL_ENTRIES));
  const lacking = new Array<Movement | undefined>(Math.max(0, last + 1 - profile.nextSeq)).fill(undefined);
  for (const { account_seq, movement } of requests) {
    if (account_seq >= profile.nextSeq) lacking[account_seq - profile.nextSeq] = movement;
  }
  return { account_id, requests, profile, isRemembered: !isOlder, lacking };
}

/** Stretches of one account come in the order of its entries. */
function forgetAllButNewest(stretches: readonly Stretch[], account: string): void {
  const own = stretches.filter((stretch) => stretch.account_id === account && stretch.isRemembered);
  for (const stretch of own.slice(0, -1)) stretch.isRemembered = false;
}

function fillIn(stretches: readonly Stretch[], found: readonly NumberedMovement[]): void {
  const byAccount = new Map<string, Stretch[]>();
  for (const stretch of stretches) {
    const before = byAccount.get(stretch.account_id);
    if (before) before.push(stretch);
    else byAccount.set(stretch.account_id, [stretch]);
  }
  for (const { account_id, account_seq, movement } of found) {
    for (const { profile, lacking } of byAccount.get(account_id) ?? []) {
      const place = account_seq - profile.nextSeq;
      if (place >= 0 && place < lacking.length) lacking[place] = movement;
    }
  }
}

/** @throws Error when the ledger has a gap, which it must not have */
function complete({ account_id, profile, lacking }: Stretch): void {
  for (const movement of lacking) {
    if (!movement) throw new Error(`entry ${profile.nextSeq} of account ${account_id} is missing`);
    profile.observe(movement);
  }
}
