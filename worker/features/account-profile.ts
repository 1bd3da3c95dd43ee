import type { Movement } from './movement';

/** How many entries of an account, by their numbers, are looked back at from a transaction. */
export const HISTORY_ENTRIES = 64;
/** Kept beyond that at least, so that a transaction that comes late, or again, still finds what was before it. */
const SPARE_ENTRIES = 16;
/** Many accounts are remembered: their arrays grow by little. */
const GROWTH_ENTRIES = 32;

/** Columns of the flat array, an entry after the other. */
export const EFFECTIVE = 0;
export const POSTED = 1;
export const AMOUNT = 2;
export const TRANSACTION = 3;
export const COUNTERPARTY = 4;
export const KIND = 5;
export const PLACE = 6;
export const STRIDE = 7;

const FORMAT = 1;
const HEADER_BYTES = 8;

/** The entries that a transaction looks back at: rows `from` to before `to` of `rows`, in the order of their numbers. */
export interface History {
  rows: Float64Array;
  from: number;
  to: number;
}

/**
 * What is remembered of one account: its newest entries by number, without a gap. As ledger rows never change, the same numbers
 * always give the same profile, however it came about: read from the ledger, from a saved copy, or grown entry by entry.
 */
export class AccountProfile {
  /** Its nextSeq when it was last saved; 1: never. */
  savedSeq = 1;
  private rows: Float64Array;
  private length = 0;

  /** @param first account_seq of the first entry that will be observed */
  constructor(
    private first = 1,
    capacity = 8,
  ) {
    this.rows = new Float64Array(capacity * STRIDE);
  }

  /** Number of the oldest entry that is kept. */
  get firstSeq(): number {
    return this.first;
  }

  /** Number of the entry that is to come next. */
  get nextSeq(): number {
    return this.first + this.length;
  }

  /** Bytes it takes in memory, about. */
  get bytes(): number {
    return this.rows.byteLength + 150;
  }

  /** Adds the entry number nextSeq. */
  observe(movement: Movement): void {
    const at = this.length * STRIDE;
    if (at === this.rows.length) this.grow();
    this.rows[at + EFFECTIVE] = movement.effective_us;
    this.rows[at + POSTED] = movement.posted_us;
    this.rows[at + AMOUNT] = movement.amount_minor;
    this.rows[at + TRANSACTION] = movement.transaction_id;
    this.rows[at + COUNTERPARTY] = movement.counterparty;
    this.rows[at + KIND] = movement.kind;
    this.rows[at + PLACE] = movement.place;
    this.length += 1;
  }

  /** Whether everything is here that the entry of this number looks back at. */
  covers(seq: number): boolean {
    return seq <= this.nextSeq && Math.max(1, seq - HISTORY_ENTRIES) >= this.first;
  }

  /** What the entry of this number looks back at: the HISTORY_ENTRIES before it. */
  historyOf(seq: number): History {
    const to = Math.min(seq - this.first, this.length);
    return { rows: this.rows, from: Math.max(0, seq - this.first - HISTORY_ENTRIES), to: Math.max(0, to) };
  }

  /**
   * Forgets what hardly anything looks back at any more.
   * @param spare entries to keep beyond a history: many for an account on which much goes on at once
   */
  trim(spare = SPARE_ENTRIES): void {
    const kept = HISTORY_ENTRIES + Math.max(spare, SPARE_ENTRIES);
    // Trimming moves memory: seldom, and some at once.
    if (this.length <= kept + SPARE_ENTRIES) return;
    const dropped = this.length - kept;
    this.rows = this.rows.slice(dropped * STRIDE, this.length * STRIDE);
    this.first += dropped;
    this.length = kept;
  }

  /** The newest entries as bytes: a history, and what a worker that is a little behind looks back at. */
  serialise(): Buffer {
    const kept = Math.min(this.length, HISTORY_ENTRIES + SPARE_ENTRIES);
    const rows = this.rows.subarray((this.length - kept) * STRIDE, this.length * STRIDE);
    const blob = Buffer.alloc(HEADER_BYTES + rows.byteLength);
    blob.writeUInt32LE(FORMAT, 0);
    blob.writeUInt32LE(kept, 4);
    rows.forEach((value, index) => blob.writeDoubleLE(value, HEADER_BYTES + 8 * index));
    return blob;
  }

  /** null when the bytes are not such a profile, or one of another format. */
  static deserialise(blob: Buffer, nextSeq: number): AccountProfile | null {
    if (blob.length < HEADER_BYTES || blob.readUInt32LE(0) !== FORMAT) return null;
    const kept = blob.readUInt32LE(4);
    if (blob.length !== HEADER_BYTES + 8 * STRIDE * kept || kept >= nextSeq) return null;
    const profile = new AccountProfile(nextSeq - kept, kept + 8);
    for (let index = 0; index < kept * STRIDE; index += 1) {
      profile.rows[index] = blob.readDoubleLE(HEADER_BYTES + 8 * index);
    }
    profile.length = kept;
    profile.savedSeq = nextSeq;
    return profile;
  }

  private grow(): void {
    const entries = Math.min(Math.max(this.length * 2, 8), this.length + GROWTH_ENTRIES);
    const larger = new Float64Array(entries * STRIDE);
    larger.set(this.rows);
    this.rows = larger;
  }
}
