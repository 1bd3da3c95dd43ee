import type { Pool } from 'mysql2/promise';
import { createBankPool } from '../../src/database';
import { idempotencyKey, postBatch, type PostingQueue } from '../../src/posting';
import { AlertActions, AlertLedger, type AlertToAct, EARLY_HOLD_UNTIL_US } from '../../src/risk';
import { AlertWatch } from '../../worker/actions/alert-watch';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import {
  accountState,
  alertedTransfer,
  alertOf,
  eventsOf,
  postingQueue,
  recordVerdicts,
} from '../support/alerts';
import {
  codesOf,
  deposit,
  fundsOf,
  hold,
  integrityProblems,
  linked,
  payment,
  postOne,
  reversal,
  transfer,
  voidHold,
  withdrawal,
} from '../support/postings';
import { createWorkerBank, silent, type WorkerBank } from './worker-bank';

describe('actions on alerts', () => {
  let bank: WorkerBank;
  let worker: Pool;
  let database: WorkerDatabase;
  let postings: PostingQueue;
  let actions: AlertActions;
  let ledger: AlertLedger;

  beforeAll(async () => {
    bank = await createWorkerBank();
    worker = createBankPool(bank.urls.worker, { connectionLimit: 4 });
    database = new WorkerDatabase(bank.urls.worker, 4, new ConnectionState('the database', silent));
    postings = postingQueue(database.pool);
    actions = new AlertActions(database, postings);
    ledger = new AlertLedger(database);
  });
  afterAll(async () => {
    await postings.drain();
    await database.close();
    await worker.end();
    const problems = await integrityProblems(bank.owner);
    await bank.close();
    expect(problems).toEqual([]);
  });

  const read = async (alertId: string): Promise<AlertToAct> => (await ledger.alert(alertId)) as AlertToAct;
  const customer = async (balance = 0n) => bank.openAccount((await bank.createUser()).user_id, { balance });
  const holdsOf = async (account: string) =>
    bank.owner.query<{ hold_id: string; status: string; amount_minor: string }>(
      'SELECT hold_id, status, amount_minor FROM holds WHERE account_id = ? ORDER BY hold_id',
      [account],
    );
  /** As an analyst would over the API, without its settlement. */
  const decide = async (alertId: string, label: string, reverse: boolean | null = null) => {
    const analyst = (await bank.createUser({ role: 'analyst' })).user_id;
    await bank.owner.onConnection(
      { user_id: analyst, ip_address: null, request_id: null },
      async (queries) => {
        const { key, hash } = bank.key();
        await queries.call('sp_decide_alert', [
          alertId,
          (await alertVersion(alertId)) ?? 0,
          label,
          reverse,
          null,
          null,
          key,
          hash,
        ]);
      },
    );
    return analyst;
  };
  const alertVersion = async (alertId: string) =>
    (
      await bank.owner.query<{ version: number }>('SELECT version FROM alerts WHERE alert_id = ?', [alertId])
    )[0]?.version;

  it('holds what was credited and blocks the sender, once', async () => {
    const { sender, receiver, transaction_id, alert } = await alertedTransfer(bank, worker);
    expect(alert).toMatchObject({ status: 'open', actions_state: 'pending', priority: 1 });
    expect(await actions.advance(alert.alert_id)).toBe(true);
    expect(await actions.advance(alert.alert_id)).toBe(false);
    expect(await fundsOf(bank.owner, receiver)).toMatchObject({ held: 10_000n, available: 0n });
    expect(await accountState(bank.owner, sender)).toEqual({ debit_block: 'review', status: 'active' });
    expect(await alertOf(bank.owner, transaction_id)).toMatchObject({
      actions_state: 'done',
      held_minor: '10000',
    });
    expect(await eventsOf(bank.owner, alert.case_id)).toEqual(['opened', 'alert_raised', 'held', 'blocked']);
  });

  it('holds what is left, and less than that when it goes in the very moment', async () => {
    const { receiver, alert } = await alertedTransfer(bank, worker);
    await postOne(bank.pool, withdrawal(receiver, 6_000n));
    // Between the look and the posting another part goes: the first try is declined, the next one fits.
    const submit = postings.submit.bind(postings);
    const racing = Object.assign(Object.create(postings) as PostingQueue, {
      submit: async (...parameters: Parameters<PostingQueue['submit']>) => {
        if ((await fundsOf(bank.owner, receiver)).balance === 4_000n)
          await postOne(bank.pool, withdrawal(receiver, 1_500n));
        return submit(...parameters);
      },
    });
    await new AlertActions(database, racing).advance(alert.alert_id);
    expect(await fundsOf(bank.owner, receiver)).toEqual({ balance: 2_500n, held: 2_500n, available: 0n });
  });

  it('holds nothing where nothing is left, and never an overdraft', async () => {
    const receiver = await bank.openAccount((await bank.createUser()).user_id, { overdraft: 5_000n });
    const { alert, transaction_id } = await alertedTransfer(bank, worker, { to: receiver });
    await postOne(bank.pool, withdrawal(receiver, 12_000n));
    await actions.advance(alert.alert_id);
    expect(await holdsOf(receiver)).toEqual([]);
    expect(await alertOf(bank.owner, transaction_id)).toMatchObject({
      actions_state: 'done',
      held_minor: '0',
    });
    expect(await eventsOf(bank.owner, alert.case_id)).toContain('not_held');
  });

  it('one hold, whatever step the process died after, and with several at once', async () => {
    const { receiver, transaction_id, alert } = await alertedTransfer(bank, worker);
    const seen = await read(alert.alert_id);
    // Died after the hold, before it was written down; more money came in meanwhile.
    await actions.hold(seen);
    await postOne(bank.pool, deposit(receiver, 99_000n));
    await Promise.all([1, 2, 3].map(() => actions.advance(alert.alert_id)));
    // One that slept since it read the alert as pending.
    await actions.finish(seen, await actions.hold(seen));
    expect(await holdsOf(receiver)).toMatchObject([{ status: 'active', amount_minor: '10000' }]);
    expect(await alertOf(bank.owner, transaction_id)).toMatchObject({ held_minor: '10000' });
    expect(await eventsOf(bank.owner, alert.case_id)).toEqual(['opened', 'alert_raised', 'held', 'blocked']);
  });

  it('two alerts on one account hold what each brought', async () => {
    const receiver = await customer();
    const first = await alertedTransfer(bank, worker, { to: receiver, amount: 7_000n });
    const second = await alertedTransfer(bank, worker, { to: receiver, amount: 8_000n });
    await postOne(bank.pool, withdrawal(receiver, 5_000n));
    await Promise.all([actions.advance(first.alert.alert_id), actions.advance(second.alert.alert_id)]);
    expect(await fundsOf(bank.owner, receiver)).toEqual({ balance: 10_000n, held: 10_000n, available: 0n });
  });

  it('the owner can neither give back nor capture such a hold', async () => {
    const { receiver, alert } = await alertedTransfer(bank, worker);
    await actions.advance(alert.alert_id);
    const [held] = await holdsOf(receiver);
    const [row] = await bank.owner.query<{ user_id: string }>(
      'SELECT user_id FROM accounts WHERE account_id = ?',
      [receiver],
    );
    expect(await codesOf(bank.pool, voidHold(held?.hold_id ?? '', { owner: row?.user_id }))).toEqual([
      'HOLD_NOT_FOUND',
    ]);
  });

  describe('release', () => {
    it('gives the hold back and lifts the block, whatever was repeated', async () => {
      const { sender, receiver, transaction_id, alert } = await alertedTransfer(bank, worker);
      await actions.advance(alert.alert_id);
      await decide(alert.alert_id, 'false_positive');
      const decided = await read(alert.alert_id);
      await actions.undo(decided);
      await Promise.all([actions.advance(alert.alert_id), actions.advance(alert.alert_id)]);
      await actions.settle(decided, null);
      expect(await fundsOf(bank.owner, receiver)).toMatchObject({ held: 0n, available: 10_000n });
      expect(await accountState(bank.owner, sender)).toEqual({ debit_block: null, status: 'active' });
      expect(await alertOf(bank.owner, transaction_id)).toMatchObject({
        actions_state: 'none',
        label: 'false_positive',
      });
      expect(await eventsOf(bank.owner, alert.case_id)).toEqual([
        'opened',
        'alert_raised',
        'held',
        'blocked',
        'released',
        'settled',
      ]);
    });

    it('leaves the block while another open alert of the account needs it', async () => {
      const { sender, alert } = await alertedTransfer(bank, worker, { amount: 1_000n });
      const other = await alertedTransfer(bank, worker, { from: sender, amount: 1_000n });
      for (const { alert_id } of [alert, other.alert]) await actions.advance(alert_id);
      await decide(alert.alert_id, 'false_positive');
      await actions.advance(alert.alert_id);
      expect((await accountState(bank.owner, sender)).debit_block).toBe('review');
      await decide(other.alert.alert_id, 'inconclusive');
      await actions.advance(other.alert.alert_id);
      expect((await accountState(bank.owner, sender)).debit_block).toBeNull();
    });

    it('does not lift the block of a block-list', async () => {
      const { sender, alert } = await alertedTransfer(bank, worker);
      await bank.owner.execute("UPDATE accounts SET debit_block = 'blacklist' WHERE account_id = ?", [
        sender,
      ]);
      await actions.advance(alert.alert_id);
      await decide(alert.alert_id, 'false_positive');
      await actions.advance(alert.alert_id);
      expect((await accountState(bank.owner, sender)).debit_block).toBe('blacklist');
    });

    it.each(['before', 'after'])(
      'shuts the door on a hold that comes late: its attempt %s the release',
      async (when) => {
        const { receiver, alert } = await alertedTransfer(bank, worker);
        const pending = await read(alert.alert_id);
        if (when === 'before') await actions.hold(pending);
        await decide(alert.alert_id, 'false_positive');
        await actions.advance(alert.alert_id);
        await actions.finish(pending, await actions.hold(pending));
        expect(await fundsOf(bank.owner, receiver)).toMatchObject({ held: 0n });
        expect((await holdsOf(receiver)).map((row) => row.status)).toEqual(
          when === 'before' ? ['voided'] : [],
        );
      },
    );
  });

  describe('confirm', () => {
    it('brings all of it back in one posting with the release of the hold, and freezes', async () => {
      const { sender, receiver, transaction_id, alert } = await alertedTransfer(bank, worker);
      await actions.advance(alert.alert_id);
      const analyst = await decide(alert.alert_id, 'confirmed_fraud');
      const decided = await read(alert.alert_id);
      await actions.undo(decided);
      await Promise.all([actions.advance(alert.alert_id), actions.advance(alert.alert_id)]);
      expect(await fundsOf(bank.owner, receiver)).toEqual({ balance: 0n, held: 0n, available: 0n });
      expect(await fundsOf(bank.owner, sender)).toMatchObject({ balance: 50_000n });
      expect(await accountState(bank.owner, sender)).toEqual({ debit_block: null, status: 'frozen' });
      const row = await alertOf(bank.owner, transaction_id);
      expect(row).toMatchObject({ actions_state: 'none', recovered_minor: '10000', recovery_code: 'OK' });
      const [label] = await bank.owner.query(
        'SELECT is_fraud, source, labelled_by FROM fraud_labels WHERE transaction_id = ?',
        [transaction_id],
      );
      expect(label).toEqual({ is_fraud: 1, source: 'analyst', labelled_by: analyst });
      const [audit] = await bank.owner.query<{ actor_user_id: string }>(
        "SELECT actor_user_id FROM system_audit_logs WHERE table_name = 'accounts' AND record_id = ? ORDER BY audit_id DESC LIMIT 1",
        [sender],
      );
      expect(String(audit?.actor_user_id)).toBe(analyst);
      // What brings money back raises no alert, however it is judged.
      const verdicts = [{ transaction_id: row.recovery_transaction_id ?? '', risk_score: 0.99 }];
      expect(await recordVerdicts(worker, verdicts)).toEqual({ recorded: 1, alerts: 0 });
    });

    it('brings back what is left when funds are gone, and says so', async () => {
      const { sender, receiver, transaction_id, alert } = await alertedTransfer(bank, worker);
      await postOne(bank.pool, withdrawal(receiver, 7_500n));
      await actions.advance(alert.alert_id);
      await postOne(bank.pool, deposit(receiver, 300n));
      await decide(alert.alert_id, 'confirmed_fraud');
      await actions.advance(alert.alert_id);
      expect(await fundsOf(bank.owner, receiver)).toEqual({ balance: 0n, held: 0n, available: 0n });
      expect(await fundsOf(bank.owner, sender)).toMatchObject({ balance: 42_800n });
      const row = await alertOf(bank.owner, transaction_id);
      expect(row).toMatchObject({ recovered_minor: '2800', recovery_code: 'INSUFFICIENT_FUNDS' });
      const verdicts = [{ transaction_id: row.recovery_transaction_id ?? '', risk_score: 0.99 }];
      expect(await recordVerdicts(worker, verdicts)).toEqual({ recorded: 1, alerts: 0 });
    });

    it('brings back own money alone, never the overdraft', async () => {
      const receiver = await bank.openAccount((await bank.createUser()).user_id, { overdraft: 20_000n });
      const { sender, transaction_id, alert } = await alertedTransfer(bank, worker, { to: receiver });
      await postOne(bank.pool, withdrawal(receiver, 9_000n));
      await decide(alert.alert_id, 'confirmed_fraud');
      await actions.advance(alert.alert_id);
      expect(await fundsOf(bank.owner, receiver)).toMatchObject({ balance: 0n, held: 0n });
      expect(await fundsOf(bank.owner, sender)).toMatchObject({ balance: 41_000n });
      expect(await alertOf(bank.owner, transaction_id)).toMatchObject({
        recovered_minor: '1000',
        recovery_code: 'INSUFFICIENT_FUNDS',
      });
    });

    it('counts what was held with the posting, also where the verdict called for no hold', async () => {
      const [sender, receiver] = [await customer(50_000n), await customer(0n)];
      const outcomes = await postBatch(
        bank.pool,
        linked(
          1,
          transfer(sender, receiver, 10_000n),
          hold(receiver, 10_000n, { channel: 'risk', expires_us: EARLY_HOLD_UNTIL_US }),
        ),
      );
      const transaction_id = outcomes[0]?.transaction_id ?? '';
      await recordVerdicts(worker, [{ transaction_id, risk_score: 0.6 }]);
      const { alert_id } = await alertOf(bank.owner, transaction_id);
      await decide(alert_id, 'confirmed_fraud');
      await actions.advance(alert_id);
      expect(await fundsOf(bank.owner, sender)).toMatchObject({ balance: 50_000n });
      expect(await alertOf(bank.owner, transaction_id)).toMatchObject({ recovery_code: 'OK' });
    });

    it('brings back nothing where nothing is left', async () => {
      const { receiver, transaction_id, alert } = await alertedTransfer(bank, worker);
      await postOne(bank.pool, withdrawal(receiver, 10_000n));
      await decide(alert.alert_id, 'confirmed_fraud');
      await actions.advance(alert.alert_id);
      expect(await alertOf(bank.owner, transaction_id)).toMatchObject({
        actions_state: 'none',
        recovered_minor: '0',
        recovery_transaction_id: null,
        recovery_code: 'INSUFFICIENT_FUNDS',
      });
    });

    it('a payment comes back only when asked for; the account is frozen either way', async () => {
      const run = async (reverse: boolean | null) => {
        const account = await customer(50_000n);
        const { transaction_id } = await postOne(bank.pool, payment(account, 9_000n));
        await recordVerdicts(worker, [{ transaction_id: transaction_id ?? '', risk_score: 0.6 }]);
        const { alert_id } = await alertOf(bank.owner, transaction_id ?? '');
        await decide(alert_id, 'confirmed_fraud', reverse);
        await actions.advance(alert_id);
        expect((await accountState(bank.owner, account)).status).toBe('frozen');
        return (await fundsOf(bank.owner, account)).balance;
      };
      expect(await run(null)).toBe(41_000n);
      expect(await run(true)).toBe(50_000n);
    });

    it('keeps the money held when it cannot go back for another reason', async () => {
      const sender = await customer(10_000n);
      const { receiver, transaction_id, alert } = await alertedTransfer(bank, worker, { from: sender });
      await actions.advance(alert.alert_id);
      await bank.owner.call('sp_set_account_status', [sender, 'closed']);
      await decide(alert.alert_id, 'confirmed_fraud');
      await actions.advance(alert.alert_id);
      expect(await alertOf(bank.owner, transaction_id)).toMatchObject({
        actions_state: 'none',
        recovery_code: 'ACCOUNT_CLOSED',
      });
      expect(await fundsOf(bank.owner, receiver)).toMatchObject({ held: 10_000n });
    });
  });

  it('the watch takes the riskiest first', async () => {
    const risks = [0.81, 0.95, 0.85];
    const raised = new Map<string, number>();
    for (const risk_score of risks) {
      const { alert } = await alertedTransfer(bank, worker, { risk_score });
      raised.set(String(alert.alert_id), risk_score);
    }
    const taken: (number | undefined)[] = [];
    const noting = Object.assign(Object.create(actions) as AlertActions, {
      advance: (alertId: string) => {
        taken.push(raised.get(alertId));
        return actions.advance(alertId);
      },
    });
    const options = { interval_ms: 1, settle_after_s: 3_600, page_size: 1 };
    const watch = new AlertWatch(database, noting, silent, async () => undefined, options);
    await watch.round(new AbortController().signal);
    expect(taken.filter((risk) => risk !== undefined)).toEqual([0.95, 0.85, 0.81]);
  });

  it('the watch finds what is to do, passes over what fails, and completes what the API left', async () => {
    const stuck = await alertedTransfer(bank, worker);
    const left = await alertedTransfer(bank, worker);
    for (const { alert } of [stuck, left]) {
      await actions.advance(alert.alert_id);
      await decide(alert.alert_id, 'false_positive');
    }
    const good = await alertedTransfer(bank, worker);
    // What was asked under the key of its release is something else, so it is refused each time.
    const key = idempotencyKey('worker', `risk-release-${stuck.transaction_id}`);
    await postOne(bank.pool, deposit(stuck.sender, 1n, { key }));
    const options = { interval_ms: 1, settle_after_s: 0, page_size: 1 };
    const watch = new AlertWatch(database, actions, silent, async () => undefined, options);
    expect(await watch.round(new AbortController().signal)).toBe(2);
    expect(await alertOf(bank.owner, stuck.transaction_id)).toMatchObject({ actions_state: 'releasing' });
    expect(await alertOf(bank.owner, left.transaction_id)).toMatchObject({ actions_state: 'none' });
    expect(await alertOf(bank.owner, good.transaction_id)).toMatchObject({ actions_state: 'done' });
  });

  it('acts on CRITICAL and on rules that hold, not on journals, loaded history and SUSPICIOUS', async () => {
    const [from, to] = [await customer(90_000n), await customer()];
    const post = async (more = {}) =>
      (await postOne(bank.pool, transfer(from, to, 100n, more))).transaction_id ?? '';
    const rules = (more: object) => [{ rule: 'sanctions', version: 1, action: 'hold', ...more }];
    const cases: [object, Record<string, unknown>, string][] = [
      [{}, { risk_score: 0.8 }, 'pending'],
      [{}, { risk_score: 0.79 }, 'none'],
      [{}, { risk_score: 0.7, rules: rules({}) }, 'pending'],
      [{}, { risk_score: 0.7, rules: rules({ shadow: true }) }, 'none'],
      [{}, { risk_score: 0.7, rules: rules({ suppressed_by: '4' }) }, 'none'],
      [{ effective_us: Date.UTC(2024, 0, 1) * 1000 }, { risk_score: 0.9 }, 'none'],
    ];
    for (const [more, verdict, state] of cases) {
      const transaction_id = await post(more);
      await recordVerdicts(worker, [{ transaction_id, risk_score: 0, ...verdict }]);
      expect([verdict, (await alertOf(bank.owner, transaction_id)).actions_state]).toEqual([verdict, state]);
    }
  });

  it('reversals and journals open no alert, whatever their verdict says', async () => {
    const account = await customer(90_000n);
    const { transaction_id } = await postOne(bank.pool, deposit(account, 500n));
    const back = await postOne(bank.pool, reversal(transaction_id ?? ''));
    const verdict = { transaction_id: back.transaction_id ?? '', risk_score: 0.95 };
    expect(await recordVerdicts(worker, [verdict])).toEqual({ recorded: 1, alerts: 0 });
  });

  it('what was raised while the bank wanted no actions is not acted upon later either', async () => {
    const made = await alertedTransfer(bank, worker);
    const options = { interval_ms: 1, settle_after_s: 0, page_size: 10 };
    const watch = (acts: boolean) =>
      new AlertWatch(database, actions, silent, async () => undefined, { ...options, acts });
    await watch(false).round(new AbortController().signal);
    const waived = { actions_state: 'none', is_acting: 0, status: 'open', priority: 1, hold_id: null };
    expect(await alertOf(bank.owner, made.transaction_id)).toMatchObject(waived);
    await watch(false).round(new AbortController().signal);
    expect(await eventsOf(bank.owner, made.alert.case_id)).toEqual(['opened', 'alert_raised', 'not_held']);
    await watch(true).round(new AbortController().signal);
    expect(await alertOf(bank.owner, made.transaction_id)).toMatchObject(waived);
    expect((await accountState(bank.owner, made.sender)).debit_block).toBeNull();
    expect(await fundsOf(bank.owner, made.receiver)).toMatchObject({ held: 0n });
  });

  it('nor is what comes right after the others were waived', async () => {
    let late: Awaited<ReturnType<typeof alertedTransfer>> | undefined;
    const call: WorkerDatabase['call'] = async (procedure, parameters) => {
      const answer = await database.call(procedure, parameters);
      if (procedure === 'sp_waive_alert_actions') late ??= await alertedTransfer(bank, worker);
      return answer as never;
    };
    const busy = Object.assign(Object.create(database) as WorkerDatabase, { call });
    const options = { interval_ms: 1, settle_after_s: 0, page_size: 10, acts: false };
    await new AlertWatch(busy, actions, silent, async () => undefined, options).round(
      new AbortController().signal,
    );
    expect((await accountState(bank.owner, late?.sender ?? '')).debit_block).toBeNull();
    expect(await alertOf(bank.owner, late?.transaction_id ?? '')).toMatchObject({ actions_state: 'pending' });
  });

  it('a back-dated transfer of someone who is logged in is acted upon', async () => {
    const { user_id, username } = await bank.createUser();
    const from = await bank.openAccount(user_id, { balance: 1_000n });
    await bank.owner.execute(
      "INSERT INTO login_activity (user_id, username, succeeded, reason, occurred_at) VALUES (?, ?, 1, 'ok', UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE)",
      [user_id, username],
    );
    const dated = { effective_us: Date.UTC(2024, 0, 1) * 1000, actor: user_id, owner: user_id };
    const { transaction_id } = await postOne(bank.pool, transfer(from, await customer(), 100n, dated));
    await recordVerdicts(worker, [{ transaction_id: transaction_id ?? '', risk_score: 0.9 }]);
    expect(await alertOf(bank.owner, transaction_id ?? '')).toMatchObject({ actions_state: 'pending' });
  });
});
