/** An entry of a customer's account as profiles keep it: numbers only, so that a history is one flat array. */
export interface Movement {
  transaction_id: number;
  /** Microseconds since 1970, UTC: when it happened, and when the bank wrote it. */
  effective_us: number;
  posted_us: number;
  /** Minor units; credit positive, debit negative. */
  amount_minor: number;
  /** See counterpartyCode. */
  counterparty: number;
  /** See kindCode. */
  kind: number;
  /** See placeCode. */
  place: number;
}

/** Saved profiles hold places of this list: new types go to the end. */
const TYPES = [
  'deposit',
  'withdrawal',
  'transfer',
  'payment',
  'refund',
  'capture',
  'reversal',
  'journal',
] as const;

export const TYPE_BITS = 4;
export const TYPE_MASK = (1 << TYPE_BITS) - 1;
export const COUNTRY_BITS = 10;
export const COUNTRY_MASK = (1 << COUNTRY_BITS) - 1;
const LETTER_A = 65;
const { imul } = Math;

export const DEPOSIT = 1 + TYPES.indexOf('deposit');

/** Type and channel in one number. */
export function kindCode(type: string, channel: string | null): number {
  return 1 + TYPES.indexOf(type as (typeof TYPES)[number]) + (channelCode(channel) << TYPE_BITS);
}

/** Place in the list of types, counted from 1; 0: none of them. */
export const typeOf = (kind: number): number => kind & TYPE_MASK;

/** 0: no channel. */
export const channelOf = (kind: number): number => kind >>> TYPE_BITS;

/** A bank has a handful of channels: sixteen bits (FNV-1a, folded) tell them apart. */
function channelCode(channel: string | null): number {
  if (channel === null || channel === '') return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < channel.length; index += 1) {
    hash = imul(hash ^ channel.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 16) ^ (hash & 0xffff) || 1;
}

/** Merchant category (four digits) and country (two letters) in one number. */
export function placeCode(mcc: string | null, country: string | null): number {
  const category = mcc === null ? 0 : 1 + Number(mcc);
  const isCountry = country !== null && /^[A-Z]{2}$/.test(country);
  const land = isCountry
    ? 1 + (country.charCodeAt(0) - LETTER_A) * 26 + (country.charCodeAt(1) - LETTER_A)
    : 0;
  return (category << COUNTRY_BITS) | land;
}

/** 0: no merchant category. */
export const mccOf = (place: number): number => place >>> COUNTRY_BITS;

/** 0: no country. */
export const countryOf = (place: number): number => place & COUNTRY_MASK;

/** The bank itself: its cash, its fees, a journal. Nobody's counterparty. */
export const NOBODY = 0;

/**
 * Whom an entry deals with: another customer's account (above zero) by a transfer, a merchant (below zero), otherwise the bank
 * itself.
 */
export function counterpartyCode(type: string, otherAccount: Id | null, merchant: Id | null): number {
  if (type === 'transfer') return otherAccount === null ? NOBODY : Number(otherAccount);
  return merchant === null ? NOBODY : -Number(merchant);
}

/** As the database gives it, or a number. */
type Id = string | number;
