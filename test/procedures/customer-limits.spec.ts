import { postBatch, type PostingOutcome } from '../../src/posting';
import { createTestBank, type TestBank } from '../support/bank';
import {
  capture,
  codesOf,
  deposit,
  freshKey,
  hold,
  integrityProblems,
  linked,
  made,
  payment,
  postOne,
  reversal,
  transfer,
  voidHold,
  withdrawal,
} from '../support/postings';

interface Limits {
  per_transaction?: number;
  per_day?: number;
  per_counterparty?: number;
}

/** Limits are of what a customer himself sends, by his worth over all accounts, on a UTC day. */
describe('limits of customers', () => {
  let bank: TestBank;
  let merchant: string;

  beforeAll(async () => {
    bank = await createTestBank();
    merchant = (
      await bank.owner.execute(
        "INSERT INTO merchants (merchant_key, name, mcc) VALUES (UNHEX(LEFT(SHA2('bakery', 256), 32)), 'Bakery', '5812')",
      )
    ).insertId;
  });
  afterAll(async () => {
    expect(await integrityProblems(bank.owner)).toEqual([]);
    await bank.close();
  });

  /** US cents. */
  async function setLimits(userId: string, limits: Limits): Promise<void> {
    const [row] = await bank.owner.query<{ revision: number }>(
      'SELECT revision FROM customer_limits WHERE user_id = ?',
      [userId],
    );
    await bank.owner.call('sp_set_user_limits', [
      userId,
      row?.revision ?? 0,
      true,
      limits.per_transaction ?? null,
      limits.per_day ?? null,
      limits.per_counterparty ?? null,
      'test',
    ]);
  }

  async function customer(limits: Limits = {}, currency = 'USD', balance = 100_000_000n) {
    const { user_id } = await bank.createUser();
    const account = await bank.openAccount(user_id, { currency, balance });
    await setLimits(user_id, limits);
    return { user_id, account, by: { owner: user_id, actor: user_id } };
  }

  async function receiver(currency = 'USD'): Promise<string> {
    return bank.openAccount((await bank.createUser()).user_id, { currency });
  }

  async function used(userId: string): Promise<number> {
    const [row] = await bank.owner.query<{ used_worth: string }>(
      "SELECT used_worth FROM limit_usage WHERE user_id = ? AND party_kind = ''",
      [userId],
    );
    return Number(row?.used_worth ?? 0) / 100;
  }

  const declineOf = async (item: { key: string }) =>
    (
      await bank.owner.query(
        'SELECT code, currency, limit_minor, left_minor FROM limit_declines WHERE idempotency_key = UNHEX(?)',
        [item.key],
      )
    )[0];

  it('declines what is over the limit of a transaction, and takes what equals it', async () => {
    const { account, by } = await customer({ per_transaction: 50_000 });
    const over = transfer(account, await receiver(), 50_001n, by);
    expect(await codesOf(bank.pool, over)).toEqual(['LIMIT_PER_TRANSACTION']);
    expect(await declineOf(over)).toEqual({
      code: 'LIMIT_PER_TRANSACTION',
      currency: 'USD',
      limit_minor: '50000',
      left_minor: '50000',
    });
    expect(await codesOf(bank.pool, transfer(account, await receiver(), 50_000n, by))).toEqual(['OK']);
  });

  it('counts a day over all kinds and accounts of the customer, in order', async () => {
    const { user_id, account, by } = await customer({ per_day: 100_000 });
    const other = await bank.openAccount(user_id, { balance: 1_000_000n });
    const to = await receiver();
    const late = payment(account, 30_000n, { ...by, merchant });
    expect(
      await codesOf(
        bank.pool,
        withdrawal(account, 40_000n, by),
        transfer(other, to, 40_000n, by),
        late,
        payment(account, 20_000n, { ...by, merchant }),
        withdrawal(account, 1n, by),
      ),
    ).toEqual(['OK', 'OK', 'LIMIT_PER_DAY', 'OK', 'LIMIT_PER_DAY']);
    expect(await declineOf(late)).toMatchObject({ limit_minor: '100000', left_minor: '20000' });
    expect(await used(user_id)).toBe(100_000);
    expect(await codesOf(bank.pool, withdrawal(other, 1n, by))).toEqual(['LIMIT_PER_DAY']);
  });

  it('counts what goes to one counterparty, whichever account of his, and a merchant', async () => {
    const { account, by } = await customer({ per_counterparty: 10_000 });
    const friend = await bank.createUser();
    const first = await bank.openAccount(friend.user_id);
    const second = await bank.openAccount(friend.user_id);
    expect(
      await codesOf(
        bank.pool,
        transfer(account, first, 6_000n, by),
        transfer(account, second, 6_000n, by),
        transfer(account, second, 4_000n, by),
        transfer(account, await receiver(), 10_000n, by),
        payment(account, 10_000n, { ...by, merchant }),
        withdrawal(account, 50_000n, by),
      ),
    ).toEqual(['OK', 'LIMIT_PER_COUNTERPARTY', 'OK', 'OK', 'OK', 'OK']);
    expect(await codesOf(bank.pool, payment(account, 1n, { ...by, merchant }))).toEqual([
      'LIMIT_PER_COUNTERPARTY',
    ]);
    expect(await codesOf(bank.pool, transfer(account, first, 1n, by))).toEqual(['LIMIT_PER_COUNTERPARTY']);
  });

  it('leaves alone what comes in, what stays with the customer, and what the bank does', async () => {
    const { user_id, account, by } = await customer({
      per_transaction: 100,
      per_day: 100,
      per_counterparty: 100,
    });
    const own = await bank.openAccount(user_id);
    const to = await receiver();
    expect(
      await codesOf(
        bank.pool,
        deposit(account, 5_000n, by),
        transfer(account, own, 5_000n, by),
        transfer(account, to, 5_000n),
        hold(account, 5_000n, { ...by, channel: 'risk' }),
      ),
    ).toEqual(['OK', 'OK', 'OK', 'OK']);
    const sent = await postOne(bank.pool, transfer(account, to, 100n, by));
    expect(await codesOf(bank.pool, reversal(made(sent)))).toEqual(['OK']);
    expect(await used(user_id)).toBe(100);
  });

  it('counts a hold when it is set aside, and not again when it is captured', async () => {
    const { user_id, account, by } = await customer({ per_day: 10_000 });
    const held = made(await postOne(bank.pool, hold(account, 8_000n, { ...by, merchant })));
    expect(await codesOf(bank.pool, hold(account, 3_000n, by))).toEqual(['LIMIT_PER_DAY']);
    expect(await codesOf(bank.pool, capture(held, 8_000n, by))).toEqual(['OK']);
    const more = made(await postOne(bank.pool, hold(account, 2_000n, by)));
    expect(await codesOf(bank.pool, voidHold(more, by))).toEqual(['OK']);
    expect(await used(user_id)).toBe(10_000);
  });

  it.each([
    ['EUR', 10_000n, 10_001n],
    ['JPY', 10_000n, 10_001n],
    ['INR', 500_000n, 500_001n],
    ['KWD', 30_000n, 30_001n],
  ])('knows the worth of %s', async (currency, all, over) => {
    const { account, by } = await customer({ per_transaction: 10_000 }, currency);
    const to = await receiver(currency);
    const item = transfer(account, to, over, { ...by, currency });
    expect(await codesOf(bank.pool, item)).toEqual(['LIMIT_PER_TRANSACTION']);
    expect(await declineOf(item)).toMatchObject({
      currency,
      limit_minor: String(all),
      left_minor: String(all),
    });
    expect(await codesOf(bank.pool, transfer(account, to, all, { ...by, currency }))).toEqual(['OK']);
  });

  it('does not count what is declined for another reason', async () => {
    const { user_id, account, by } = await customer({ per_day: 10_000 }, 'USD', 5_000n);
    expect(
      await codesOf(
        bank.pool,
        withdrawal(account, 6_000n, by),
        withdrawal(account, 5_000n, by),
        withdrawal(account, 5_000n, by),
        withdrawal(account, 5_001n, by),
      ),
    ).toEqual(['INSUFFICIENT_FUNDS', 'OK', 'INSUFFICIENT_FUNDS', 'LIMIT_PER_DAY']);
    expect(await used(user_id)).toBe(5_000);
  });

  it('gives back what a linked request took that failed', async () => {
    const { user_id, account, by } = await customer({ per_day: 10_000, per_counterparty: 9_000 });
    const to = await receiver();
    const items = [
      ...linked(1, transfer(account, to, 6_000n, by), withdrawal(account, 5_000n, by)),
      { ...transfer(account, to, 9_000n, by), request: 2 },
      ...linked(3, withdrawal(account, 1_000n, by), transfer(account, to, 1n, by)),
    ];
    expect((await postBatch(bank.pool, items)).map(({ code }) => code)).toEqual([
      'LINKED_FAILED',
      'LIMIT_PER_DAY',
      'OK',
      'LINKED_FAILED',
      'LIMIT_PER_DAY',
    ]);
    expect(await used(user_id)).toBe(9_000);
    const again = (await postBatch(bank.pool, items)).map(({ code, is_replayed }) => [code, is_replayed]);
    expect(again.every(([, replayed]) => replayed)).toBe(true);
    expect(await used(user_id)).toBe(9_000);
  });

  it('answers a repeat the same, also when there would be room by then', async () => {
    const { user_id, account, by } = await customer({ per_day: 100 });
    const item = withdrawal(account, 200n, by);
    expect(await codesOf(bank.pool, item)).toEqual(['LIMIT_PER_DAY']);
    await setLimits(user_id, { per_day: 1_000 });
    expect(await codesOf(bank.pool, item, item)).toEqual(['LIMIT_PER_DAY', 'LIMIT_PER_DAY']);
    expect(await declineOf(item)).toMatchObject({ limit_minor: '100', left_minor: '100' });
    expect(
      await bank.owner.query(
        'SELECT code, account_id, amount_minor, reason FROM declined_transactions WHERE account_id = ?',
        [account],
      ),
    ).toEqual([
      {
        code: 'LIMIT_PER_DAY',
        account_id: account,
        amount_minor: '200',
        reason: 'limit of 1.00 US dollars, 1.00 left',
      },
    ]);
  });

  it('begins anew with the next day', async () => {
    const { user_id, account, by } = await customer({ per_day: 1_000, per_counterparty: 1_000 });
    const to = await receiver();
    expect(await codesOf(bank.pool, transfer(account, to, 1_000n, by))).toEqual(['OK']);
    await bank.owner.execute(
      'UPDATE limit_usage SET usage_day = usage_day - INTERVAL 1 DAY WHERE user_id = ?',
      [user_id],
    );
    expect(
      await codesOf(bank.pool, transfer(account, to, 1_000n, by), transfer(account, to, 1n, by)),
    ).toEqual(['OK', 'LIMIT_PER_DAY']);
  });

  it('are those of role and KYC status unless the customer has his own', async () => {
    const { user_id } = await bank.createUser({ kyc_status: 'pending' });
    const account = await bank.openAccount(user_id, { balance: 1_000_000n });
    const by = { owner: user_id };
    const try1000 = () => codesOf(bank.pool, withdrawal(account, 100_001n, by));
    expect(await try1000()).toEqual(['LIMIT_PER_TRANSACTION']);
    await setLimits(user_id, {});
    expect(await try1000()).toEqual(['OK']);
    await bank.owner.call('sp_set_user_limits', [user_id, 1, false, null, null, null, 'test']);
    expect(await try1000()).toEqual(['LIMIT_PER_TRANSACTION']);
    await bank.owner.call('sp_update_user_standing', [user_id, null, 'verified', null]);
    expect(await try1000()).toEqual(['OK']);
    await bank.owner.call('sp_set_class_limits', ['customer', 'verified', 1, 100, null, null, 'test']);
    expect(await try1000()).toEqual(['LIMIT_PER_TRANSACTION']);
    await bank.owner.call('sp_set_class_limits', ['customer', 'verified', 2, null, null, null, 'test']);
    expect(await try1000()).toEqual(['OK']);
    const audited = await bank.owner.query<{ new_values: unknown }>(
      "SELECT new_values FROM system_audit_logs WHERE table_name = 'customer_limits'",
    );
    expect(JSON.stringify(audited)).toContain('verified');
  });

  it('is never passed by 32 clients together, on several accounts and connections', async () => {
    const { user_id, account, by } = await customer({ per_day: 100_000, per_counterparty: 60_000 });
    const accounts = [account];
    while (accounts.length < 8) accounts.push(await bank.openAccount(user_id, { balance: 1_000_000n }));
    const to = [await receiver(), await receiver(), await receiver()];
    const outcomes: PostingOutcome[] = (
      await Promise.all(
        Array.from({ length: 32 }, async (_, client) => {
          const items = Array.from({ length: 6 }, (_, index) =>
            transfer(accounts[(client + index) % 8] ?? '', to[(client * index) % 3] ?? '', 1_900n, {
              ...by,
              ...freshKey(),
            }),
          );
          const answers: PostingOutcome[] = [];
          for (const item of items) answers.push(...(await postBatch(bank.pool, [item])));
          return answers;
        }),
      )
    ).flat();
    const accepted = outcomes.filter(({ code }) => code === 'OK').length;
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(
      new Set(['OK', 'LIMIT_PER_DAY', 'LIMIT_PER_COUNTERPARTY']),
    );
    expect(accepted).toBe(52);
    expect(await used(user_id)).toBe(52 * 1_900);
    const parties = await bank.owner.query<{ used_worth: string }>(
      "SELECT used_worth FROM limit_usage WHERE user_id = ? AND party_kind = 'user'",
      [user_id],
    );
    for (const { used_worth } of parties) expect(Number(used_worth)).toBeLessThanOrEqual(6_000_000);
  });
});
