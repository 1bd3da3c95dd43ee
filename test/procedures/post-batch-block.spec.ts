import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { postBatch } from '../../src/posting';
import { recordVerdicts } from '../support/alerts';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

const FAR_US = Date.UTC(2199, 0, 1) * 1_000;

/** What the block-list and alerts forbid, decided with the posting itself. */
describe('sp_post_batch: blocks', () => {
  let bank: TestBank;
  let worker: Pool;
  let merchants = 0;

  beforeAll(async () => {
    bank = await createTestBank();
    worker = createBankPool(bank.urls.worker, { connectionLimit: 1 });
  });
  afterAll(async () => {
    expect(await p.integrityProblems(bank.owner)).toEqual([]);
    await worker.end();
    await bank.close();
  });

  async function customer(balance = 100_000n): Promise<{ user: string; account: string }> {
    const { user_id } = await bank.createUser();
    return { user: user_id, account: await bank.openAccount(user_id, { balance }) };
  }

  async function block(type: string, value: string, expiresAt: string | null = null): Promise<string> {
    const [rows] = await bank.owner.call<{ list_entry_id: string }>('sp_add_risk_list_entry', [
      'block',
      type,
      value,
      null,
      'Known to the police',
      expiresAt,
    ]);
    return String(rows?.[0]?.list_entry_id);
  }

  const unblock = (entry: string) => bank.owner.call('sp_remove_risk_list_entry', [entry, 'A mistake']);
  const runOut = (entry: string) =>
    bank.owner.execute(
      'UPDATE risk_list_entries SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE list_entry_id = ?',
      [entry],
    );
  const review = (account: string) =>
    bank.owner.execute("UPDATE accounts SET debit_block = 'review' WHERE account_id = ?", [account]);
  const markOf = async (account: string) =>
    (
      await bank.owner.query<{ debit_block: string | null }>(
        'SELECT debit_block FROM accounts WHERE account_id = ?',
        [account],
      )
    )[0]?.debit_block;

  async function newMerchant(): Promise<string> {
    merchants += 1;
    const { insertId } = await bank.owner.execute(
      "INSERT INTO merchants (merchant_key, name, mcc) VALUES (UNHEX(LEFT(SHA2(?, 256), 32)), 'Shady Goods', '5999')",
      [`m${merchants}`],
    );
    return insertId;
  }

  async function newCard(user: string, account: string): Promise<string> {
    const { insertId } = await bank.owner.execute(
      `INSERT INTO cards (user_id, account_id, source, brand, card_type, pan_first_six, pan_last_four, pan_hash, currency)
       VALUES (?, ?, 'test', 'Visa', 'debit', '411111', '1111', UNHEX(SHA2(?, 256)), 'USD')`,
      [user, account, account],
    );
    return insertId;
  }

  async function newestDecline(): Promise<{ code: string; rules: unknown }> {
    const [row] = await bank.owner.query<{ code: string; rules_triggered: unknown }>(
      'SELECT code, rules_triggered FROM declined_transactions ORDER BY declined_id DESC LIMIT 1',
    );
    const rules = row?.rules_triggered ?? null;
    return { code: row?.code ?? '', rules: typeof rules === 'string' ? JSON.parse(rules) : rules };
  }

  describe('an account under review', () => {
    it('sends nothing, by no kind of posting, and still receives', async () => {
      const { account } = await customer();
      const { account: other } = await customer();
      const held = p.made(await p.postOne(bank.pool, p.hold(account, 100n)));
      await review(account);
      expect(
        await p.codesOf(
          bank.pool,
          p.withdrawal(account, 1n),
          p.transfer(account, other, 1n),
          p.payment(account, 1n),
          p.hold(account, 1n),
          p.capture(held, 1n),
          p.deposit(account, 1n),
          p.refund(account, 1n),
          p.transfer(other, account, 1n),
        ),
      ).toEqual([...Array<string>(5).fill('ACCOUNT_UNDER_REVIEW'), 'OK', 'OK', 'OK']);
      expect(await newestDecline()).toEqual({ code: 'ACCOUNT_UNDER_REVIEW', rules: null });
    });

    it('lets the bank put things right', async () => {
      const { account } = await customer();
      const { account: other } = await customer();
      const [first, second] = (await postBatch(bank.pool, [p.hold(account, 10n), p.hold(account, 10n)])).map(
        p.made,
      );
      const sent = p.made(await p.postOne(bank.pool, p.transfer(other, account, 50n)));
      await bank.owner.execute("UPDATE holds SET expires_at = '2020-01-01' WHERE hold_id = ?", [
        second ?? '',
      ]);
      await review(account);
      expect(
        await p.codesOf(
          bank.pool,
          p.voidHold(first ?? ''),
          p.expire(second ?? ''),
          p.reversal(sent),
          p.journal([
            [account, -5n],
            [other, 5n],
          ]),
          p.hold(account, 10n, { channel: 'risk', expires_us: FAR_US }),
        ),
      ).toEqual(['OK', 'OK', 'OK', 'OK', 'OK']);
    });

    it('is an exception for the bank alone: a customer who calls a hold the bank’s own is refused', async () => {
      const { user, account } = await customer();
      await review(account);
      const item = p.hold(account, 10n, { channel: 'risk', owner: user });
      expect(await p.codesOf(bank.pool, item)).toEqual(['ACCOUNT_UNDER_REVIEW']);
    });
  });

  describe('the block-list', () => {
    it('stops an account on either side, and keeps the rule with the decline', async () => {
      const { account } = await customer();
      const { account: other } = await customer();
      const sent = p.made(await p.postOne(bank.pool, p.transfer(account, other, 5n)));
      const held = p.made(await p.postOne(bank.pool, p.hold(account, 5n)));
      await block('account', account);
      expect(
        await p.codesOf(
          bank.pool,
          p.transfer(account, other, 1n),
          p.transfer(other, account, 1n),
          p.deposit(account, 1n),
          p.refund(account, 1n),
          p.hold(account, 1n),
          p.withdrawal(other, 1n),
          p.voidHold(held),
          p.reversal(sent),
        ),
      ).toEqual([...Array<string>(5).fill('BLOCKED'), 'OK', 'OK', 'OK']);
      expect(await newestDecline()).toEqual({ code: 'BLOCKED', rules: ['blacklist'] });
    });

    it('stops every account of a user, those opened later too, until the entry is removed', async () => {
      const { user, account } = await customer();
      const { account: other } = await customer();
      const entry = await block('user', user);
      const later = await bank.openAccount(user);
      const tries = () => p.codesOf(bank.pool, p.transfer(account, other, 1n), p.transfer(other, later, 1n));
      expect(await tries()).toEqual(['BLOCKED', 'BLOCKED']);
      await unblock(entry);
      expect(await tries()).toEqual(['OK', 'OK']);
    });

    it('goes on as long as any entry names the account', async () => {
      const { user, account } = await customer();
      const byUser = await block('user', user);
      const byAccount = await block('account', account);
      await unblock(byUser);
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n))).toEqual(['BLOCKED']);
      await unblock(byAccount);
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n))).toEqual(['OK']);
    });

    it('ends by itself when the entry runs out, and gives way to a review that is still open', async () => {
      const { account } = await customer();
      const { account: other } = await customer();
      const sent = p.made(await p.postOne(bank.pool, p.transfer(account, other, 5n)));
      const entry = await block('account', account, '2199-01-01 00:00:00');
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n))).toEqual(['BLOCKED']);
      await runOut(entry);
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n))).toEqual(['OK']);
      await recordVerdicts(worker, [{ transaction_id: sent, risk_score: 0.95 }]);
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n), p.deposit(account, 1n))).toEqual([
        'ACCOUNT_UNDER_REVIEW',
        'OK',
      ]);
      await unblock(entry);
      expect(await markOf(account)).toBe('review');
    });

    it('that ran out stays over when the subject gets entries of other lists', async () => {
      const { account } = await customer();
      const entry = await block('account', account, '2199-01-01 00:00:00');
      await runOut(entry);
      await bank.owner.call('sp_add_risk_list_entry', ['allow', 'account', account, null, 'Trusted', null]);
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n))).toEqual(['OK']);
      const again = await block('account', account);
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n))).toEqual(['BLOCKED']);
      await unblock(again);
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n))).toEqual(['OK']);
    });

    it('wins over a review, and holds where only the mark says so', async () => {
      const { account } = await customer();
      await review(account);
      const entry = await block('account', account);
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n))).toEqual(['BLOCKED']);
      await unblock(entry);
      expect(await markOf(account)).toBeNull();
      await bank.owner.execute("UPDATE accounts SET debit_block = 'blacklist' WHERE account_id = ?", [
        account,
      ]);
      expect(await p.codesOf(bank.pool, p.withdrawal(account, 1n))).toEqual(['BLOCKED']);
    });

    it('stops a merchant and a card, also where a hold brings them along', async () => {
      const { user, account } = await customer();
      const merchant = await newMerchant();
      const card = await newCard(user, account);
      const [byMerchant, byCard] = (
        await postBatch(bank.pool, [p.hold(account, 5n, { merchant }), p.hold(account, 5n, { card })])
      ).map(p.made);
      const paid = p.made(await p.postOne(bank.pool, p.payment(account, 5n, { merchant })));
      const entry = await block('merchant', merchant);
      await block('card', card);
      expect(
        await p.codesOf(
          bank.pool,
          p.payment(account, 1n, { merchant }),
          p.payment(account, 1n, { merchant: await newMerchant() }),
          p.refund(account, 1n, { merchant }),
          p.payment(account, 1n, { card }),
          p.capture(byMerchant ?? ''),
          p.capture(byCard ?? ''),
          p.voidHold(byCard ?? ''),
          p.reversal(paid),
          p.withdrawal(account, 1n),
        ),
      ).toEqual(['BLOCKED', 'OK', 'BLOCKED', 'BLOCKED', 'BLOCKED', 'BLOCKED', 'OK', 'OK', 'OK']);
      await runOut(entry);
      expect(await p.codesOf(bank.pool, p.payment(account, 1n, { merchant }))).toEqual(['OK']);
    });

    it('comes after what is wrong with the accounts and before the funds', async () => {
      const { user, account } = await customer(10n);
      const { user: stranger, account: other } = await customer();
      const euros = await bank.openAccount(stranger, { currency: 'EUR' });
      await block('user', user);
      await review(other);
      expect(
        await p.codesOf(
          bank.pool,
          p.withdrawal(account, 1n, { owner: stranger }),
          p.transfer(account, euros, 1n),
          p.withdrawal(account, 1_000n),
          p.transfer(other, account, 1n),
          p.withdrawal(account, 1n, { effective_us: FAR_US }),
          p.withdrawal(account, 1n, { declined_reason: 'Bad PIN' }),
        ),
      ).toEqual([
        'ACCOUNT_NOT_FOUND',
        'CURRENCY_MISMATCH',
        'BLOCKED',
        'BLOCKED',
        'BLOCKED',
        'EXTERNALLY_DECLINED',
      ]);
    });

    it('changes no answer that was given before', async () => {
      const { account } = await customer();
      const accepted = p.withdrawal(account, 1n);
      const declined = p.withdrawal(account, 2n);
      expect(await p.codesOf(bank.pool, accepted)).toEqual(['OK']);
      const entry = await block('account', account);
      expect(await p.codesOf(bank.pool, accepted, declined)).toEqual(['OK', 'BLOCKED']);
      await unblock(entry);
      expect(await p.codesOf(bank.pool, accepted, declined)).toEqual(['OK', 'BLOCKED']);
    });

    it('declines all of a linked request', async () => {
      const { account } = await customer();
      const { account: other } = await customer();
      await block('account', account);
      expect(
        await p.codesOf(bank.pool, ...p.linked(1, p.deposit(other, 1n), p.transfer(other, account, 1n))),
      ).toEqual(['LINKED_FAILED', 'BLOCKED']);
    });
  });

  it.each(['account', 'user', 'merchant'])(
    'nothing is posted any more once an entry for the %s is there, however many batches are under way',
    async (type) => {
      const { user, account } = await customer(1_000_000n);
      const merchant = await newMerchant();
      const ids: Record<string, string> = { account, user, merchant };
      let isOver = false;
      const rounds = async (): Promise<string[]> => {
        const codes: string[] = [];
        while (!isOver) codes.push(...(await p.codesOf(bank.pool, p.payment(account, 1n, { merchant }))));
        return codes;
      };
      const posted = async () =>
        (
          await bank.owner.query<{ posted: string }>(
            'SELECT COUNT(*) AS posted FROM transactions WHERE merchant_id = ?',
            [merchant],
          )
        )[0]?.posted;
      const running = Promise.all([rounds(), rounds(), rounds(), rounds()]);
      while (Number(await posted()) < 20) await sleep(5);
      await block(type, ids[type] ?? '');
      const then = await posted();
      // One more of each, all begun after the entry.
      await sleep(50);
      isOver = true;
      const codes = (await running).flat();
      expect(codes).toContain('BLOCKED');
      expect(await posted()).toBe(then);
    },
  );

  it('looks up what a batch names in a long list, and does not read the list', async () => {
    const { user, account } = await customer();
    const merchant = await newMerchant();
    await block('user', user);
    await block('merchant', merchant);
    const kinds = ['account', 'user', 'merchant', 'card'];
    const rows = Array.from({ length: 4_000 }, (_, index) => [
      kinds[index % 4],
      String(9_000_000_000 + index),
    ]);
    await bank.owner.execute(
      `INSERT INTO risk_list_entries (list, subject_type, subject_value, reason)
       VALUES ${rows.map(() => "('block', ?, ?, 'Somebody else')").join(', ')}`,
      rows.flat(),
    );
    const one = createBankPool(bank.urls.owner, { connectionLimit: 1 });
    try {
      const read = async () => {
        const [status] = await one.query<RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Handler_read%'");
        return status.reduce((sum, row) => sum + Number(row.Value), 0);
      };
      await p.codesOf(one, p.deposit(account, 1n));
      const before = await read();
      expect(await p.codesOf(one, p.payment(account, 1n, { merchant }))).toEqual(['BLOCKED']);
      expect((await read()) - before).toBeLessThan(2_500);
    } finally {
      await one.end();
    }
  });

  it('the bank’s own fraud engine refuses by a code of its own, and its rules are kept', async () => {
    const { account } = await customer();
    const refused = p.withdrawal(account, 1n, { declined_reason: 'CRITICAL', declined_rules: ['velocity'] });
    expect(
      await p.codesOf(bank.pool, p.withdrawal(account, 1n, { declined_reason: 'Bad PIN' }), refused, refused),
    ).toEqual(['EXTERNALLY_DECLINED', 'RISK_DECLINED', 'RISK_DECLINED']);
    expect(await newestDecline()).toEqual({ code: 'RISK_DECLINED', rules: ['velocity'] });
  });
});
