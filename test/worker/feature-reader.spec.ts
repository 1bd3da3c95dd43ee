import { postBatch, type BatchItem } from '../../src/posting';
import { FeatureReader, type FeatureReaderOptions } from '../../worker/features/feature-reader';
import { FACT_NAMES } from '../../src/risk';
import { MerchantCounter } from '../../worker/features/merchant-activity';
import { ProfileBuilder } from '../../worker/features/profile-builder';
import { seededRandom } from '../../worker/models/random';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import {
  deposit,
  journal,
  made,
  payment,
  refund,
  systemAccount,
  transfer,
  withdrawal,
} from '../support/postings';
import { FeatureOracle, readRecords } from './feature-oracle';
import { createWorkerBank, silent, type WorkerBank } from './worker-bank';

const DAY_US = 86_400_000_000;
const CHANNELS = ['mobile', 'online', 'atm', undefined];
const PLACES = [
  ['5411', 'US'],
  ['5812', 'US'],
  ['7995', 'FR'],
  ['4111', null],
] as const;
const ALWAYS_FRESH = { labels_refresh_ms: 0, labels_recount_ms: 0 };

/** A bank with people who log in, and the means to post a random history on it. */
class RandomBank {
  readonly users: string[] = [];
  readonly accounts: { id: string; user: string }[] = [];
  readonly merchants: string[] = [];
  readonly posted: string[] = [];
  private readonly start_us = Date.now() * 1000;

  constructor(
    private readonly bank: WorkerBank,
    private readonly random: () => number,
  ) {}

  async open(): Promise<void> {
    for (const [mcc, country] of PLACES) {
      const { insertId } = await this.bank.owner.execute(
        'INSERT INTO merchants (merchant_key, name, mcc, country) VALUES (RANDOM_BYTES(16), ?, ?, ?)',
        [`Shop ${mcc}`, mcc, country],
      );
      this.merchants.push(insertId);
    }
    for (let index = 0; index < 5; index += 1) {
      const { user_id } = await this.bank.createUser();
      this.users.push(user_id);
      for (let own = 0; own < 1 + (index % 2); own += 1) {
        this.accounts.push({
          id: await this.bank.openAccount(user_id, { balance: 900_000_000n }),
          user: user_id,
        });
      }
      // The last one never logs in.
      for (let login = 0; login < index * 30 && index < 4; login += 1)
        await this.logIn(user_id, this.random() * 5);
    }
  }

  async logIn(user: string, daysAgo: number): Promise<void> {
    await this.bank.owner.execute(
      `INSERT INTO login_activity (user_id, username, succeeded, reason, ip_address, user_agent, occurred_at)
       VALUES (?, 'somebody', ?, 'OK', ?, ?, UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND)`,
      [
        user,
        this.random() < 0.7,
        this.pick(['10.0.0.1', '10.0.0.2', '10.0.0.3', null]),
        this.pick(['telephone', 'desk', null]),
        Math.round(daysAgo * DAY_US),
      ],
    );
  }

  /** Posts items of all kinds, many of them dated back, most of them on the first account; labels some of what is there. */
  async post(count: number): Promise<string[]> {
    const items = Array.from({ length: count }, () => this.item());
    const ids = (await postBatch(this.bank.pool, items)).map(made);
    this.posted.push(...ids);
    if (this.random() < 0.4) await this.logIn(this.pick(this.users.slice(0, 4)), 0);
    if (this.random() < 0.5) {
      await this.bank.owner.execute(
        `INSERT INTO fraud_labels (transaction_id, is_fraud, source, labelled_at) VALUES (?, ?, 'test', UTC_TIMESTAMP(6))
         ON DUPLICATE KEY UPDATE transaction_id = VALUES(transaction_id)`,
        [this.pick(this.posted), this.random() < 0.8],
      );
    }
    return ids;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }

