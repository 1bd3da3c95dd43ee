import { FeatureReplay, type ReplayedTransaction } from './feature-replay';
import { computeFeatures, countMissing, type Features, MODEL_FEATURES, toModelRow } from './features';

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
/** A Monday, half past three in the morning. */
const NOW_US = Date.UTC(2026, 0, 5, 3, 30) * 1000;
const ME = 1;

/** A movement `ago_us` before now; a payment of mine in dollars unless said otherwise. */
function movement(
  ago_us: number,
  dollars: number,
  more: Partial<ReplayedTransaction> = {},
): ReplayedTransaction {
  return {
    transaction_id: 1,
    type: 'payment',
    channel: 'chip',
    currency: 'USD',
    amount_minor: Math.round(dollars * 100),
    minor_per_major: 100,
    is_high_value: dollars > 10_000,
    debit_account: ME,
    credit_account: null,
    merchant_id: 7,
    mcc: '5411',
    merchant_country: 'US',
    effective_us: NOW_US - ago_us,
    posted_us: NOW_US - ago_us,
    person_since_us: null,
    logins: null,
    ...more,
  };
}

const deposit = {
  type: 'deposit',
  channel: null,
  debit_account: null,
  credit_account: ME,
  merchant_id: null,
  mcc: null,
};
const transferTo = (account: number) => ({
  type: 'transfer',
  channel: 'mobile',
  credit_account: account,
  merchant_id: null,
  mcc: null,
  merchant_country: null,
});

/** Features of `now` after the others were posted, in their order. */
function featuresAfter(
  before: readonly ReplayedTransaction[],
  now: ReplayedTransaction,
  balance = 1_000,
): Features {
  const replay = new FeatureReplay();
  replay.open(ME, NOW_US - 400 * DAY_US);
  const worth = before.reduce(
    (sum, other) =>
      sum +
      (other.debit_account === ME ? other.amount_minor : 0) -
      (other.credit_account === ME ? other.amount_minor : 0),
    0,
  );
  replay.open(ME, NOW_US - 400 * DAY_US, balance * 100 + worth);
  for (const other of before) replay.observe(other);
  return replay.featuresOf(now);
}

