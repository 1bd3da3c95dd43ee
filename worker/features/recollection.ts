import * as columns from './account-profile';
import { type History, HISTORY_ENTRIES } from './account-profile';
import * as codes from './movement';
import type { Movement } from './movement';

// Names of other modules, and global ones, are looked up each time, which tells in loops over millions of entries.
const { AMOUNT, COUNTERPARTY, EFFECTIVE, KIND, PLACE, POSTED, STRIDE: STEP } = columns;
const NEVER = Infinity;
const { COUNTRY_BITS, COUNTRY_MASK, TYPE_BITS, TYPE_MASK } = codes;

/** A movement that is to be judged, and how its account's amounts compare with others. */
export interface Judged extends Movement {
  /** Minor units of the currency in a major one, and major units that buy about what one US dollar buys. */
  minor_per_major: number;
  units_per_dollar: number;
  /**
   * When the person who asked for it had first logged in, microseconds since 1970; null: nobody did, so that the bank's clock
   * says nothing about how fast somebody acts.
   */
  person_since_us: number | null;
}

/**
 * What is known of an account at the moment of a movement: of the entries before it by number those that happened before it, or
 * that the same person had the bank post before it; newest first, a column each.
 *
 * Two clocks say how long ago an entry was. effective_at is given by the client, who could spread a burst over days; posted_at
 * is the bank's own, but says nothing of history that was loaded. So posted_at counts for what a person asks for, as far back
 * as that person's first login, and of both clocks the one that shows the faster pace.
 */
export class Recollection {
  count = 0;
  readonly ago_us = new Float64Array(HISTORY_ENTRIES);
  readonly effective_us = new Float64Array(HISTORY_ENTRIES);
  /** Minor units; above zero into the account. */
  readonly amount_minor = new Float64Array(HISTORY_ENTRIES);
  readonly counterparty = new Float64Array(HISTORY_ENTRIES);
  /** See movement.ts for these; 0: none. */
  readonly type = new Int32Array(HISTORY_ENTRIES);
  readonly channel = new Int32Array(HISTORY_ENTRIES);
  readonly mcc = new Int32Array(HISTORY_ENTRIES);
  readonly country = new Int32Array(HISTORY_ENTRIES);
  /** 1: money moves the same way as in the movement that is judged. */
  readonly alike = new Uint8Array(HISTORY_ENTRIES);

  /** Fills itself anew: one recollection serves any number of movements, one after the other. */
  recall({ rows, from, to }: History, now: Judged): this {
    const since = now.person_since_us ?? NEVER;
    const { effective_us: effectiveNow, posted_us: postedNow } = now;
    const isIncoming = now.amount_minor > 0;
    let count = 0;
    for (let at = (to - 1) * STEP; at >= from * STEP; at -= STEP) {
      const effective = rows[at + EFFECTIVE] as number;
      const posted = rows[at + POSTED] as number;
      let ago = effective <= effectiveNow ? effectiveNow - effective : NEVER;
      if (posted >= since && posted <= postedNow && postedNow - posted < ago) ago = postedNow - posted;
      if (ago === NEVER) continue;
      const amount = rows[at + AMOUNT] as number;
      const kind = rows[at + KIND] as number;
      const place = rows[at + PLACE] as number;
      this.ago_us[count] = ago;
      this.effective_us[count] = effective;
      this.amount_minor[count] = amount;
      this.counterparty[count] = rows[at + COUNTERPARTY] as number;
      this.type[count] = kind & TYPE_MASK;
      this.channel[count] = kind >>> TYPE_BITS;
      this.mcc[count] = place >>> COUNTRY_BITS;
      this.country[count] = place & COUNTRY_MASK;
      this.alike[count] = amount > 0 === isIncoming ? 1 : 0;
      count += 1;
    }
    this.count = count;
    return this;
  }
}
