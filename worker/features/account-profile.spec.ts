import { AccountProfile, EFFECTIVE, HISTORY_ENTRIES, STRIDE } from './account-profile';
import { channelOf, countryOf, kindCode, mccOf, type Movement, placeCode, typeOf } from './movement';

const movement = (effective_us: number): Movement => ({
  transaction_id: effective_us,
  effective_us,
  posted_us: effective_us,
  amount_minor: -100,
  counterparty: 7,
  kind: kindCode('payment', 'chip'),
  place: placeCode('5411', 'US'),
});

/** Entries `first` to `last`, each with its number as its time. */
function profileOf(first: number, last: number): AccountProfile {
  const profile = new AccountProfile(first);
  for (let seq = first; seq <= last; seq += 1) profile.observe(movement(seq));
  return profile;
}

function numbersBefore(profile: AccountProfile, seq: number): number[] {
  const { rows, from, to } = profile.historyOf(seq);
  return Array.from({ length: to - from }, (_, index) => rows[(from + index) * STRIDE + EFFECTIVE] ?? 0);
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('account profile', () => {
  it('looks back at the 64 entries before a number, fewer at the beginning', () => {
    const profile = profileOf(1, 200);
    expect(numbersBefore(profile, 1)).toEqual([]);
    expect(numbersBefore(profile, 4)).toEqual([1, 2, 3]);
    expect(numbersBefore(profile, 150)).toEqual(range(150 - HISTORY_ENTRIES, 149));
    expect(numbersBefore(profile, profile.nextSeq)).toEqual(range(201 - HISTORY_ENTRIES, 200));
  });

  it('says what it does not know', () => {
    const profile = profileOf(101, 200);
    expect([164, 165, 201, 202].map((seq) => profile.covers(seq))).toEqual([false, true, true, false]);
    expect(profileOf(1, 5).covers(3)).toBe(true);
  });

  it('forgets old entries but some to spare', () => {
    const profile = profileOf(1, 300);
    const before = profile.historyOf(290);
    profile.trim();
    expect(profile.nextSeq).toBe(301);
    expect(profile.firstSeq).toBeLessThanOrEqual(301 - HISTORY_ENTRIES - 16);
    expect(profile.bytes).toBeLessThan(8_000);
    profile.observe(movement(301));
    expect(numbersBefore(profile, 302)).toEqual(range(302 - HISTORY_ENTRIES, 301));
    // Whoever holds a history still has it.
    expect(before.rows[before.from * STRIDE + EFFECTIVE]).toBe(290 - HISTORY_ENTRIES);
  });

  it('is the same after it was saved and read, and refuses other bytes', () => {
    const blob = profileOf(1, 100).serialise();
    const again = AccountProfile.deserialise(blob, 101);
    expect(again && numbersBefore(again, 101)).toEqual(range(101 - HISTORY_ENTRIES, 100));
    expect(again?.savedSeq).toBe(101);
    expect(AccountProfile.deserialise(blob.subarray(0, 50), 101)).toBeNull();
    expect(AccountProfile.deserialise(Buffer.alloc(3), 101)).toBeNull();
    expect(AccountProfile.deserialise(Buffer.concat([Buffer.from([9]), blob.subarray(1)]), 101)).toBeNull();
    // More entries than the account can have had.
    expect(AccountProfile.deserialise(blob, 40)).toBeNull();
  });

  it('packs type, channel, category and country into numbers', () => {
    const kind = kindCode('capture', 'contactless');
    expect([typeOf(kind), typeOf(kindCode('capture', null)), typeOf(kindCode('unheard of', 'x'))]).toEqual([
      6, 6, 0,
    ]);
    expect(channelOf(kind)).toBe(channelOf(kindCode('deposit', 'contactless')));
    expect(channelOf(kind)).not.toBe(channelOf(kindCode('capture', 'online')));
    expect(channelOf(kindCode('capture', null))).toBe(0);
    const codes = [
      placeCode('0000', 'AA'),
      placeCode('9999', 'ZZ'),
      placeCode('5411', null),
      placeCode(null, 'US'),
    ];
    expect(codes.map(mccOf)).toEqual([1, 10_000, 5_412, 0]);
    expect(codes.map(countryOf)).toEqual([1, 676, 0, 1 + 20 * 26 + 18]);
  });
});
