import { postBatch } from '../../src/posting';
import { Scorer } from '../../worker/scoring/scorer';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import {
  deposit,
  journal,
  made,
  payment,
  postOne,
  refund,
  reversal,
  systemAccount,
  transfer,
} from '../support/postings';
import {
  countOf,
  createWorkerBank,
  eventually,
  scoresOf,
  silent,
  untilScored,
  type WorkerBank,
} from './worker-bank';

const HOUR_US = 3_600_000_000;
/** A Wednesday, long enough ago to be in nobody's future. */
const WEDNESDAY_US = Date.UTC(2025, 2, 12) * 1000;
const at = (hours: number): { effective_us: number } => ({ effective_us: WEDNESDAY_US + hours * HOUR_US });

describe('a posted transaction', () => {
  let bank: WorkerBank;
  const lines: string[] = [];

  beforeAll(async () => {
    bank = await createWorkerBank();
    await bank.startWorker(
      { print: (text) => lines.push(...text.trimEnd().split('\n')) },
      { SCORING_LOG: 'true' },
    );
  });
  afterAll(() => bank.close());

  it('ends with its score, features and a line on the console', async () => {
    const [sender, receiver] = await bank.twoAccounts();
    const id = made(await postOne(bank.pool, transfer(sender, receiver, 2_500n)));
    const [score] = await untilScored(bank, [id]);
    expect(score).toMatchObject({ transaction_id: id, model_version: 1, is_degraded: 0, verdict: 'SAFE' });
    expect(Number(score?.risk_score)).toBeLessThan(0.5);
    expect(score?.raw_score).toBeGreaterThan(0);
    expect(score?.features_used).toMatchObject({
      amount: 25,
      sender_transactions_1h: 0,
      share_of_balance: 0.0025,
    });
    const line = await eventually(async () => lines.find((text) => text.startsWith(`TXN #${id} |`)));
    expect(line).toBe(`TXN #${id} | $25.00 | score ${score?.risk_score} | SAFE`);
    expect(await countOf(bank, 'outbox')).toBe(0);
  });

  it('is judged by when it happened and what came before it, whatever the order of posting', async () => {
    const [sender, receiver] = await bank.twoAccounts(0n);
    await postOne(bank.pool, deposit(sender, 1_000_000n, at(-24 * 40)));
    const posted = await postBatch(bank.pool, [
      // Out of the 30 days, then after the transaction under test: neither may count.
      transfer(sender, receiver, 99_000n, at(-24 * 35)),
      transfer(sender, receiver, 50_000n, at(10.6)),
      transfer(sender, receiver, 2_000n, at(10)),
      transfer(sender, receiver, 1_000n, at(9.75)),
      transfer(sender, receiver, 30_000n, at(10.5)),
      // Posted after it: what the bank did not know when it wrote it down.
      transfer(sender, receiver, 3_000n, at(10.25)),
    ]);
    const [score] = await untilScored(bank, [made(posted[4] as never)]);
    expect(score?.features_used).toMatchObject({
      type: 'transfer',
      currency: 'USD',
      amount: 300,
      amount_usd: 300,
      log_amount: 5.7071,
      hour_of_day: 10,
      day_of_week: 3,
      sender_transactions_1h: 2,
      sender_amount_usd_1h: 30,
      seconds_since_last: 1_800,
      amount_over_30d_mean: 20,
      share_of_balance: 0.03538,
      is_new_counterparty: false,
    });
  });

  it('counts others of the same moment that were posted before it, and never itself', async () => {
    const [sender, receiver] = await bank.twoAccounts(0n);
    await postOne(bank.pool, deposit(sender, 1_000_000n, at(-1)));
    const posted = await postBatch(
      bank.pool,
      [1, 2, 3].map(() => transfer(sender, receiver, 1_000n, at(12))),
    );
    const scores = await untilScored(bank, posted.map(made));
    expect(scores.map((score) => score.features_used.sender_transactions_1h)).toEqual([0, 1, 2]);
    expect(scores.map((score) => score.features_used.seconds_since_last)).toEqual([null, 0, 0]);
  });

  describe('back-dated by a person', () => {
    /** Twelve transfers, posted now, each dated a day before the one before it. */
    const spreadOut = (sender: string, receiver: string, more: Parameters<typeof transfer>[3]) =>
      Array.from({ length: 12 }, (_, index) =>
        transfer(sender, receiver, 1_000n, { ...at(24 * (12 - index) + 10), ...more }),
      );

    async function personWithAccounts(): Promise<{ user_id: string; sender: string; receiver: string }> {
      const { user_id } = await bank.createUser();
      const sender = await bank.openAccount(user_id);
      const receiver = await bank.openAccount(user_id);
      await postOne(bank.pool, deposit(sender, 1_000_000n, at(-24)));
      return { user_id, sender, receiver };
    }

    async function logIn(userId: string): Promise<void> {
      await bank.owner.execute(
        "INSERT INTO login_activity (user_id, username, succeeded, reason) VALUES (?, 'ada', TRUE, 'OK')",
        [userId],
      );
    }

    it('shows its burst on the clock of the bank', async () => {
      const { user_id, sender, receiver } = await personWithAccounts();
      await logIn(user_id);
      const posted = await postBatch(bank.pool, spreadOut(sender, receiver, { actor: user_id }));
      const scores = await untilScored(bank, posted.map(made));
      expect(scores.map((score) => score.features_used.sender_transactions_1h)).toEqual([...posted.keys()]);
      expect(scores[11]?.features_used.seconds_since_last).toBe(0);
      expect(scores[11]?.rules).toContain('velocity');
      expect(scores[11]?.verdict).not.toBe('SAFE');
    });

    it.each<[string, (userId: string) => Parameters<typeof transfer>[3]]>([
      ['for somebody who has never logged in', (userId) => ({ actor: userId })],
      ['by the bank itself', () => ({})],
    ])('is history that was loaded when it was posted %s', async (_by, moreOf) => {
      const { user_id, sender, receiver } = await personWithAccounts();
      const posted = await postBatch(bank.pool, spreadOut(sender, receiver, moreOf(user_id)));
      const scores = await untilScored(bank, posted.map(made));
      expect(scores.map((score) => score.features_used.sender_transactions_1h)).toEqual(Array(12).fill(0));

      await logIn(user_id);
      const own = made(await postOne(bank.pool, transfer(sender, receiver, 1_000n, { actor: user_id })));
      const [score] = await untilScored(bank, [own]);
      expect(score?.features_used.sender_transactions_1h).toBe(0);
    });
  });

  it('looks at no more than the 64 entries before it, however busy the account', async () => {
    const [sender, receiver] = await bank.twoAccounts(0n);
    await postOne(bank.pool, deposit(sender, 1_000_000n, at(-1)));
    const items = Array.from({ length: 130 }, (_, index) =>
      transfer(sender, receiver, index < 60 ? 5_000n : 1_000n, {
        effective_us: WEDNESDAY_US + index * 1_000_000,
      }),
    );
    const ids = (await postBatch(bank.pool, items)).map(made);
    const last = (await untilScored(bank, ids)).at(-1);
    expect(last?.features_used).toMatchObject({
      sender_transactions_1h: 64,
      seconds_since_last: 1,
      amount_over_30d_mean: 1,
    });
  });

  it('takes the credited customer as sender of deposits and refunds, without a share of the balance', async () => {
    const [account] = await bank.twoAccounts(0n);
    const posted = await postBatch(bank.pool, [
      deposit(account, 10_000n, at(8)),
      payment(account, 4_000n, at(9)),
      refund(account, 5_000n, at(10)),
    ]);
    const scores = await untilScored(bank, posted.map(made));
    expect(scores.map((score) => score.features_used.share_of_balance)).toEqual([null, 0.4, null]);
    expect(scores[2]?.features_used).toMatchObject({ seconds_since_last: 7_200, amount_over_30d_mean: 0.5 });
  });

  it('between accounts of the bank itself is safe, because there is nobody to judge', async () => {
    const cash = await systemAccount(bank.owner, 'cash');
    const equity = await systemAccount(bank.owner, 'equity');
    const capital = journal(
      [
        [cash, -250_000_000n],
        [equity, 250_000_000n],
      ],
      at(3),
    );
    const [score] = await untilScored(bank, [made(await postOne(bank.pool, capital))]);
    expect(score).toMatchObject({
      risk_score: '0.0000',
      verdict: 'SAFE',
      raw_score: null,
      model_version: 1,
      is_degraded: 0,
      features_used: { amount: 2_500_000, missing: 30, not_judged: 'no account of a customer takes part' },
    });
  });

  it('of the bank itself, such as a reversal or a fee, is safe whatever its amount, and raises no alert', async () => {
    const [account] = await bank.twoAccounts(0n);
    const cash = await systemAccount(bank.owner, 'cash');
    const paid = made(await postOne(bank.pool, deposit(account, 9_000_000n)));
    const legs: [string, bigint][] = [
      [account, -4_000_000n],
      [cash, 4_000_000n],
    ];
    const own = [
      made(await postOne(bank.pool, journal(legs, { channel: 'recovery' }))),
      made(await postOne(bank.pool, journal([...legs].reverse().map(([id, amount]) => [id, -amount])))),
      made(await postOne(bank.pool, reversal(paid))),
    ];
    const scores = await untilScored(bank, [paid, ...own]);
    expect(scores[0]?.verdict).not.toBe('SAFE');
    for (const score of scores.slice(1)) {
      expect(score).toMatchObject({ risk_score: '0.0000', verdict: 'SAFE', raw_score: null, rules: [] });
      expect(score.features_used).toMatchObject({ not_judged: 'the bank itself made it' });
    }
    const alerts = await bank.owner.query<{ transaction_id: string }>(
      'SELECT transaction_id FROM alerts WHERE transaction_id >= ?',
      [paid],
    );
    expect(alerts.map(({ transaction_id }) => String(transaction_id))).toEqual([paid]);
  });

  it('is at least suspicious when it is of high value, whatever the model says', async () => {
    const [account] = await bank.twoAccounts(0n);
    const ids = (
      await postBatch(bank.pool, [
        deposit(account, 1_200_000n, at(-24 * 20)),
        deposit(account, 1_100_000n, at(-24 * 10)),
        deposit(account, 1_500_000n, at(11)),
      ])
    ).map(made);
    const score = (await untilScored(bank, ids)).at(-1);
    expect(score?.raw_score).toBeGreaterThan(0);
    expect(Number(score?.risk_score)).toBeGreaterThanOrEqual(0.55);
    expect(score?.rules).toContain('high_value');
    expect(score?.features_used.model_risk).toBeLessThanOrEqual(Number(score?.risk_score) + 0.0001);
  });

  it.each([
    ['transfer', (account: string, other: string) => transfer(account, other, 1_500_000n, at(3))],
    ['deposit', (account: string) => deposit(account, 1_500_000n, at(3))],
  ])('is critical as a %s of $15,000 at three in the morning where $50 is usual', async (_type, unusual) => {
    const [account, other] = await bank.twoAccounts(0n);
    await postOne(bank.pool, deposit(account, 5_000_000n, at(-24 * 40)));
    const usual = Array.from({ length: 20 }, (_, day) => [
      payment(account, 5_000n, at(-24 * day - 10)),
      deposit(account, 5_000n, at(-24 * day - 9)),
    ]).flat();
    await postBatch(bank.pool, usual);
    const id = made(await postOne(bank.pool, unusual(account, other)));
    const [score] = await untilScored(bank, [id]);
    expect(score?.verdict).toBe('CRITICAL');
    const line = await eventually(async () => lines.find((text) => text.startsWith(`TXN #${id} |`)));
    expect(line).toBe(`TXN #${id} | $15,000.00 | score ${score?.risk_score} | CRITICAL`);
  });

  it('scores an unusual one far above ordinary ones, of which about one in a hundred is suspicious', async () => {
    const [sender, receiver] = await bank.twoAccounts(0n);
    await postOne(bank.pool, deposit(sender, 10_000_000n, at(-24 * 29)));
    const ordinary = Array.from({ length: 160 }, (_, index) =>
      payment(sender, BigInt(1_500 + ((index * 7_919) % 6_000)), at(-24 * 28 + index * 4 + 12 + (index % 3))),
    ).filter((item) => new Date((item.effective_us ?? 0) / 1000).getUTCHours() >= 7);
    const usual = (await postBatch(bank.pool, ordinary)).map(made);
    const odd = made(await postOne(bank.pool, transfer(sender, receiver, 6_000_000n, at(3))));
    const scores = await untilScored(bank, [...usual, odd]);
    const oddScore = scores.find((score) => score.transaction_id === odd);
    const usualRisks = scores.filter((score) => score !== oddScore).map((score) => Number(score.risk_score));
    expect(oddScore?.verdict).toBe('CRITICAL');
    expect(Number(oddScore?.risk_score)).toBeGreaterThan(Math.max(...usualRisks) + 0.2);
    expect(usualRisks.filter((risk) => risk >= 0.5).length / usualRisks.length).toBeLessThan(0.03);
  });

  it('keeps its first verdict when it is scored again', async () => {
    const [sender, receiver] = await bank.twoAccounts();
    const id = made(await postOne(bank.pool, transfer(sender, receiver, 700n)));
    const [first] = await untilScored(bank, [id]);
    const database = new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));
    try {
      const scorer = new Scorer(database, silent, { print: undefined });
      scorer.useModel({
        version: 1,
        model: { assess: () => ({ raw_score: 0.9, risk_score: 0.9 }) } as never,
        learned_from: 5_000,
      });
      await scorer.score([id, id, '999999999']);
    } finally {
      await database.close();
    }
    expect(await scoresOf(bank, [id])).toEqual([first]);
  });

  it('is judged by rules alone, marked so, when the model cannot run', async () => {
    const [sender, receiver] = await bank.twoAccounts(0n);
    await postOne(bank.pool, deposit(sender, 10_000_000n, at(0)));
    const posted = await postBatch(bank.pool, [
      transfer(sender, receiver, 1_500_000n, at(1)),
      transfer(sender, receiver, 5_000n, at(2)),
    ]);
    const ids = posted.map(made);
    await untilScored(bank, ids);
    const database = new WorkerDatabase(bank.urls.worker, 1, new ConnectionState('the database', silent));
    try {
      await new Scorer(database, silent, { print: undefined }).score(ids);
    } finally {
      await database.close();
    }
    const degraded = (await scoresOf(bank, ids)).filter((score) => score.model_version === 0);
    expect(degraded).toMatchObject([
      {
        risk_score: '0.8500',
        verdict: 'CRITICAL',
        raw_score: null,
        is_degraded: 1,
        rules: ['high_value', 'unusual_high_value_at_night'],
      },
      {
        risk_score: '0.0000',
        verdict: 'SAFE',
        raw_score: null,
        is_degraded: 1,
        rules: [],
      },
    ]);
  });
});