  private item(): BatchItem {
    const from =
      this.random() < 0.5 ? (this.accounts[0] as { id: string; user: string }) : this.pick(this.accounts);
    const to = this.pick(this.accounts.filter((account) => account !== from));
    const amount = this.pick([
      1_000n,
      4_550n,
      100_000n,
      300_000n,
      850_000n,
      BigInt(10 + Math.ceil(this.random() * 90_000)),
    ]);
    const more = {
      effective_us: this.random() < 0.4 ? undefined : this.moment(),
      channel: this.pick(CHANNELS),
      actor: this.pick([from.user, from.user, to.user, undefined]),
    };
    const shop = { ...more, merchant: this.pick([...this.merchants, undefined]) };
    const kind = this.random();
    if (kind < 0.4) return transfer(from.id, to.id, amount, more);
    if (kind < 0.65) return payment(from.id, amount, shop);
    if (kind < 0.8) return deposit(from.id, amount, more);
    if (kind < 0.87) return withdrawal(from.id, amount, more);
    if (kind < 0.94) return refund(from.id, amount, shop);
    const last = this.pick(this.accounts.filter((account) => account !== from && account !== to));
    return journal(
      [
        [from.id, -amount],
        [to.id, amount - 7n],
        [last.id, 7n],
      ],
      { effective_us: more.effective_us },
    );
  }

  /** Within an hour, a day, a week or a quarter of a year; never before the books were opened. */
  private moment(): number {
    const reach = this.pick([1 / 24, 1, 7, 40, 110]);
    return Math.floor(this.start_us - this.random() * reach * DAY_US);
  }
}