describe('features', () => {
  it('say when, how much, and what of it is unusual for the account', () => {
    const before = [40, 20, 10, 2].map((days, index) => movement(days * DAY_US, 30 + 10 * index));
    const features = featuresAfter(
      [...before, movement(1.5 * HOUR_US, 60), movement(90.5 * 1e6, 40)],
      movement(0, 900),
    );
    expect(features).toMatchObject({
      type: 'payment',
      channel: 'chip',
      currency: 'USD',
      mcc: '5411',
      merchant_country: 'US',
      amount: 900,
      amount_usd: 900,
      log_amount: Math.log(901),
      hour_of_day: 3,
      day_of_week: 1,
      is_high_value: false,
      // Of 40, 50, 60, 60 and 40: what is older than thirty days does not count.
      amount_over_30d_mean: 18,
      share_of_balance: 0.9,
      drains_account: false,
      sender_transactions_10m: 1,
      sender_transactions_1h: 1,
      sender_transactions_24h: 2,
      sender_transactions_7d: 3,
      sender_amount_usd_1h: 40,
      sender_amount_usd_24h: 100,
      sender_amount_usd_7d: 160,
      seconds_since_last: 90.5,
      account_age_days: 400,
      is_new_counterparty: false,
      counterparties_24h: 1,
      senders_24h: null,
      is_country_change: false,
      counterparty_fraud_rate: null,
    });
    expect(features.count_24h_over_30d).toBeCloseTo(2 / (5 / 20));
    expect(features.amount_24h_over_30d).toBeCloseTo(100 / (250 / 20));
    expect(features.days_dormant).toBeCloseTo(90.5 / 86_400);
  });

  it('leave missing what is not known and count it', () => {
    const features = featuresAfter(
      [],
      movement(0, 10, { ...deposit, debit_account: null, credit_account: null }),
    );
    expect(features.sender_transactions_1h).toBeNull();
    const known = ['log_amount'];
    expect(countMissing(features)).toBe(MODEL_FEATURES.length - known.length);
    expect([...toModelRow(features)].filter(Number.isNaN)).toHaveLength(countMissing(features));
    expect(toModelRow(features)).toHaveLength(MODEL_FEATURES.length);
  });

  it('know of a first transaction that nothing came before it', () => {
    expect(featuresAfter([], movement(0, 50))).toMatchObject({
      sender_transactions_7d: 0,
      sender_amount_usd_7d: 0,
      counterparties_24h: 1,
      is_new_counterparty: true,
      amount_over_30d_mean: null,
      amount_robust_z: null,
      seconds_since_last: null,
      days_dormant: null,
      hour_rarity: null,
      channel_rarity: null,
      is_country_change: null,
    });
  });

  it('count Sunday as the seventh day', () => {
    expect(featuresAfter([], movement(DAY_US, 1)).day_of_week).toBe(7);
  });

  it('put amounts of all currencies on one scale', () => {
    const of = (dollars: number, currency: string): number =>
      featuresAfter([], movement(0, dollars, { currency })).log_amount;
    expect(of(5_000, 'INR')).toBe(of(100, 'USD'));
    expect(of(100, 'XXX')).toBe(of(100, 'USD'));
  });

  it('have no share of an empty or overdrawn balance, or of money that comes in', () => {
    const of = (balance: number): Features => featuresAfter([], movement(0, 50), balance);
    expect(of(0)).toMatchObject({ share_of_balance: null, drains_account: null });
    expect(of(-20).share_of_balance).toBeNull();
    expect(of(0.01)).toMatchObject({ share_of_balance: 10, drains_account: true });
    expect(featuresAfter([], movement(0, 50, deposit)).share_of_balance).toBeNull();
  });

  it('measure an amount by the median and the median deviation of those before', () => {
    const amounts = [10, 20, 30, 40, 1_000];
    const before = amounts.map((dollars, index) => movement((5 - index) * DAY_US, dollars));
    // Median 30, deviations 0, 10, 10, 20, 970: their median is 10.
    expect(featuresAfter(before, movement(0, 90)).amount_robust_z).toBeCloseTo(60 / 14.826);
    expect(featuresAfter(before.slice(1), movement(0, 90)).amount_robust_z).toBeNull();
    const rent = [1, 2, 3, 4, 5].map((month) => movement(month * 5 * DAY_US, 500));
    expect(featuresAfter(rent, movement(0, 510)).amount_robust_z).toBeCloseTo(10 / 25);
  });

  it('find an hour, a channel and a category rare that the account hardly has', () => {
    const before = Array.from({ length: 30 }, (_, day) => movement((30 - day) * DAY_US + 15 * HOUR_US, 20));
    const features = featuresAfter(
      before,
      movement(0, 20, { channel: 'online', mcc: '7995', merchant_country: 'RU' }),
    );
    // Thirty at half past twelve; none around half past three.
    expect(features.hour_rarity).toBeCloseTo(1 - 1 / 31);
    expect(features.channel_rarity).toBeCloseTo(1 - 1 / 31);
    expect(features.mcc_rarity).toBeCloseTo(1 - 1 / 31);
    expect(features.is_country_change).toBe(true);
    const usual = featuresAfter(before, movement(-9 * HOUR_US, 20));
    expect(usual).toMatchObject({
      hour_rarity: 0,
      channel_rarity: 0,
      mcc_rarity: 0,
      is_country_change: false,
    });
  });

  it('count whom money goes to and whom it comes from', () => {
    const replay = new FeatureReplay();
    replay.open(ME, NOW_US - 400 * DAY_US, 1_000_000);
    for (const other of [2, 3, 3, 4]) replay.observe(movement(HOUR_US, 10, transferTo(other)));
    for (const payer of [11, 12, 13, 13]) {
      replay.observe(movement(HOUR_US, 10, { ...transferTo(5), debit_account: payer }));
    }
    expect(replay.featuresOf(movement(0, 10, transferTo(5)))).toMatchObject({
      is_new_counterparty: true,
      counterparties_24h: 4,
      senders_24h: 4,
    });
    expect(replay.featuresOf(movement(0, 10, transferTo(3)))).toMatchObject({
      is_new_counterparty: false,
      counterparties_24h: 3,
      senders_24h: 1,
    });
    expect(replay.featuresOf(movement(0, 10, { type: 'withdrawal', merchant_id: null }))).toMatchObject({
      is_new_counterparty: null,
      counterparties_24h: 3,
    });
  });

  it('see money that only passes through', () => {
    const before = [movement(5 * HOUR_US, 1_000, deposit), movement(2 * HOUR_US, 400)];
    expect(featuresAfter(before, movement(0, 500)).pass_through_24h).toBeCloseTo(0.9);
    expect(featuresAfter(before, movement(0, 600)).pass_through_24h).toBe(1);
    expect(featuresAfter(before, movement(0, 4_600)).pass_through_24h).toBeCloseTo(0.2);
    expect(featuresAfter(before, movement(0, 500, deposit)).pass_through_24h).toBeNull();
    expect(
      featuresAfter([movement(25 * HOUR_US, 1_000, deposit)], movement(0, 500)).pass_through_24h,
    ).toBeNull();
  });

  it('count cash just below the limit and round thousands, when this one is such', () => {
    const before = [8_000, 9_999, 10_001, 7_999].map((dollars, day) =>
      movement((6 - day) * DAY_US, dollars, deposit),
    );
    expect(featuresAfter(before, movement(0, 9_500, deposit)).cash_deposits_near_limit_7d).toBe(3);
    expect(featuresAfter(before, movement(0, 500, deposit)).cash_deposits_near_limit_7d).toBe(0);
    expect(featuresAfter(before, movement(-1 * DAY_US, 9_500, deposit)).cash_deposits_near_limit_7d).toBe(2);
    const round = [3_000, 3_500, 1_000, 900].map((dollars) => movement(DAY_US, dollars));
    expect(featuresAfter(round, movement(0, 2_000)).round_thousands_7d).toBe(3);
    expect(featuresAfter(round, movement(0, 2_100)).round_thousands_7d).toBe(0);
  });

  it('look at no more than the 64 entries before', () => {
    const before = Array.from({ length: 100 }, (_, index) =>
      movement((101 - index) * 1e6, index < 40 ? 500 : 10),
    );
    expect(featuresAfter(before, movement(0, 10))).toMatchObject({
      sender_transactions_1h: 64,
      amount_over_30d_mean: 10 / ((4 * 500 + 60 * 10) / 64),
    });
  });

  describe('by two clocks', () => {
    const since = NOW_US - 100 * DAY_US;
    /** Twelve within a minute by the bank's clock, each dated a day before the one before it. */
    const burst = (person_since_us: number | null): ReplayedTransaction[] =>
      Array.from({ length: 12 }, (_, index) =>
        movement(0, 10, {
          effective_us: NOW_US - (index + 1) * DAY_US,
          posted_us: NOW_US - (60 - 5 * index) * 1e6,
          person_since_us,
        }),
      );

    it('see the burst of a person who dates it back', () => {
      const all = burst(since);
      expect(featuresAfter(all.slice(0, -1), all[11] as ReplayedTransaction)).toMatchObject({
        sender_transactions_10m: 11,
        sender_transactions_1h: 11,
        seconds_since_last: 5,
      });
    });

    it('take what was loaded, and what was posted before the first login, by when it happened', () => {
      for (const known of [null, NOW_US - 1e6]) {
        const all = burst(known);
        expect(featuresAfter(all.slice(0, -1), all[11] as ReplayedTransaction)).toMatchObject({
          sender_transactions_1h: 0,
          seconds_since_last: null,
        });
      }
    });
  });

  it('know a counterparty by what was confirmed before, smoothed with the base rate', () => {
    const replay = new FeatureReplay();
    replay.open(ME, NOW_US - 400 * DAY_US, 1_000_000);
    const fraud = movement(3 * DAY_US, 10, { transaction_id: 4 });
    const sent = movement(3 * DAY_US, 10, { ...transferTo(5), transaction_id: 5 });
    for (const other of [movement(4 * DAY_US, 10), fraud, movement(DAY_US, 10), sent]) replay.observe(other);
    const rate = (more: Partial<ReplayedTransaction>): number | null =>
      replay.featuresOf(movement(0, 10, more)).counterparty_fraud_rate;
    expect(rate({})).toBeNull();
    replay.confirm(fraud, NOW_US - HOUR_US);
    replay.confirm(sent, NOW_US + HOUR_US);
    expect(rate({})).toBeCloseTo(1.02 / 23);
    expect(rate({ posted_us: NOW_US - 2 * HOUR_US })).toBeNull();
    expect(rate({ merchant_id: 8 })).toBe(0.001);
    expect(rate(transferTo(5))).toBe(0.001);
    expect(rate({ ...transferTo(5), posted_us: NOW_US + 2 * HOUR_US })).toBeCloseTo(1.02 / 21);
    expect(rate({ effective_us: NOW_US + 100 * DAY_US })).toBeCloseTo(0.001);
  });

  it('know a shop by the frauds of two weeks, and by those that were confirmed this week', () => {
    const replay = new FeatureReplay();
    replay.open(ME, NOW_US - 400 * DAY_US, 1_000_000);
    const late = movement(30 * DAY_US, 10, { transaction_id: 4 });
    const recent = movement(3 * DAY_US, 10, { transaction_id: 5, merchant_id: 8 });
    for (const other of [late, recent]) {
      replay.observe(other);
      replay.confirm(other, NOW_US - HOUR_US);
    }
    const rate = (merchant_id: number, days: number): number | null => {
      const moment = { effective_us: NOW_US + days * DAY_US, posted_us: NOW_US + days * DAY_US };
      return replay.featuresOf(movement(0, 10, { merchant_id, ...moment })).counterparty_fraud_rate;
    };
    expect([0, 6.9, 7].map((days) => rate(7, days))).toEqual([1.02 / 21, 1.02 / 21, 0.001]);
    expect([0, 10.9, 11].map((days) => rate(8, days))).toEqual([1.02 / 21, 1.02 / 21, 0.001]);
  });

  it('are all there is to know of a movement between accounts of the bank itself: when and how much', () => {
    const features = computeFeatures({
      type: 'journal',
      channel: null,
      currency: 'USD',
      mcc: null,
      merchant_country: null,
      amount_minor: 500,
      minor_per_major: 100,
      is_high_value: false,
      effective_us: NOW_US,
      sender: null,
      receiver: null,
      experience: null,
      logins: null,
    });
    expect(features).toMatchObject({
      amount: 5,
      hour_of_day: 3,
      account_age_days: null,
      counterparties_24h: null,
    });
  });
});