describe('the feature reader', () => {
  let bank: WorkerBank;
  const databases: WorkerDatabase[] = [];

  beforeAll(async () => {
    bank = await createWorkerBank();
  });
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
    await bank.close();
  });

  function connect(): WorkerDatabase {
    const database = new WorkerDatabase(bank.urls.worker, 3, new ConnectionState('the database', silent));
    databases.push(database);
    return database;
  }

  function newReader(options: FeatureReaderOptions = {}): FeatureReader {
    return new FeatureReader(connect(), { ...ALWAYS_FRESH, ...options });
  }

  async function compare(
    reader: FeatureReader,
    ids: readonly string[],
    isCounted: boolean,
    oracle?: FeatureOracle,
  ): Promise<void> {
    const expected = oracle ?? new FeatureOracle(await readRecords(bank.owner));
    const found = await reader.read(ids);
    expect(found.map((item) => item.transaction_id)).toEqual([...ids].sort((a, b) => Number(a) - Number(b)));
    for (const { transaction_id, features } of found) {
      const wanted = expected.featuresOf(transaction_id);
      // How many transactions merchants have is counted a while later.
      const isLater = !isCounted && features.type !== 'transfer';
      if (isLater) wanted.counterparty_fraud_rate = features.counterparty_fraud_rate;
      const close = Object.fromEntries(
        Object.entries(wanted).map(([name, value]) => [
          name,
          typeof value === 'number' ? (expect.closeTo(value, 7) as unknown) : value,
        ]),
      );
      expect({ transaction_id, ...features }).toEqual({ transaction_id, ...close });
    }
  }

  it.each([11, 12, 13])(
    'says what the definitions say, however the history came about (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const world = new RandomBank(bank, random);
      await world.open();
      const first = newReader();
      const second = newReader();
      // Remembers next to nothing, so that it lives from saved profiles.
      const forgetful = newReader({ cache_bytes: 30_000 });
      const readers = [first, second, forgetful];
      for (let round = 0; round < 14; round += 1) {
        const ids = await world.post(1 + Math.floor(random() * 45));
        // Workers take turns, groups overlap and come out of order, and some transactions are judged again.
        const again = Array.from({ length: 5 }, () => world.pick(world.posted));
        const group = [...new Set([...ids.filter(() => random() < 0.7), ...again])];
        const late = ids.filter((id) => !group.includes(id));
        const oracle = new FeatureOracle(await readRecords(bank.owner));
        const reader = world.pick(readers);
        await Promise.all([
          compare(reader, group, false, oracle),
          compare(world.pick(readers), late, false, oracle),
        ]);
      }
      const counter = new MerchantCounter(connect(), 0);
      await counter.step();
      const oracle = new FeatureOracle(await readRecords(bank.owner));
      await forgetful.settled();
      for (const reader of [first, newReader(), newReader({ cache_bytes: 30_000 })]) {
        await compare(reader, world.posted, true, oracle);
      }
      // One by one, backwards: each as if it were the first that a worker sees.
      const cold = newReader();
      for (const id of [...world.posted].reverse().filter(() => random() < 0.15))
        await compare(cold, [id], true, oracle);
    },
    60_000,
  );

  it('answers with every fact but those that lists give', async () => {
    const [sender, receiver] = await bank.twoAccounts();
    const [id] = (await postBatch(bank.pool, [transfer(sender, receiver, 1_000n)])).map(made);
    const [found] = await newReader().read([id ?? '']);
    const byLists = ['is_blacklisted', 'sanctions_match', 'missing'];
    expect(Object.keys(found?.features ?? {}).sort()).toEqual(
      FACT_NAMES.filter((name) => !byLists.includes(name)).sort(),
    );
  });

  it('knows nobody in a movement between accounts of the bank itself', async () => {
    const cash = await systemAccount(bank.owner, 'cash');
    const equity = await systemAccount(bank.owner, 'equity');
    const [id = ''] = (
      await postBatch(bank.pool, [
        journal([
          [cash, -5_000n],
          [equity, 5_000n],
        ]),
      ])
    ).map(made);
    const [found] = await newReader().read([id]);
    expect(found).toMatchObject({
      has_sender: false,
      features: { amount: 50, sender_transactions_1h: null },
    });
  });

  it('reads from the ledger what a broken or old saved profile does not say', async () => {
    const [sender, receiver] = await bank.twoAccounts();
    const ids = (
      await postBatch(
        bank.pool,
        Array.from({ length: 80 }, () => transfer(sender, receiver, 1_000n)),
      )
    ).map(made);
    await compare(newReader(), ids, false);
    await bank.owner.execute(
      'UPDATE account_profiles SET profile = LEFT(profile, 100) WHERE account_id = ?',
      [sender],
    );
    await bank.owner.execute("UPDATE account_profiles SET profile = 'x' WHERE account_id = ?", [receiver]);
    await compare(newReader(), ids.slice(-3), false);
  });

  it('finds profiles that were built because nobody had saved them', async () => {
    const [sender, receiver] = await bank.twoAccounts();
    const items = Array.from({ length: 70 }, () => transfer(sender, receiver, 1_000n));
    const ids = (await postBatch(bank.pool, items)).map(made);
    await bank.owner.execute('DELETE FROM account_profiles');
    const builder = new ProfileBuilder(connect());
    await builder.step();
    const saved = await bank.owner.query<{ account_id: string; next_account_seq: string }>(
      'SELECT account_id, next_account_seq FROM account_profiles WHERE account_id IN (?, ?) ORDER BY account_id',
      [sender, receiver],
    );
    expect(saved.map((row) => [String(row.account_id), Number(row.next_account_seq)])).toEqual([
      [sender, 72],
      [receiver, 71],
    ]);
    const [next = ''] = (await postBatch(bank.pool, [transfer(sender, receiver, 1_000n)])).map(made);
    await compare(newReader(), [...ids.slice(-2), next], false);
  });

  it('forgets a fraud that was none', async () => {
    const [sender, receiver] = await bank.twoAccounts();
    const [fraud = ''] = (await postBatch(bank.pool, [transfer(sender, receiver, 1_000n)])).map(made);
    const label = (isFraud: boolean) =>
      bank.owner.execute(
        `INSERT INTO fraud_labels (transaction_id, is_fraud, source, labelled_at) VALUES (?, ?, 'test', UTC_TIMESTAMP(6))
         ON DUPLICATE KEY UPDATE is_fraud = VALUES(is_fraud)`,
        [fraud, isFraud],
      );
    const reader = newReader();
    await label(true);
    const [later = ''] = (await postBatch(bank.pool, [transfer(sender, receiver, 1_000n)])).map(made);
    const rate = async (): Promise<number | null> =>
      (await reader.read([later]))[0]?.features.counterparty_fraud_rate ?? null;
    expect(await rate()).toBeCloseTo(1.02 / 21);
    await label(false);
    expect([null, 0.001]).toContain(await rate());
  });

  it('counts each transaction of a merchant once, by several workers', async () => {
    const counters = [new MerchantCounter(connect(), 0), new MerchantCounter(connect(), 0)];
    await Promise.all(counters.map((counter) => counter.step()));
    await Promise.all(counters.map((counter) => counter.step()));
    const [row] = await bank.owner.query<{ counted: string; there: string }>(
      `SELECT (SELECT SUM(transactions_count) FROM merchant_activity) AS counted,
        (SELECT COUNT(*) FROM transactions WHERE merchant_id IS NOT NULL) AS there`,
    );
    expect(row?.counted).toBe(String(row?.there));
  });
});
